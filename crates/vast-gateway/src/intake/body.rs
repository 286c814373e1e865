//! The body of a request: read within its limits, and the parameters in it.

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use serde_json::{Map, Value};

use super::query::{BadParameter, Query};
use super::unrepeated::Unrepeated;
use crate::parameter::{HEADER_PREFIX, MACRO_PREFIX};
use crate::serve::LimitedBody;

/// Reads the body of a request with these headers.
///
/// # Errors
/// It is compressed, too large or too slow, or the connection broke.
pub(crate) async fn read_body(headers: &HeaderMap, body: LimitedBody) -> Result<Bytes, BadParameter> {
    if let Some(coding) = coding_of(headers) {
        let problem = format!("has the coding `{coding}`: send it without `Content-Encoding`");
        return Err(BadParameter::new("body", problem));
    }
    body.read().await.map_err(|error| BadParameter::new("body", error.to_string()))
}

/// The first coding of the body that changes its bytes. It is not decoded, because a small body could become a very large one.
fn coding_of(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let codings = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let mut codings = codings.map(<[u8]>::trim_ascii);
    let coding = codings.find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))?;
    Some(coding.escape_ascii().take(32).map(char::from).collect())
}

/// Adds the parameters of a JSON body to `query`. They have the same names as in a query, in the groups `device`, `consent`, `slot` and
/// `params`; macros are in `macros`, headers of the device in `device.headers`, without their prefixes; `tmax` is outside of groups.
///
/// # Errors
/// The body is not JSON of this form, or a parameter is repeated.
pub(crate) fn parameters_of_json(body: &[u8], query: &mut Query<'_>) -> Result<(), BadParameter> {
    for (group, value) in &object_of(body)? {
        match (group.as_str(), value) {
            ("tmax", value) => query.add("tmax", text_of("tmax", value)?)?,
            ("device" | "consent" | "slot" | "params", Value::Object(values)) => add_group(group, values, query)?,
            ("macros", Value::Object(values)) => add_all(MACRO_PREFIX, values, query)?,
            _ => {
                let problem = "is not an object: device, consent, slot, macros and params are, and `tmax` is a number";
                return Err(BadParameter::new(group, problem));
            }
        }
    }
    Ok(())
}

/// The entries of the object that a body is.
fn object_of(body: &[u8]) -> Result<Map<String, Value>, BadParameter> {
    let wrong = |problem: String| BadParameter::new("body", problem);
    match serde_json::from_slice(body) {
        Ok(Unrepeated(Value::Object(entries))) => Ok(entries),
        Ok(_) => Err(wrong("is not a JSON object".to_owned())),
        Err(error) if error.is_data() => Err(wrong(error.to_string())),
        Err(error) => Err(wrong(format!("is not a JSON object: {error}"))),
    }
}

fn add_group(group: &str, values: &Map<String, Value>, query: &mut Query<'_>) -> Result<(), BadParameter> {
    for (name, value) in values {
        match (group, name.as_str(), value) {
            ("device", "headers", Value::Object(headers)) => add_all(HEADER_PREFIX, headers, query)?,
            _ => query.add(name.clone(), text_of(name, value)?)?,
        }
    }
    Ok(())
}

fn add_all(prefix: &str, values: &Map<String, Value>, query: &mut Query<'_>) -> Result<(), BadParameter> {
    values.iter().try_for_each(|(name, value)| query.add(format!("{prefix}{name}"), text_of(name, value)?))
}

/// A value as it would stand in a query: a list with commas, true as 1.
fn text_of(name: &str, value: &Value) -> Result<String, BadParameter> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(u8::from(*truth).to_string()),
        Value::Array(values) => {
            let texts: Result<Vec<_>, _> = values.iter().map(|value| text_of(name, value)).collect();
            Ok(texts?.join(","))
        }
        Value::Null | Value::Object(_) => Err(BadParameter::new(name, "is neither a text, a number nor a list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::Parameter;

    #[test]
    fn a_body_has_the_parameters_of_a_query() {
        let body =
            br#"{"device": {"ip": "192.0.2.1", "headers": {"DNT": 1}}, "consent": {"gdpr": true, "gpp_sid": [2, 6]},
            "slot": {"w": 640}, "macros": {"genre": "news"}, "params": {"sid": "s"}, "tmax": 900}"#;
        let mut query = Query::default();
        parameters_of_json(body, &mut query).expect("a body");
        let values = [
            Parameter::Ip,
            Parameter::Gdpr,
            Parameter::GppSections,
            Parameter::Width,
            Parameter::Session,
            Parameter::TimeLimit,
        ]
        .map(|parameter| query.get(parameter).unwrap_or_default());
        assert_eq!(values, ["192.0.2.1", "1", "2,6", "640", "s", "900"]);
        assert_eq!((query.named("m.genre"), query.named("h.dnt")), (Some("news"), Some("1")));
    }

    #[test]
    fn a_compressed_body_is_refused_by_its_coding() {
        let cases: [(&[&str], Option<&str>); 6] = [
            (&[], None),
            (&["identity"], None),
            (&["", "Identity,"], None),
            (&["gzip"], Some("gzip")),
            (&["identity, br"], Some("br")),
            (&["identity", "x-gzip"], Some("x-gzip")),
        ];
        for (lines, expected) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CONTENT_ENCODING, http::HeaderValue::from_str(line).expect("a value"));
            }
            assert_eq!(coding_of(&headers).as_deref(), expected, "{lines:?}");
        }
    }

    #[test]
    fn another_form_is_refused_with_its_place() {
        for (body, name) in [
            ("[]", "body"),
            ("{", "body"),
            ("{\"devices\": {}}", "devices"),
            ("{\"slot\": 1}", "slot"),
            ("{\"slot\": {\"w\": null}}", "w"),
            ("{\"slot\": {\"w\": 1}, \"params\": {\"w\": 2}}", "w"),
        ] {
            let refused = parameters_of_json(body.as_bytes(), &mut Query::default()).expect_err(body);
            assert_eq!(refused.name, name, "{body}");
        }
    }

    #[test]
    fn a_name_that_an_object_has_twice_is_refused() {
        for (body, problem) in [
            (r#"{"tmax": 900, "tmax": 90}"#, "`tmax` is repeated at line 1 column "),
            (r#"{"slot": {"w": 640, "\u0077": 64}}"#, "`w` is repeated at line 1 column "),
            (r#"{"device": {"headers": {"dnt": 1, "dnt": 0}}}"#, "`dnt` is repeated at line 1 column "),
            (r#"{"params": {"sid": [{"a": 1, "a": 2}]}}"#, "`a` is repeated at line 1 column "),
        ] {
            let refused = parameters_of_json(body.as_bytes(), &mut Query::default()).expect_err(body);
            assert_eq!(refused.name, "body");
            assert!(refused.problem.starts_with(problem), "{body}: {}", refused.problem);
        }
    }
}
