//! Sends the news of this gateway, and reads those of the others.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use vast_nats::{MessageError, NewsChannel, NewsError, NewsListener};

use crate::fleet::{Fleet, GatewayNews, HealthStep, MOST_GATEWAYS, NewsEnd, Unused, millis};
use crate::state::GatewayState;

/// The time between two messages.
const PERIOD: Duration = Duration::from_secs(1);
/// The messages per second that are read. Further ones are counted.
const MOST_PER_SECOND: usize = 4 * MOST_GATEWAYS;
/// The wait before the channel is opened again.
const PAUSE: Duration = Duration::from_secs(1);

/// Sends what `own` gives once a second, and follows what the others say of sources. It does not end.
pub(crate) async fn exchange_news(channel: &NewsChannel, state: &GatewayState, own: impl Fn() -> GatewayNews) {
    tokio::join!(send(channel, &state.fleet, own), listen(channel, state));
}

async fn send(channel: &NewsChannel, fleet: &Fleet, own: impl Fn() -> GatewayNews) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        fleet.set_connected(channel.is_connected());
        if channel.is_connected() {
            let news = GatewayNews { sequence: fleet.next_sequence(), ..own() };
            // Plain data with text keys, so writing it cannot fail.
            channel.send(&serde_json::to_vec(&news).unwrap_or_default()).await;
        }
    }
}

async fn listen(channel: &NewsChannel, state: &GatewayState) {
    loop {
        match channel.listen().await {
            Ok(mut listener) => read(&mut listener, state).await,
            Err(error) => tracing::warn!(%error, "what other gateways see is not known"),
        }
        sleep(PAUSE).await;
    }
}

async fn read(listener: &mut NewsListener, state: &GatewayState) {
    let (mut second, mut number) = (Instant::now(), 0);
    while let Some(message) = listener.next().await {
        let now = Instant::now();
        if now.saturating_duration_since(second) >= PERIOD {
            (second, number) = (now, 0);
        }
        number += 1;
        // Before the signature is checked: who has no secret must not cost time by sending many messages.
        let end = match number > MOST_PER_SECOND {
            true => NewsEnd::TooMany,
            false => use_message(listener.open(&message), state, now),
        };
        state.fleet.count(end);
    }
}

fn use_message(message: Result<Vec<u8>, NewsError>, state: &GatewayState, now: Instant) -> NewsEnd {
    let bytes = match message {
        Ok(bytes) => bytes,
        Err(NewsError::TooLong) => return NewsEnd::TooLong,
        Err(NewsError::Message(MessageError::NotSigned)) => return NewsEnd::NotSigned,
        Err(NewsError::Message(MessageError::Newer)) => return NewsEnd::Newer,
        Err(_) => return NewsEnd::Damaged,
    };
    let Ok(news) = GatewayNews::from_bytes(&bytes) else { return NewsEnd::Damaged };
    let generation = state.generation();
    let knows = |placement: &str, source: &str| {
        generation.placement(placement).is_some_and(|placement| placement.plan.breaker(source).is_some())
    };
    let received = state.fleet.peers().receive(news, now, millis(state.env.wall()), knows);
    match received {
        Ok(steps) => {
            steps.iter().for_each(|step| follow(step, state));
            NewsEnd::Used
        }
        Err(Unused::Old) => NewsEnd::Old,
        Err(Unused::TooMany) => NewsEnd::TooMany,
    }
}

/// Ejects a source as another gateway has done, or ends that.
fn follow(step: &HealthStep, state: &GatewayState) {
    let generation = state.generation();
    let Some(placement) = generation.placement(&step.placement) else { return };
    let has_changed = match step.left {
        Some(left) => placement.plan.adopt_ejection(&step.source, step.origin, left),
        None => placement.plan.lift_ejection(&step.source, step.origin),
    };
    if has_changed {
        state.fleet.has_followed(step);
    }
}
