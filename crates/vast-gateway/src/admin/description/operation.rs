//! A method of a route, and its description.

use serde_json::{Map, Value, json};
use vast_client::track::OpenValue;
use vast_client::xml::Version;

use crate::beacon::REPORTED;
use crate::parameter::{Believed, ParameterForm, ParameterRow, TABLE};

/// What a route takes besides its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// The parameters of an ad tag.
    Tag,
    /// What a player fills into a sealed URL.
    Values,
    /// The conditions of the newest requests.
    Filter,
}

/// What a parameter of a sealed URL means, and the macro that the player fills into it.
fn about(value: OpenValue) -> &'static str {
    match value {
        OpenValue::ErrorCode => "the error code: [ERRORCODE]",
        OpenValue::AdPlayhead => "the position in the ad, HH:MM:SS.mmm: [ADPLAYHEAD]",
        OpenValue::ContentPlayhead => {
            "the position in the content, HH:MM:SS.mmm: [MEDIAPLAYHEAD], before VAST 4.1 [CONTENTPLAYHEAD]"
        }
        OpenValue::Reason => "the reason: [REASON]",
        OpenValue::ClickPosition => "the position of the click: [CLICKPOS]",
        OpenValue::Timestamp | OpenValue::Cachebusting => "nothing: the gateway fills it in",
    }
}

/// A body or an answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Media {
    None,
    Xml,
    Text,
    Gif,
    Html,
    /// Bytes that a browser saves.
    File,
    /// Server-sent events.
    Events,
    /// JSON of this schema of the components.
    Json(&'static str),
    /// The fields of a form, or JSON, of this schema.
    FormOrJson(&'static str),
    /// XML, or JSON of this schema.
    XmlOrJson(&'static str),
}

/// A method of a route.
pub(super) struct Operation {
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    pub(super) about: &'static str,
    pub(super) is_admin: bool,
    pub(super) needs_key: bool,
    pub(super) takes: Takes,
    pub(super) body: Media,
    /// Status, meaning and content of each answer.
    pub(super) answers: &'static [(u16, &'static str, Media)],
}

impl Operation {
    pub(super) fn describe(&self) -> Value {
        let mut parameters: Vec<Value> = Vec::new();
        for name in
            ["placement", "source", "token", "id"].into_iter().filter(|name| self.path.contains(&format!("{{{name}}}")))
        {
            parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
        }
        match self.takes {
            Takes::Nothing => {}
            Takes::Tag => parameters.extend(TABLE.iter().map(parameter)),
            Takes::Values => parameters.extend(REPORTED.map(|(name, value)| {
                json!({ "name": name, "in": "query", "schema": { "type": "string" }, "description": about(value) })
            })),
            Takes::Filter => parameters.extend(["placement", "outcome", "source", "id"].map(|name| {
                json!({ "name": name, "in": "query", "schema": { "type": "string" }, "description": "only requests with this value" })
            })),
        }
        let id = format!("{}{}", self.method, self.path.replace(['/', '.', '{', '}'], "_"));
        let mut described = json!({
            "operationId": id.trim_end_matches('_'),
            "summary": self.about,
            "tags": [if self.is_admin { "admin" } else { "public" }],
            "parameters": parameters,
            "responses": self.answers.iter().map(|(status, about, content)| {
                let mut answer = json!({ "description": about });
                if let Some(content) = content.describe() {
                    answer["content"] = content;
                }
                (status.to_string(), answer)
            }).collect::<Map<_, _>>(),
            // Without a key for routes that everybody may use.
            "security": if self.needs_key { json!([{ "key": [] }]) } else { json!([{}, { "key": [] }]) },
        });
        if let Some(content) = self.body.describe() {
            described["requestBody"] = json!({ "required": true, "content": content });
        }
        if self.is_admin {
            described["servers"] = json!([{ "url": "http://127.0.0.1:9090", "description": "the admin port" }]);
        }
        described
    }
}

impl Media {
    fn describe(self) -> Option<Value> {
        let json = |name: &str| json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } });
        let text = || json!({ "schema": { "type": "string" } });
        Some(match self {
            Self::None => return None,
            Self::Xml => json!({ "application/xml": text() }),
            Self::Text => json!({ "text/plain": text() }),
            Self::Gif => json!({ "image/gif": { "schema": { "type": "string", "contentMediaType": "image/gif" } } }),
            Self::File => {
                json!({ "application/octet-stream": { "schema": { "type": "string", "contentMediaType": "application/octet-stream" } } })
            }
            Self::Html => json!({ "text/html": text() }),
            Self::Events => json!({ "text/event-stream": text() }),
            Self::Json(name) => json!({ "application/json": json(name) }),
            Self::FormOrJson(name) => {
                json!({ "application/x-www-form-urlencoded": json(name), "application/json": json(name) })
            }
            Self::XmlOrJson(name) => json!({ "application/xml": text(), "application/json": json(name) }),
        })
    }
}

/// A parameter of an ad tag.
fn parameter(row: &ParameterRow) -> Value {
    let schema = match row.form {
        ParameterForm::Text | ParameterForm::Address => json!({ "type": "string" }),
        ParameterForm::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        ParameterForm::Word(words) => json!({ "type": "string", "enum": words }),
        ParameterForm::Version => json!({ "type": "string", "enum": Version::ALL.map(Version::as_str) }),
    };
    let believed = match row.believed {
        Believed::Always => "",
        Believed::OfTrustedCallers => "; believed with a key, from trusted callers and if a signature covers it",
    };
    json!({ "name": row.name, "in": "query", "schema": schema, "description": format!("{}{believed}", row.about) })
}
