//! The configuration of a replay.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use vast_xml::vmap::BreakType;

use super::body;
use super::error::ReplayError;
use crate::config::{ClientConfig, FetchConfig, Location, SourceConfig};
use crate::error::{ErrorType, Failure};
use crate::fetch::{FetchContext, FileSource, InlineSource, Prepared, Source};
use crate::recording::{PolicyFact, RecordedDocument, Recording};
use crate::transport::{Fetched, Target};

/// The configuration of a recorded request, with the viewer and the slot of the request. Change it and give it to
/// [`Replayer::what_if`](super::Replayer::what_if).
///
/// # Errors
/// [`ReplayError::Config`] if this version cannot read it.
pub fn recorded_config(recording: &Recording) -> Result<ClientConfig, ReplayError> {
    let recorded = &recording.request;
    let mut config = ClientConfig::parse(&recorded.config, Path::new("")).map_err(ReplayError::Config)?;
    let request = &mut config.request;
    request.timeout = recorded.timeout;
    request.break_id.clone_from(&recorded.break_id);
    request.slot.max_ad_duration = recorded.max_ad_duration;
    request.slot.non_linear = recorded.non_linear;
    request.slot.any_creative = recorded.any_creative;
    request.slot.break_types = recorded.break_types.iter().map(|name| BreakType::from_name(name)).collect();
    request.seed = Some(recorded.seed);
    Ok(config)
}

/// The configuration, whose sources and TLS settings name no file any more.
pub(super) fn without_files(mut config: FetchConfig, recording: &Recording) -> FetchConfig {
    config.ca_file = None;
    config.proxy = None;
    for source in config.sources.iter_mut().chain(&mut config.fallbacks) {
        (source.client_certificate, source.client_key) = (None, None);
        if let Some(local) = LocalSource::of(source, recording) {
            source.location = Location::Custom(Arc::new(local));
        }
    }
    config
}

/// A source that is asked without HTTP. Its document comes from the recording.
struct LocalSource {
    label: String,
    name: String,
    /// What the source prepared, or why it could not.
    prepared: Result<Prepared, Failure>,
}

impl LocalSource {
    /// `None` for a source that is asked by HTTP.
    fn of(source: &SourceConfig, recording: &Recording) -> Option<Self> {
        let (label, name) = match &source.location {
            Location::Url(_) => return None,
            Location::File(path) => of(&FileSource::new(path, 0)),
            Location::Inline(_) => of(&InlineSource::new("inline", "")),
            Location::Custom(custom) => of(&**custom),
        };
        let recorded = recording.request.local_sources.iter().find(|one| Some(&one.name) == source.name.as_ref());
        let label = recorded.map_or(label, |recorded| recorded.label.clone());
        let prepared = prepared(recording, source.name.as_deref().unwrap_or(&name), &label);
        Some(Self { label, name, prepared })
    }
}

/// What the recorded source with this name prepared, or why it could not.
fn prepared(recording: &Recording, name: &str, label: &str) -> Result<Prepared, Failure> {
    let not_prepared = recording.policy.iter().find_map(|fact| match fact {
        PolicyFact::NotPrepared { source, failure } if source == name => Some(body::failure(failure)),
        _ => None,
    });
    if let Some(failure) = not_prepared {
        return Err(failure);
    }
    let own = |one: &&RecordedDocument| &*one.place.source == name && one.place.hop == 0 && one.place.attempt > 0;
    let own = recording.documents.iter().find(own);
    let url = own.map_or(label, |document| &document.url);
    let target = own.and_then(|document| Target::parse(document.target.as_ref()?, None).ok());
    Ok(Prepared { url: url.into(), target })
}

fn of(source: &dyn Source) -> (String, String) {
    (source.url().to_owned(), source.default_name())
}

impl Source for LocalSource {
    fn url(&self) -> &str {
        &self.label
    }

    fn default_name(&self) -> String {
        self.name.clone()
    }

    fn prepare(&self, _context: &FetchContext<'_>) -> Result<Prepared, Failure> {
        self.prepared.clone()
    }

    fn fetch<'a>(
        &'a self,
        _prepared: &'a Prepared,
        _context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        ready(Err(Failure::new(ErrorType::NotRecorded, "a replay reads no file"))).boxed()
    }
}
