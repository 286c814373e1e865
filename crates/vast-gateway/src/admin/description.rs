//! The description of the routes of both ports (OpenAPI 3.1), made from the tables and types that the routes use.

mod admin;
mod operation;

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Map, Value, json};

use operation::{Media, Operation, Takes};

use super::config_report::ConfigReport;
use super::gateways_report::GatewaysReport;
use super::outbox_report::OutboxReport;
use super::requests::{RequestList, RequestReport};
use super::status::{BlockedReport, HealthReport, ReadyReport, SourcesReport, StateReport};
use super::tag_test::TagTestReport;
use crate::answer::RefusalText;
use crate::beacon::{EventEnds, EventReport, TimelineRow};
use crate::generation::BlockKind;
use crate::inspect::{InspectBody, Unwrapped};
use crate::outcome::{AnswerOutcome, HitEnd};

const REFUSED: (u16, &str, Media) =
    (403, "the key or the signature is missing, wrong or expired", Media::XmlOrJson("Refusal"));
const WRONG: (u16, &str, Media) = (400, "a parameter or the body is wrong", Media::XmlOrJson("Refusal"));
const UNPLACED: (u16, &str, Media) = (404, "there is no such placement", Media::XmlOrJson("Refusal"));
const SHED: (u16, &str, Media) = (503, "too many requests, with `on_shed = \"503\"`", Media::XmlOrJson("Refusal"));
const AD: (u16, &str, Media) = (200, "the ads; without one the document is empty", Media::Xml);
const NO_AD: (u16, &str, Media) = (204, "no ad, with `no_ad = \"204\"`", Media::None);

/// Every method of every route, except OPTIONS and HEAD.
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
            (200, "the event counts, was reported before, or is left out (a prefetch or a robot)", Media::Gif),
            (404, "there is no such token", Media::Gif),
            (410, "the token is too old", Media::Gif),
            (429, "too many reports of this answer, or too many requests of this client", Media::Gif),
            (503, "the outbox refused the event, or the gateway has too many requests", Media::Gif),
        ],
    ),
    hit(
        "post",
        &[
            (204, "the event counts, was reported before, or is left out (a prefetch or a robot)", Media::None),
            (404, "there is no such token", Media::None),
            (410, "the token is too old", Media::None),
            (429, "too many reports of this answer, or too many requests of this client", Media::None),
            (503, "the outbox refused the event, or the gateway has too many requests", Media::None),
        ],
    ),
    Operation { about: COUNTS_NOTHING, ..hit("head", HEAD_OF_HIT) },
    Operation {
        path: "/c/{token}",
        about: COUNTS_NOTHING,
        ..hit("head", &[(302, "the page", Media::None), (404, "there is no such token", Media::None)])
    },
    Operation {
        path: "/c/{token}",
        about: "a click: counts, and opens the sealed page",
        ..hit(
            "get",
            &[(302, "the page", Media::None), (404, "there is no such token, so there is no page", Media::None)],
        )
    },
];

