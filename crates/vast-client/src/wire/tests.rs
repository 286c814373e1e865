//! Checks that every field of the model is in the JSON, or is listed here with the reason why it is not.

use std::collections::BTreeSet;
use std::fmt::Debug;

use schemars::{JsonSchema, schema_for};
use vast_xml::{model, vmap};

use super::*;

/// The fields of a struct, read from its `Debug` output.
fn fields(value: &impl Debug) -> Vec<String> {
    let printed = format!("{value:#?}");
    let field = |line: &str| {
        let (name, _) = line.strip_prefix("    ")?.split_once(": ")?;
        name.starts_with(|first: char| first.is_ascii_lowercase()).then(|| name.to_owned())
    };
    printed.lines().filter_map(field).collect()
}

fn properties<T: JsonSchema>() -> BTreeSet<String> {
    let schema = schema_for!(T).to_value();
    schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

/// The fields of `value` without a property in the JSON type `W`. `renamed` has pairs of a field and its property.
fn missing<T: Debug, W: JsonSchema>(value: &T, renamed: &[(&str, &str)], left_out: &[&str]) -> Vec<String> {
    let (fields, properties) = (fields(value), properties::<W>());
    assert!(!fields.is_empty() && !properties.is_empty(), "{}", std::any::type_name::<T>());
    for name in renamed.iter().map(|(field, _)| field).chain(left_out).filter(|name| **name != EXTRA) {
        assert!(fields.iter().any(|field| field == name), "{name} is no field of {}", std::any::type_name::<T>());
    }
    let property = |field: &String| {
        let renamed = renamed.iter().find(|(from, _)| from == field);
        renamed.map_or_else(|| field.clone(), |(_, to)| (*to).to_owned())
    };
    let is_missing = |field: &String| !left_out.contains(&field.as_str()) && !properties.contains(&property(field));
    fields.into_iter().filter(is_missing).map(|field| format!("{}::{field}", std::any::type_name::<T>())).collect()
}

/// Unknown attributes and elements of a document. `--format xml` shows them.
const EXTRA: &str = "extra";
/// Whether a part was read from its own element or from an extension. The meaning is the same in both cases.
const PLACE: &str = "place";

#[test]
fn every_field_of_the_model_is_in_the_json() {
    let mime = ("mime_type", "type");
    let event = ("event", "url"); // The event is the key of the table that contains the tracker.
    let found = [
        missing::<_, ParsedData<'_>>(&model::Vast::default(), &[("errors", "root_errors")], &[EXTRA]),
        missing::<_, Ad<'_>>(&model::Ad::default(), &[], &[EXTRA]),
        missing::<_, Ad<'_>>(
            &model::InLine::default(),
            &[("expires", "expires_s"), ("ad_verifications", "verifications")],
            &[EXTRA],
        ),
        missing::<_, Ad<'_>>(
            &model::Wrapper::default(),
            &[("ad_verifications", "verifications"), ("blocked_ad_categories", "blocked_categories")],
            &[EXTRA],
        ),
        missing::<_, Ad<'_>>(
            &model::AdSystem::default(),
            &[("name", "ad_system"), ("version", "ad_system_version")],
            &[EXTRA],
        ),
        missing::<_, Ad<'_>>(
            &model::Advertiser::default(),
            &[("name", "advertiser"), ("id", "advertiser_id")],
            &[EXTRA],
        ),
        missing::<_, TrackedUrl<'_>>(&model::Impression::default(), &[], &[EXTRA]),
        missing::<_, TrackedUrl<'_>>(&model::Click::default(), &[], &[EXTRA]),
        missing::<_, Tracker<'_>>(
            &model::Tracking::new(model::Event::Start, "u"),
            &[event, ("offset", "offset_ms")],
            &[EXTRA],
        ),
        missing::<_, Pricing<'_>>(&model::Pricing::default(), &[], &[EXTRA]),
        missing::<_, Category<'_>>(&model::Category::default(), &[], &[EXTRA]),
        missing::<_, Survey<'_>>(&model::Survey::default(), &[("survey_type", "type")], &[EXTRA]),
        missing::<_, BlockedCategories<'_>>(&model::BlockedAdCategories::default(), &[], &[EXTRA]),
        missing::<_, ViewableImpression<'_>>(&model::ViewableImpression::default(), &[], &[EXTRA]),
        missing::<_, Verification<'_>>(&model::Verification::default(), &[], &[EXTRA, PLACE]),
        missing::<_, Creative<'_>>(
            &model::Creative::default(),
            &[
                ("non_linear_ads", "non_linears"),
                ("companion_ads", "companions"),
                ("creative_extensions", "extensions"),
            ],
            &[EXTRA],
        ),
        missing::<_, UniversalAdId<'_>>(&model::UniversalAdId::default(), &[], &[EXTRA, PLACE]),
        missing::<_, Linear<'_>>(
            &model::Linear::default(),
            &[
                ("duration", "duration_ms"),
                ("interactive_creative_files", "interactive_files"),
                ("closed_caption_files", "closed_captions"),
            ],
            &[EXTRA],
        ),
        missing::<_, MediaFile<'_>>(&model::MediaFile::default(), &[mime], &[EXTRA]),
        missing::<_, Mezzanine<'_>>(&model::Mezzanine::default(), &[mime], &[EXTRA, PLACE]),
        missing::<_, InteractiveFile<'_>>(&model::InteractiveCreativeFile::default(), &[mime], &[EXTRA, PLACE]),
        missing::<_, ClosedCaptionFile<'_>>(&model::ClosedCaptionFile::default(), &[mime], &[EXTRA]),
        missing::<_, Icon<'_>>(&model::Icon::default(), &[("duration", "duration_ms")], &[EXTRA, PLACE]),
        missing::<_, FallbackImage<'_>>(&model::FallbackImage::default(), &[], &[EXTRA]),
        missing::<_, Resource<'_>>(&model::StaticResource::default(), &[("creative_type", "type")], &[EXTRA]),
        // The JSON has the decoded code, so its spelling in the document does not matter.
        missing::<_, Resource<'_>>(&model::HtmlResource::default(), &[], &[EXTRA, "raw", "xml_encoded"]),
        missing::<_, Creative<'_>>(
            &model::NonLinearAds::default(),
            &[("tracking_events", "non_linear_tracking_events"), ("icons", "non_linear_icons")],
            &[EXTRA],
        ),
        missing::<_, NonLinear<'_>>(
            &model::NonLinear::default(),
            &[
                ("min_suggested_duration", "min_suggested_duration_ms"),
                ("duration", "duration_ms"),
                ("interactive_creative_files", "interactive_files"),
            ],
            &[EXTRA],
        ),
        missing::<_, Creative<'_>>(&model::CompanionAds::default(), &[("required", "companions_required")], &[EXTRA]),
        missing::<_, Companion<'_>>(&model::Companion::default(), &[("creative_extensions", "extensions")], &[EXTRA]),
        missing::<_, ParsedData<'_>>(&vmap::Vmap::default(), &[], &[EXTRA]),
        missing::<_, AdBreak<'_>>(
            &vmap::AdBreak::default(),
            &[("repeat_after", "repeat_after_ms"), ("source", "ad_source")],
            &[EXTRA],
        ),
        // The content of `data` is `ad_tag_uri`, `custom_ad_data` or the `result` of the break.
        missing::<_, AdSource<'_>>(&vmap::AdSource::default(), &[("data", "ad_tag_uri")], &[EXTRA]),
    ];
    let found: Vec<String> = found.into_iter().flatten().collect();
    assert!(found.is_empty(), "not in the JSON: {}", found.join(", "));
}
