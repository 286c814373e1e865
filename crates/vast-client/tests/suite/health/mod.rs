//! Sources over time: circuit breakers, the retry budget, limits and staggering, over many requests of one client on a paused
//! clock.

mod breaker;
mod ejection;
mod limits;
mod server;
mod simulation;
