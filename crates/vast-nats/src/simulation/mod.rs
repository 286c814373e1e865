//! Seeded runs of several gateways on a model of the broker that loses answers, repeats, reorders and delays messages, and stops for a
//! while, while gateways are killed. Afterwards no accepted beacon may be missing, and no tracker may be reached too often.
//!
//! `SIMULATION_RUNS=100000 cargo test -p vast-nats --release simulation` runs more of them; `SIMULATION_SEED` repeats one.

mod gateway;
mod lost_claim;
mod model;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use vast_client::env::Env;
use vast_client::track::outbox::{DeliveryState, Outbox, Record, Timestamp};

use self::gateway::{ModelGateway, TrackerAnswer, Trackers};
use self::model::Model;
use crate::names::{RetryDelay, StreamRole};

/// How often a beacon may be repeated after an attempt in doubt.
const MAX_IN_DOUBT: u32 = 1;
/// The runs of a usual test.
const RUNS: u64 = 150;

fn record(key: &str, host: usize, now: Timestamp) -> Record {
    vast_client::contract::sample_record(key, &format!("t{host}.example"), now)
}

/// One run: beacons are put while everything fails, then everything works, then the facts are checked.
async fn run(seed: u64) {
    let env = Env::fixed(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000), seed);
    let mut rng = Rng::with_seed(seed);
    let model = Model::new(env.clone(), rng.u64(..));
    let trackers = Trackers::new(rng.u64(..));
    let mut gateways: Vec<_> =
        (0..rng.usize(2..4)).map(|_| ModelGateway::start(&model, &trackers, &env, rng.u64(..))).collect();
    let mut accepted = Vec::new();
    for number in 0..rng.usize(5..20) {
        let key = format!("{}.{number}", "k".repeat(number % 3 + 1));
        // A player reports an event again if it got no answer, perhaps to another gateway, and sometimes for no reason.
        for _ in 0..rng.usize(1..4) {
            let gateway = &gateways[rng.usize(..gateways.len())];
            let now = Timestamp::from(env.wall());
            let put = gateway.outbox.put(vec![record(&key, number % 4, now)], now).await;
            if put.is_ok() {
                accepted.push(key.clone());
                if rng.u8(..5) > 0 {
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(rng.u64(..90_000) / 10)).await;
        }
        if rng.u8(..4) == 0 {
            let killed = rng.usize(..gateways.len());
            gateways[killed] = ModelGateway::start(&model, &trackers, &env, rng.u64(..));
        }
        if rng.u8(..8) == 0 {
            model.stop_for(Duration::from_secs(rng.u64(1..100)));
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(..8_000))).await;
    }
    model.end_faults();
    trackers.end_faults();
    let queues = || [StreamRole::Beacons].into_iter().chain(RetryDelay::ALL.map(StreamRole::Retry));
    for _ in 0..240 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        if queues().all(|place| model.messages(place) == 0) {
            break;
        }
    }
    drop(gateways);
    check(seed, &model, &trackers, &accepted);
}

fn check(seed: u64, model: &Model, trackers: &Trackers, accepted: &[String]) {
    for place in [StreamRole::Beacons].into_iter().chain(RetryDelay::ALL.map(StreamRole::Retry)) {
        assert_eq!(model.messages(place), 0, "seed {seed}: {place:?} is not empty");
    }
    let rows: HashMap<_, _> = model.rows(StreamRole::Ledger);
    let dead = model.rows(StreamRole::Dead);
    let calls = trackers.calls();
    for key in accepted {
        let Some(row) = rows.get(key) else { panic!("seed {seed}: {key} has no row") };
        let answers = calls.get(key).map_or(&[][..], Vec::as_slice);
        match row.state {
            DeliveryState::Delivered => {
                assert!(answers.contains(&TrackerAnswer::Accepted), "seed {seed}: {key} is delivered: {answers:?}");
            }
            DeliveryState::Dead => assert!(dead.contains_key(key), "seed {seed}: {key} is no dead letter"),
            state => panic!("seed {seed}: {key} is {state:?}"),
        }
    }
    for (key, answers) in &calls {
        let reached = answers.iter().filter(|answer| !answer.asks_for_another()).count();
        assert!(reached <= 1 + MAX_IN_DOUBT as usize, "seed {seed}: {key} was called {reached} times: {answers:?}");
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn no_accepted_beacon_is_lost_and_no_tracker_is_reached_too_often() {
    let seeds = match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_RUNS").unwrap_or(RUNS),
    };
    for seed in seeds {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(run(seed));
    }
}
