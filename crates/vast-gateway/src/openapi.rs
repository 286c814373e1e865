//! The description of the routes of both ports (OpenAPI 3.1), made from the tables and types that the routes use.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Map, Value, json};
use vast_client::xml::Version;

use crate::answer::RefusalText;
use crate::beacon::{EventEnds, EventReport, TimelineRow};
use crate::inspect::{InspectBody, Unwrapped};
use crate::outcome::{AnswerOutcome, HitEnd};
use crate::parameter::{Believed, ParameterForm, ParameterRow, TABLE};

/// What a route takes besides its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// The parameters of an ad tag.
    Tag,
    /// What a player fills into a sealed URL.
    Values,
}

/// A body or an answer.
#[derive(Debug, Clone, Copy)]
enum Media {
    None,
    Xml,
    Text,
    Gif,
    Html,
    /// Server-sent events.
    Events,
    /// JSON of this schema of the components.
    Json(&'static str),
    /// XML, or JSON of this schema.
    XmlOrJson(&'static str),
}

/// A method of a route.
struct Operation {
    path: &'static str,
    method: &'static str,
    about: &'static str,
    is_admin: bool,
    needs_key: bool,
    takes: Takes,
    body: Media,
    /// Status, meaning and content of each answer.
    answers: &'static [(u16, &'static str, Media)],
}

const REFUSED: (u16, &str, Media) =
    (403, "the key or the signature is missing, wrong or expired", Media::XmlOrJson("Refusal"));
const WRONG: (u16, &str, Media) = (400, "a parameter or the body is wrong", Media::XmlOrJson("Refusal"));
const UNPLACED: (u16, &str, Media) = (404, "there is no such placement", Media::XmlOrJson("Refusal"));
const SHED: (u16, &str, Media) = (503, "too many requests, with `on_shed = \"503\"`", Media::XmlOrJson("Refusal"));
const AD: (u16, &str, Media) = (200, "the ads; without one the document is empty", Media::Xml);
const NO_AD: (u16, &str, Media) = (204, "no ad, with `no_ad = \"204\"`", Media::None);
const OTHER_METHOD: (u16, &str, Media) = (405, "the route has another method", Media::Json("AdminError"));
const NO_KEY: (u16, &str, Media) = (401, "a key is needed", Media::Json("AdminError"));
const TO_PAGE: (u16, &str, Media) = (303, "to a browser: the page that shows the effect", Media::Text);
const NO_PAGE: (u16, &str, Media) =
    (403, "a key is needed, or the request comes from a page", Media::Json("AdminError"));

