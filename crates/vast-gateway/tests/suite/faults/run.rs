//! Runs the cells of the matrix.

use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use strum::VariantArray;
use tokio::time::timeout;
use vast_client::journal::EndReason;
use vast_client::{
    AdRequest, ClientConfig, FetchConfig, FetchMode, FetchResult, Outcome, RunOptions, SourceConfig, VastClient,
};
use vast_gateway::Gateway;
use vast_gateway::config::GatewayConfig;

use super::fault::{Fault, SourceEnd};
use super::faults;
use super::servers::{FaultServers, GOOD, lookup};
use crate::support::{Running, on_free_ports};

/// How many cells run at the same time.
const AT_ONCE: usize = 48;
/// The time limit of a source whose fault is that it is too slow. It is short, and no cell depends on something that is faster.
const SLOW_SOURCE: Duration = Duration::from_millis(400);
/// The time limit of everything else: it never fires, also on a machine that is busy.
const LONG: Duration = Duration::from_secs(120);
/// The limit of the memory of the whole process of the tests, in kB: this matrix, its servers, and tests that run beside it.
const MOST_MEMORY_KB: u64 = 768 << 10;

/// One cell: a fault in a mode, alone or beside a good source.
#[derive(Clone, Copy)]
struct Cell<'a> {
    fault: &'a Fault,
    mode: FetchMode,
    is_alone: bool,
}

impl Cell<'_> {
    /// The name of its placement.
    fn name(&self) -> String {
        let company = if self.is_alone { "alone" } else { "beside" };
        format!("{}-{}-{company}", self.fault.name, self.mode)
    }

    fn config(&self, servers: &FaultServers) -> FetchConfig {
        let is_slow = self.fault.outcome == SourceEnd::Error(vast_client::ErrorType::Timeout);
        let limit = if is_slow { SLOW_SOURCE } else { LONG };
        let faulty = SourceConfig::url(servers.url(self.fault)).named("faulty").with_source_timeout(limit);
        let good = SourceConfig::url(servers.good()).named(GOOD).with_source_timeout(LONG);
        let sources = [Some(faulty), Some(good).filter(|_| !self.is_alone)];
        let mut config = FetchConfig::new(sources.into_iter().flatten()).with_mode(self.mode);
        config.strategy.retry.max_retries = 0;
        let limits = &mut config.strategy.limits;
        (limits.timeout, limits.hop_timeout, limits.connect_timeout, limits.idle_timeout) = (LONG, LONG, LONG, LONG);
        config
    }

    /// What is wrong with the answer of the library.
    fn complaint_about(&self, result: &FetchResult) -> Option<String> {
        let seen = end_of(result);
        let ads: Vec<_> = result.ads.iter().map(|ad| ad.ad.id.as_deref().unwrap_or_default()).collect();
        let expected = match (self.is_alone, self.fault.outcome) {
            (_, SourceEnd::Filled) => !ads.is_empty(),
            (true, SourceEnd::Error(_)) => ads.is_empty() && seen == Some(self.fault.outcome),
            // The good source may have won before the other one ended.
            (false, SourceEnd::Error(_)) => ads == [GOOD] && seen.is_none_or(|seen| seen == self.fault.outcome),
        };
        let reason = || result.source_report("faulty").and_then(|source| source.reason.clone());
        (!expected).then(|| format!("library: {seen:?}, ads {ads:?}, {:?}", reason()))
    }
}

/// How the source with the fault ended; `None` if another source won before.
fn end_of(result: &FetchResult) -> Option<SourceEnd> {
    let source = result.source_report("faulty").expect("a source of this name");
    match (&source.outcome, &source.reason) {
        (Outcome::Filled, _) => Some(SourceEnd::Filled),
        (_, Some(EndReason::Failure(failure))) => Some(SourceEnd::Error(failure.error_type)),
        _ => None,
    }
}

fn cells(faults: &[Fault]) -> Vec<Cell<'_>> {
    let of = |fault| {
        let modes = FetchMode::VARIANTS.iter().copied();
        modes.flat_map(move |mode| [true, false].map(|is_alone| Cell { fault, mode, is_alone }))
    };
    faults.iter().flat_map(of).collect()
}

/// The messages of all cells that fail.
async fn complaints(cells: impl Iterator<Item = (String, impl Future<Output = Option<String>>)>) -> Vec<String> {
    let ended = cells.map(|(name, cell)| async move {
        let complaint = timeout(2 * LONG, cell).await.unwrap_or_else(|_| Some("hangs".to_owned()));
        complaint.map(|complaint| format!("{name}: {complaint}"))
    });
    stream::iter(ended).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}

async fn in_library(client: &VastClient, config: FetchConfig, cell: &Cell<'_>) -> Option<String> {
    let orchestrator = client.orchestrator();
    let plan = orchestrator.plan(&config).expect("a configuration");
    let result = orchestrator.run(&plan, &AdRequest::default(), RunOptions::NONE).await;
    cell.complaint_about(&result)
}

async fn in_gateway(gateway: &Running, cell: &Cell<'_>) -> Option<String> {
    let answer = gateway.get(&format!("/v1/{}/vast", cell.name())).await;
    let outcome = if cell.is_alone { cell.fault.outcome.gateway_outcome() } else { "filled" };
    let is_any = cell.is_alone || cell.fault.outcome == SourceEnd::Filled;
    let is_good = is_any || answer.body.contains(&format!("<Ad id=\"{GOOD}\""));
    let holds = answer.status == 200 && answer.outcome() == outcome && answer.body.contains("<VAST") && is_good;
    (!holds).then(|| format!("gateway: {} {:?}, expected {outcome}", answer.status, answer.outcome()))
}

fn check_memory() {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return };
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak.and_then(|text| text.trim().strip_suffix(" kB")?.trim().parse().ok()).expect("a number");
    assert!(peak < MOST_MEMORY_KB, "{peak} kB");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_its_outcome_in_the_library() {
    let faults = faults();
    let servers = FaultServers::start(&faults).await;
    let mut config = FetchConfig::new([SourceConfig::inline("<VAST/>")]);
    config.ca_file = Some(servers.authority.ca_file());
    let client = VastClient::builder().lookup(lookup()).build(config).expect("a configuration");
    let cells = cells(&faults);
    let run = |cell| (Cell::name(cell), in_library(&client, cell.config(&servers), cell));
    let complaints = complaints(cells.iter().map(run)).await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    check_memory();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_its_outcome_in_the_gateway() {
    let faults = faults();
    let servers = FaultServers::start(&faults).await;
    let cells = cells(&faults);
    let mut config = GatewayConfig::default();
    on_free_ports(&mut config);
    config.server.ca_file = Some(servers.authority.ca_file());
    for cell in &cells {
        let client = ClientConfig::from(cell.config(&servers));
        config.placements.insert(cell.name(), client.into());
    }
    let builder = Gateway::builder().client(VastClient::builder().lookup(lookup()));
    let gateway = Running::of(builder.bind(config).await);
    let run = |cell| (Cell::name(cell), in_gateway(&gateway, cell));
    let complaints = complaints(cells.iter().map(run)).await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    check_memory();
}
