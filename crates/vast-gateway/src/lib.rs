//! A VAST gateway: one ad tag in, many ad servers behind it, one resolved document out.

#[allow(dead_code, unused_imports)]
mod serve;