/// Every method of every route, except OPTIONS.
const OPERATIONS: &[Operation] = &[
    ads("/v1/{placement}/vast", "the ads as VAST, without wrappers"),
    ads("/v1/{placement}/vast.xml", "the ads as VAST, without wrappers"),
    ads("/v1/{placement}/vmap", "the breaks of a playlist as VMAP, each with its ads, or one break"),
    ads("/v1/{placement}/vmap.xml", "the breaks of a playlist as VMAP, each with its ads, or one break"),
    Operation { answers: JSON_ADS, needs_key: true, ..ads("/v1/{placement}/ads.json", "the result as JSON") },
    Operation {
        method: "post",
        answers: JSON_ADS,
        needs_key: true,
        takes: Takes::Nothing,
        body: Media::Json("AdsBody"),
        ..ads("/v1/{placement}/ads.json", "the result as JSON; the parameters are in the body")
    },
    keyed(
        "/v1/unwrap",
        "a document without its wrappers, or what is known of it",
        &[
            (200, "the document, or JSON where the caller accepts it", Media::XmlOrJson("Unwrapped")),
            WRONG,
            REFUSED,
            SHED,
        ],
    ),
    keyed(
        "/v1/check",
        "the mistakes in a document",
        &[(200, "the mistakes", Media::Json("CheckResult")), WRONG, REFUSED, SHED],
    ),
    Operation {
        body: Media::Json("EventReport"),
        ..keyed(
            "/v1/beacons",
            "events that a server reports for its viewers",
            &[
                (200, "how each event ended", Media::Json("EventEnds")),
                WRONG,
                REFUSED,
                (
                    503,
                    "the outbox refused an event: send the report again; or too many requests",
                    Media::XmlOrJson("EventEnds"),
                ),
            ],
        )
    },
    hit(
        "get",
        &[
            (200, "the event counts, or is known", Media::Gif),
            (404, "there is no such token", Media::Gif),
            (410, "the token is too old", Media::Gif),
            (429, "too many reports of this answer", Media::Gif),
            (503, "the outbox refused it", Media::Gif),
        ],
    ),
    hit(
        "post",
        &[
            (204, "the event counts, or is known", Media::None),
            (404, "there is no such token", Media::None),
            (410, "the token is too old", Media::None),
            (429, "too many reports of this answer", Media::None),
            (503, "the outbox refused it", Media::None),
        ],
    ),
    Operation {
        path: "/c/{token}",
        about: "a click: counts, and opens the sealed page",
        ..hit("get", &[(302, "the page", Media::None), (404, "there is no such token", Media::None)])
    },
    admin(
        "/healthz",
        "whether the process runs its tasks",
        &[(200, "it does", Media::Json("Health")), OTHER_METHOD, (503, "it does not", Media::Json("Health"))],
    ),
    admin(
        "/readyz",
        "whether the gateway is ready",
        &[
            (200, "it is", Media::Json("Ready")),
            OTHER_METHOD,
            (503, "it is not, with the reasons", Media::Json("Ready")),
        ],
    ),
    admin("/metrics", "all numbers, for Prometheus", &[(200, "the numbers", Media::Text), OTHER_METHOD]),
    admin("/openapi.json", "this description", &[(200, "the description", Media::Json("Description")), NO_PAGE]),
    admin("/api/state", "the state", &[(200, "the state", Media::Json("State")), NO_PAGE]),
    admin("/api/sources", "the numbers of the sources", &[(200, "the numbers", Media::Json("Sources")), NO_PAGE]),
    admin("/", "the overview for a browser", &[(200, "the page", Media::Html), NO_KEY, NO_PAGE]),
    admin("/sources", "the sources for a browser", &[(200, "the page", Media::Html), NO_KEY, NO_PAGE]),
    admin("/outbox", "the outbox for a browser", &[(200, "the page", Media::Html), NO_KEY, NO_PAGE]),
    admin(
        "/api/outbox",
        "the beacons that wait by their hosts, and the oldest dead letters",
        &[(200, "the outbox", Media::Json("Outbox")), NO_PAGE],
    ),
    Operation {
        method: "post",
        ..admin(
            "/api/outbox/requeue",
            "makes all dead letters due again",
            &[
                (200, "how many are due again", Media::Json("Requeued")),
                TO_PAGE,
                NO_PAGE,
                (503, "the outbox does not work", Media::Json("AdminError")),
            ],
        )
    },
    Operation {
        method: "post",
        ..admin(
            "/api/drain",
            "begins the end of the gateway, as SIGTERM does",
            &[(200, "it has begun", Media::Json("Draining")), TO_PAGE, NO_PAGE],
        )
    },
    admin(
        "/api/live",
        "the numbers of the overview once per second, as server-sent events; at most 32 readers",
        &[
            (200, "the events, without end", Media::Events),
            NO_PAGE,
            (503, "there are 32 readers", Media::Json("AdminError")),
        ],
    ),
    Operation {
        method: "post",
        ..admin(
            "/api/config/reload",
            "reads the configuration file again",
            &[
                (200, "it is in use, or has not changed", Media::Json("Reloaded")),
                TO_PAGE,
                NO_PAGE,
                (409, "there is no file", Media::Json("AdminError")),
                (422, "the file is wrong: the older configuration stays in use", Media::Json("AdminError")),
            ],
        )
    },
];

const JSON_ADS: &[(u16, &str, Media)] =
    &[(200, "the result", Media::Json("RequestResult")), WRONG, REFUSED, UNPLACED, SHED];

const fn ads(path: &'static str, about: &'static str) -> Operation {
    Operation {
        path,
        method: "get",
        about,
        is_admin: false,
        needs_key: false,
        takes: Takes::Tag,
        body: Media::None,
        answers: &[AD, NO_AD, WRONG, REFUSED, UNPLACED, SHED],
    }
}

const fn keyed(path: &'static str, about: &'static str, answers: &'static [(u16, &'static str, Media)]) -> Operation {
    Operation {
        path,
        method: "post",
        about,
        is_admin: false,
        needs_key: true,
        takes: Takes::Nothing,
        body: Media::XmlOrJson("InspectBody"),
        answers,
    }
}

const fn hit(method: &'static str, answers: &'static [(u16, &'static str, Media)]) -> Operation {
    Operation {
        path: "/b/{token}",
        method,
        about: "the report of an event of an ad whose trackers were sealed",
        is_admin: false,
        needs_key: false,
        takes: Takes::Values,
        body: Media::None,
        answers,
    }
}

const fn admin(path: &'static str, about: &'static str, answers: &'static [(u16, &'static str, Media)]) -> Operation {
    Operation {
        path,
        method: "get",
        about,
        is_admin: true,
        needs_key: false,
        takes: Takes::Nothing,
        body: Media::None,
        answers,
    }
}

/// The description of the routes of both ports: OpenAPI 3.1. `docs/openapi.json` is made from it.
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = operation.describe();
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "vast-gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One ad tag in, many ad servers behind it, one resolved document out.",
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": "http://127.0.0.1:8080", "description": "the public port" }],
        "tags": [
            { "name": "public", "description": "the public port" },
            { "name": "admin", "description": "the admin port" },
        ],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "description": "a key of the tenant, or of the admin port" } },
        },
    })
}