const COUNTS_NOTHING: &str = "the headers of the answer to GET; it counts nothing";
const HEAD_OF_HIT: &[(u16, &str, Media)] = &[
    (200, "the token is valid", Media::None),
    (404, "there is no such token", Media::None),
    (410, "the token is too old", Media::None),
    (429, "too many reports of this answer", Media::None),
    (503, "too many requests", Media::None),
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

/// The description of the routes of both ports: OpenAPI 3.1. `docs/openapi.json` is made from it.
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS.iter().chain(admin::OPERATIONS) {
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

/// The schemas of all bodies and answers, made from their types where they have one.
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
        ("State", generator().into_root_schema_for::<StateReport>()),
        ("Sources", generator().into_root_schema_for::<SourcesReport>()),
        ("Blocked", generator().into_root_schema_for::<BlockedReport>()),
        ("Outbox", generator().into_root_schema_for::<OutboxReport>()),
        ("Gateways", generator().into_root_schema_for::<GatewaysReport>()),
        ("Health", generator().into_root_schema_for::<HealthReport>()),
        ("Ready", generator().into_root_schema_for::<ReadyReport>()),
        ("TagTested", generator().into_root_schema_for::<TagTestReport<'static>>()),
        ("Config", generator().into_root_schema_for::<ConfigReport>()),
        ("Requests", generator().into_root_schema_for::<RequestList>()),
        ("Request", generator().into_root_schema_for::<RequestReport<'static>>()),
        ("Refusal", generator().into_root_schema_for::<RefusalText>()),
    ] {
        add(&mut components, name, schema);
    }
    components["EventEnds"]["properties"]["beacons"]["items"] =
        json!({ "type": "string", "enum": HitEnd::ALL.iter().map(|end| end.as_str()).collect::<Vec<_>>() });
    components["Refusal"]["properties"]["outcome"]["enum"] =
        AnswerOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    components["RequestResult.Ad"]["properties"]["timeline"] = json!({
        "type": "array",
        "items": { "$ref": "#/components/schemas/TimelineRow" },
        "description": "With `track = \"timeline\"`: the events of the ad.",
    });
    components["Request"]["properties"]["result"] = json!({ "$ref": "#/components/schemas/RequestResult" });
    components["TagTested"]["properties"]["result"] = json!({ "$ref": "#/components/schemas/RequestResult" });
    components.extend(schemas_without_type().map(|(name, schema)| (name.to_owned(), schema)));
    Value::Object(components)
}

/// The schemas of bodies and answers that have no type of their own.
fn schemas_without_type() -> impl Iterator<Item = (&'static str, Value)> {
    let object = |properties: Value| json!({ "type": "object", "properties": properties });
    let of_type = |kind: &str, about: &str| json!({ "type": kind, "description": about });
    let text = |about: &str| of_type("string", about);
    let placement = || text("The name of the placement.");
    let block_kind = || {
        let kinds: Vec<_> = BlockKind::ALL.iter().map(|kind| kind.as_str()).collect();
        json!({ "type": "string", "enum": kinds, "description": "By what the ad is blocked." })
    };
    let block_value = || text("The value by which the ad is blocked.");
    [
        (
            "AdsBody",
            object(json!({
                "device": of_type("object", "Parameters of a tag, usually those of the device, such as `ip`. `headers` has headers of the device without `h.`."),
                "consent": of_type("object", "Parameters of a tag, usually those of the consent, such as `gdpr`."),
                "slot": of_type("object", "Parameters of a tag, usually those of the slot, such as `w`."),
                "macros": of_type("object", "The macros that the placement accepts, without `m.`."),
                "params": of_type("object", "Parameters of a tag, usually all others."),
                "tmax": of_type("integer", "The time limit of the caller in milliseconds."),
            })),
        ),
        (
            "TagTest",
            json!({
                "type": "object",
                "required": ["placement"],
                "properties": {
                    "placement": placement(),
                    "preset": text("The device whose values are filled in."),
                    "tag": text("Further parameters, as in a query."),
                    "compare_placement": text("The placement of a second run to compare with."),
                    "compare_preset": text("The device of the second run."),
                    "compare_tag": text("Parameters that differ in the second run, as in a query."),
                },
                "additionalProperties": { "type": "string" },
                "description": "The parameters of the tag by their names; `tag` has further ones as in a query.",
            }),
        ),
        (
            "BlockRule",
            json!({ "type": "object", "required": ["kind", "value"], "properties": { "kind": block_kind(), "value": block_value() } }),
        ),
        (
            "BlockChange",
            object(json!({
                "blocked": of_type("boolean", "Whether the ad is blocked now."),
                "kind": block_kind(),
                "value": block_value(),
            })),
        ),
        (
            "EjectionChange",
            object(json!({
                "ejected": of_type("boolean", "Whether an operator has ejected the source now."),
                "placement": placement(),
                "source": text("The name of the source."),
            })),
        ),
        ("Requeued", object(json!({ "requeued": of_type("integer", "The number of beacons that are due again.") }))),
        ("Draining", object(json!({ "draining": { "const": true, "description": "The gateway ends." } }))),
        ("AdminError", object(json!({ "error": text("What is wrong, for people.") }))),
        (
            "Reloaded",
            object(json!({
                "replaced": of_type("boolean", "Whether the file had changed and is in use now."),
                "generation": of_type("integer", "The number of the configuration, if it was replaced."),
            })),
        ),
        ("Description", json!({ "type": "object" })),
    ]
    .into_iter()
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
