//! The binary itself, against scripted ad servers on this machine.

mod bad_input;
mod check_command;
mod configuration;
mod endings;
mod mock_command;
mod outbox;
mod run;
mod schema;
mod servers;
mod shown;
mod track_command;
mod tracking;
mod versions;
