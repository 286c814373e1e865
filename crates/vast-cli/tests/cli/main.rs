//! The binary itself, against scripted ad servers on this machine.

mod bad_input;
mod binary;
mod check_command;
mod config_command;
mod config_schema;
mod configuration;
mod diff_command;
#[cfg(all(unix, feature = "serve"))]
mod documentation;
mod exit_codes;
mod explain_command;
mod logs;
mod mock_command;
mod open_files;
mod outbox;
mod playlists;
mod printed_output;
mod recordings;
mod repeat;
mod replay_command;
mod schema;
#[cfg(feature = "serve")]
mod serve_command;
mod servers;
mod signals;
mod terminal;
mod track_command;
mod tracking;
mod versions;
