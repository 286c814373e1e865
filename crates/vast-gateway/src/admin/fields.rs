//! The fields of a body: those of a form, or the entries of a JSON object.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use url::form_urlencoded;

use crate::serve::LimitedBody;

/// The fields by their names. Of a name that is there twice, the last one counts.
pub(super) type Fields = BTreeMap<String, String>;

/// Reads the fields of a body.
///
/// # Errors
/// What is wrong with the body.
pub(super) async fn fields_of(headers: &HeaderMap, body: LimitedBody) -> Result<Fields, String> {
    let body = body.read().await.map_err(|error| format!("the body {error}"))?;
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return Ok(form_urlencoded::parse(&body).into_owned().collect());
    }
    let wrong = |error: serde_json::Error| format!("the body is not a JSON object: {error}");
    let values: BTreeMap<String, Value> = serde_json::from_slice(&body).map_err(wrong)?;
    let one = |(name, value): (String, Value)| text_of(&name, value).map(|text| (name, text));
    values.into_iter().map(one).collect()
}

fn text_of(name: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(u8::from(truth).to_string()),
        _ => Err(format!("`{name}` is neither a text nor a number")),
    }
}
