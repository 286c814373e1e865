//! Servers and clients for the socket tests. Each test binary uses a part of them.
#![allow(dead_code, unreachable_pub)]

pub mod fetching;
pub mod flooder;
pub mod http2_frames;
pub mod raw_server;
pub mod tls_server;
