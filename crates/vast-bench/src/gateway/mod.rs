//! `vast serve` beside nginx, as separate processes: the same documents, the same number of workers, the same load generator.
//!
//! ```text
//! player (this process) ─┬─> vast serve ────────┬─> upstream: nginx, or scripted servers
//!                        └─> nginx proxy_pass ──┘
//! ```
//!
//! The CPU time is that of the process in the middle. Throughput is what the player gets while all processes share the processors.

mod bare_server;
mod beside_nginx;
mod counted;
mod held;
mod nginx;
mod overload;
mod player;
mod process;
mod race;
mod readers;
mod relay;
mod serve;

pub(crate) use bare_server::{ARGUMENT as BARE_SERVER, run as run_bare_server};
pub(crate) use beside_nginx::{measure as beside_nginx, observed};
pub(crate) use counted::measure as counted;
pub(crate) use held::measure as held;
pub(crate) use overload::measure as overload;
pub(crate) use race::measure as race;
pub(crate) use readers::measure as readers;
pub(crate) use relay::{ads as relayed_ads, hits as beacon_hits};
pub(crate) use serve::{ARGUMENT, run};
