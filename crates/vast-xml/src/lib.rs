//! The format: read, hold and write VAST.
