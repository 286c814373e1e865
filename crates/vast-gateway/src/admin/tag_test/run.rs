//! Runs a test: the placement with a plan and secrets of its own, so that no number, no circuit breaker and no valid token comes of it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use vast_client::RunOptions;
use vast_client::recording::{PersonalValues, Recorder, RecorderSettings, Recording};
use vast_client::wire::RequestResult;
use vast_explain::{DiffOptions, DiffRow, diff_answers};

use super::settings::TagSettings;
use crate::admin::requests::{ExplainedRequest, explain};
use crate::answer;
use crate::beacon::AnswerSealer;
use crate::config::{SecretText, TokenSecret};
use crate::counters::BeaconCounters;
use crate::generation::RelaySettings;
use crate::intake::{self, Sender, Trust};
use crate::state::GatewayState;
use crate::token::TokenSecrets;

/// The longest wait for the responses of sources that lost, after the answer.
const LINGER: Duration = Duration::from_secs(2);
/// The time between two looks whether they are there.
const LOOK: Duration = Duration::from_millis(20);
/// The longest document that is shown, in bytes.
const MOST_DOCUMENT: usize = 256 << 10;

/// A test with its second run, if one was asked for.
pub(in crate::admin) struct TestedTag {
    pub(in crate::admin) first: TestRun,
    pub(in crate::admin) second: Option<TestRun>,
}

/// One run of a test.
pub(in crate::admin) struct TestRun {
    pub(in crate::admin) settings: TagSettings,
    pub(in crate::admin) explained: ExplainedRequest,
    /// The document that a player would get. Its sealed URLs are answered with 404.
    pub(in crate::admin) document: String,
    /// Parameters that have no effect.
    pub(in crate::admin) unknown: Vec<String>,
}

/// A test as JSON.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TagTestReport<'a> {
    /// The version of this JSON form: 1.
    schema: u32,
    /// The result, as `vast request --format json` prints it.
    #[schemars(with = "serde_json::Value")]
    result: RequestResult<'a>,
    /// The VAST that a player would get. Its sealed URLs are worth nothing.
    document: &'a str,
    /// Parameters that have no effect.
    unknown_parameters: &'a [String],
    /// What differs in the second run, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Vec<DiffRow>>,
}

impl TestedTag {
    /// What differs between the runs.
    pub(in crate::admin) fn differences(&self) -> Option<Vec<DiffRow>> {
        let second = self.second.as_ref()?;
        Some(diff_answers(&self.first.explained.result, &second.explained.result, DiffOptions::default()))
    }

    pub(in crate::admin) fn report(&self) -> TagTestReport<'_> {
        TagTestReport {
            schema: 1,
            result: RequestResult::from(&self.first.explained.result),
            document: &self.first.document,
            unknown_parameters: &self.first.unknown,
            differences: self.differences(),
        }
    }
}

/// Runs a test. `permits` bounds how many run at the same time.
///
/// # Errors
/// What is wrong with the settings, or why there is no explanation.
pub(in crate::admin) async fn run(
    state: &GatewayState,
    permits: &Semaphore,
    (first, second): (TagSettings, Option<TagSettings>),
) -> Result<TestedTag, String> {
    let first = run_one(state, permits, first).await?;
    let second = match second {
        Some(settings) => {
            Some(run_one(state, permits, settings).await.map_err(|problem| format!("second run: {problem}"))?)
        }
        None => None,
    };
    Ok(TestedTag { first, second })
}

async fn run_one(state: &GatewayState, permits: &Semaphore, settings: TagSettings) -> Result<TestRun, String> {
    let generation = state.generation();
    let placement = generation.for_test(&settings.placement, state.client.orchestrator());
    let placement = placement.ok_or_else(|| format!("there is no placement `{}`", settings.placement))?;
    let placement = placement.map_err(|error| error.to_string())?;
    let query = settings.parsed().map_err(|error| error.to_string())?;
    let unknown = query.unknown.iter().map(|name| name.clone().into_owned()).collect();
    let (headers, none) = (HeaderMap::new(), HeaderMap::new());
    let loop_header = intake::loop_header(&none).map_err(|error| error.to_string())?;
    let sender = Sender { peer: IpAddr::V4(Ipv4Addr::LOCALHOST), headers: &headers, loop_header: &loop_header };
    let asked = intake::ask(&placement, &query, sender, Trust::All, &generation.server);
    let asked = asked.map_err(|error| error.to_string())?;
    // The values are those that the operator has typed, and the recording ends with this call.
    let recorder = Recorder::in_memory(1, RecorderSettings::default().with_personal_values(PersonalValues::Kept));
    let orchestrator = state.client.orchestrator();
    // Boxed, because the future of a request is large.
    let run = orchestrator.run_recorded(&placement.plan, &*asked.request, RunOptions::NONE, &recorder);
    let result = Box::pin(run).await;
    let recording = complete(&recorder, &result.metadata.request_id).await.ok_or("the test was not recorded")?;
    let counters = BeaconCounters::default();
    let relay = throw_away(generation.relay.as_ref())?;
    let consent = (&*result.ads, &result.request.consent);
    let read = result.document.as_ref().and_then(|document| document.version.as_deref());
    let version = asked.version.map(|version| version.as_str()).or(read);
    let mut sealer = AnswerSealer::new(&relay, &placement, consent, state.env.wall(), &counters);
    sealer = sealer.map(|sealer| sealer.for_version(version));
    let sealer = sealer.as_mut().filter(|_| placement.seals_documents());
    let document = if result.success { answer::vast(&result, asked.version, sealer) } else { bytes::Bytes::new() };
    let document = document.get(..document.len().min(MOST_DOCUMENT)).unwrap_or_default();
    let document = String::from_utf8_lossy(document).into_owned();
    let explained = explain(permits, move || Ok(recording)).await?;
    Ok(TestRun { settings, explained, document, unknown })
}

/// The recording, when nothing of the request is read any more.
async fn complete(recorder: &Recorder, id: &str) -> Option<Recording> {
    let until = Instant::now() + LINGER;
    loop {
        let recording = recorder.recording(id);
        if recording.is_some() || Instant::now() >= until {
            return recording;
        }
        sleep(LOOK).await;
    }
}

/// The settings of sealed URLs, with a secret that nothing else has.
fn throw_away(relay: Option<&RelaySettings>) -> Result<RelaySettings, String> {
    let secret = TokenSecret::new('t', SecretText::random()?)?;
    let secrets = TokenSecrets::new(&[secret]).ok_or("the operating system has no random bytes")?;
    let (public_url, lifetime) =
        relay.map_or_else(|| (String::new(), Duration::ZERO), |relay| (relay.public_url.clone(), relay.lifetime));
    Ok(RelaySettings { secrets, public_url, lifetime })
}
