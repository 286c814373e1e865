//! All integration tests in one binary, because linking dominates the time to build them. Each test runs a gateway on real sockets,
//! with ad servers of vast-mock behind it.

mod access;
mod actions;
mod admin;
mod answers;
mod beacons;
mod bugs;
mod config_page;
mod configuration;
mod connections;
mod dashboard;
mod faults;
mod http2;
mod inspection;
mod lifecycle;
mod loops;
mod parameters;
mod reports;
mod requests;
mod sealing;
mod support;
mod tag_test;
mod telemetry;
