//! The JSON Schemas of the printed results.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::due::TrackResult;
use super::parsed::ParsedData;
use super::result::RequestResult;
use super::stats::RunSummary;

/// The JSON Schema (draft 2020-12) of [`RequestResult`]: what `vast request --format json` prints. The file
/// docs/schema/request.json is made from it.
pub fn request_schema() -> Schema {
    schema::<RequestResult<'static>>()
}

/// The JSON Schema (draft 2020-12) of [`ParsedData`]: what `vast parse --format json` prints. The file
/// docs/schema/parse.json is made from it.
pub fn parse_schema() -> Schema {
    schema::<ParsedData<'static>>()
}

/// The JSON Schema (draft 2020-12) of [`TrackResult`]: what `vast track --format json` prints. The file
/// docs/schema/track.json is made from it.
pub fn track_schema() -> Schema {
    schema::<TrackResult<'static>>()
}

/// The JSON Schema (draft 2020-12) of [`RunSummary`]: the last line of `vast request --repeat --format json`. The file
/// docs/schema/summary.json is made from it.
pub fn run_summary_schema() -> Schema {
    schema::<RunSummary<'static>>()
}

/// The JSON Schema (draft 2020-12) of [`ReplayResult`](super::ReplayResult): what `vast replay --format json` prints for one
/// recording. The file docs/schema/replay.json is made from it.
#[cfg(feature = "replay")]
pub fn replay_schema() -> Schema {
    schema::<super::ReplayResult<'static>>()
}

/// The JSON Schema (draft 2020-12) of [`ReplayComparison`](super::ReplayComparison): what `vast replay --format json` prints for several
/// recordings. The file docs/schema/replay-comparison.json is made from it.
#[cfg(feature = "replay")]
pub fn replay_comparison_schema() -> Schema {
    schema::<super::ReplayComparison<'static>>()
}

fn schema<T: JsonSchema>() -> Schema {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.transforms.push(Box::new(RecursiveTransform(NeverNull)));
    settings.into_generator().into_root_schema_for::<T>()
}

/// Removes `null` from the schema: a value that is absent is left out and never `null`.
#[derive(Clone)]
struct NeverNull;

impl Transform for NeverNull {
    fn transform(&mut self, schema: &mut Schema) {
        let Some(object) = schema.as_object_mut() else { return };
        if let Some(Value::Array(kinds)) = object.get_mut("type") {
            kinds.retain(|kind| kind != "null");
            if let [only] = &kinds[..] {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
            choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
            if let [Value::Object(only)] = &choices[..] {
                let only = only.clone();
                object.remove("anyOf");
                object.extend(only);
            }
        }
    }
}
