//! See https://example.com/home/page.

const SAMPLES: &str = "/home/me/samples";