impl Operation {
    fn describe(&self) -> Value {
        let mut parameters: Vec<Value> = Vec::new();
        for name in ["placement", "token"].into_iter().filter(|name| self.path.contains(&format!("{{{name}}}"))) {
            parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
        }
        match self.takes {
            Takes::Nothing => {}
            Takes::Tag => parameters.extend(TABLE.iter().map(parameter)),
            Takes::Values => parameters.extend(["e", "p", "c", "r", "x"].map(|name| {
                json!({ "name": name, "in": "query", "schema": { "type": "string" }, "description": "a value that the player fills in" })
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
            Self::Html => json!({ "text/html": text() }),
            Self::Events => json!({ "text/event-stream": text() }),
            Self::Json(name) => json!({ "application/json": json(name) }),
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

/// The schemas of all bodies and answers.
fn schemas() -> Value {
    let mut components = Map::new();
    let generator = || SchemaSettings::draft2020_12().for_serialize().into_generator();
    for (name, schema) in [
        ("RequestResult", vast_client::wire::request_schema()),
        ("CheckResult", vast_check::wire::schema()),
        ("Unwrapped", generator().into_root_schema_for::<Unwrapped<'static>>()),
        ("TimelineRow", generator().into_root_schema_for::<TimelineRow>()),
        ("InspectBody", generator().into_root_schema_for::<InspectBody>()),
        ("EventReport", generator().into_root_schema_for::<EventReport>()),
        ("EventEnds", generator().into_root_schema_for::<EventEnds>()),
        ("Refusal", generator().into_root_schema_for::<RefusalText>()),
    ] {
        add(&mut components, name, schema);
    }
    components["EventEnds"]["properties"]["beacons"]["items"] =
        json!({ "type": "string", "enum": HitEnd::ALL.iter().map(|end| end.as_str()).collect::<Vec<_>>() });
    components["Refusal"]["properties"]["outcome"] = json!({ "type": "string", "enum": AnswerOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect::<Vec<_>>() });
    components["RequestResult.Ad"]["properties"]["timeline"] = json!({
        "type": "array",
        "items": { "$ref": "#/components/schemas/TimelineRow" },
        "description": "With `track = \"timeline\"`: the events of the ad.",
    });
    let object = |properties: Value| json!({ "type": "object", "properties": properties });
    let text = || json!({ "type": "string" });
    let texts = || json!({ "type": "array", "items": { "type": "string" } });
    for (name, schema) in [
        (
            "AdsBody",
            object(json!({
                "device": { "type": "object" }, "consent": { "type": "object" }, "slot": { "type": "object" },
                "macros": { "type": "object" }, "params": { "type": "object" }, "tmax": { "type": "integer" },
            })),
        ),
        (
            "Outbox",
            object(json!({ "schema": { "const": 1 }, "hosts": { "type": "array" }, "dead": { "type": "array" } })),
        ),
        ("Requeued", object(json!({ "requeued": { "type": "integer" } }))),
        ("Draining", object(json!({ "draining": { "const": true } }))),
        ("AdminError", object(json!({ "error": text() }))),
        ("Health", object(json!({ "status": text() }))),
        ("Ready", object(json!({ "ready": { "type": "boolean" }, "reasons": texts(), "degraded": text() }))),
        ("Reloaded", object(json!({ "replaced": { "type": "boolean" }, "generation": { "type": "integer" } }))),
        ("Description", json!({ "type": "object" })),
        (
            "State",
            object(json!({ "schema": { "const": 1 }, "generation": { "type": "integer" }, "not_ready": texts() })),
        ),
        (
            "Sources",
            object(
                json!({ "schema": { "const": 1 }, "placements": { "type": "array", "items": { "type": "object" } } }),
            ),
        ),
    ] {
        components.insert(name.to_owned(), schema);
    }
    Value::Object(components)
}

/// Adds a schema and its definitions, each under a name that begins with that of the schema.
fn add(components: &mut Map<String, Value>, name: &str, mut schema: Schema) {
    RecursiveTransform(InComponents(name.to_owned())).transform(&mut schema);
    let mut schema = Value::from(schema);
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        if let Some(Value::Object(definitions)) = object.remove("$defs") {
            for (definition, value) in definitions {
                components.insert(format!("{name}.{definition}"), value);
            }
        }
    }
    components.insert(name.to_owned(), schema);
}

/// Leads references to the place of the definitions in the description.
#[derive(Clone)]
struct InComponents(String);

impl Transform for InComponents {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::String(reference)) = schema.get_mut("$ref")
            && let Some(definition) = reference.strip_prefix("#/$defs/")
        {
            *reference = format!("#/components/schemas/{}.{definition}", self.0);
        }
    }
}

#[cfg(test)]
mod tests;
