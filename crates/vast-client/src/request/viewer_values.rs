//! The macro values of a viewer that the servers of a source's tree receive.

use std::sync::{Arc, LazyLock, OnceLock};

use http::HeaderMap;
use vast_xml::macros::{Macro, Value, ValueForm, ValueSource, Values};

use super::ad_request::{AdRequest, Consent, Device};
use super::address_text::text_of;
use super::privacy::{IfaPolicy, IpPolicy, Privacy, UserAgentPolicy};
use super::slot::{Slot, seconds_rounded_up};
use super::viewer_headers::ViewerHeaders;
use crate::transport::ClientHeaders;

/// The macro values that the servers of one source's tree receive. Those of a viewer are made for the first URL that has a macro, because
/// the URLs of most requests have none. The headers about the viewer are made of the same data. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct ViewerValues {
    /// The values that are the same in all requests of a plan.
    anonymous: Arc<Values>,
    /// The headers that are the same in all requests of a plan.
    anonymous_headers: Arc<HeaderMap>,
    /// What is disclosed of the viewer; `None` if that is nothing.
    viewer: Option<Arc<DisclosedViewer>>,
}

/// A viewer, and the rules of a source for what it receives of it.
struct DisclosedViewer {
    request: Arc<AdRequest>,
    /// With the salt that is used.
    privacy: Privacy,
    /// Made when they are needed.
    values: OnceLock<Arc<Values>>,
    /// Made when they are needed for more than an exchange.
    headers: OnceLock<Arc<HeaderMap>>,
}

impl DisclosedViewer {
    /// The headers about the viewer; `None` if there are none.
    fn headers(&self) -> Option<ViewerHeaders<'_>> {
        ViewerHeaders::of_request(&self.request)
    }
}

impl ViewerValues {
    /// The values of requests without data about a viewer or a slot.
    pub(super) fn anonymous(values: &Arc<Values>, headers: &Arc<HeaderMap>) -> Self {
        Self { anonymous: Arc::clone(values), anonymous_headers: Arc::clone(headers), viewer: None }
    }

    /// These values, and those of `request` that the servers of `source` may receive under its rules.
    pub(super) fn with_viewer(self, request: &Arc<AdRequest>, privacy: &Privacy, source: &str) -> Self {
        let mut privacy = privacy.clone();
        privacy.ifa_salt.get_or_insert_with(|| source.to_owned());
        let (values, headers) = (OnceLock::new(), OnceLock::new());
        let viewer = DisclosedViewer { request: Arc::clone(request), privacy, values, headers };
        Self { viewer: Some(Arc::new(viewer)), ..self }
    }

    /// The values.
    pub(super) fn get(&self) -> &Arc<Values> {
        let Some(viewer) = &self.viewer else { return &self.anonymous };
        let DisclosedViewer { request, privacy, values: made, .. } = &**viewer;
        made.get_or_init(|| {
            let mut values = values(request, privacy, &self.anonymous);
            gate(&mut values, request, privacy);
            Arc::new(values)
        })
    }

    /// The headers, with those about the viewer.
    pub(super) fn headers(&self) -> &Arc<HeaderMap> {
        let Self { anonymous_headers, viewer, .. } = self;
        let Some(viewer) = viewer else { return anonymous_headers };
        viewer.headers.get_or_init(|| match viewer.headers() {
            Some(headers) => Arc::new(headers.with_room(anonymous_headers, &viewer.privacy, 0)),
            None => Arc::clone(anonymous_headers),
        })
    }

    /// Whether a URL may contain macros, so that the values are needed.
    pub(super) fn may_replace(&self, template: &str) -> bool {
        let has_foreign = self.viewer.as_ref().is_some_and(|viewer| !viewer.request.foreign_macros.is_empty());
        let values = if has_foreign { self.get() } else { &self.anonymous };
        values.may_replace(template)
    }
}

/// Most requests have one exchange. Its headers are made in the map that is sent, and no other map is kept.
impl ClientHeaders for ViewerValues {
    fn to_send(&self, more: usize) -> HeaderMap {
        let Self { anonymous_headers, viewer, .. } = self;
        let Some(viewer) = viewer else { return anonymous_headers.to_send(more) };
        match (viewer.headers.get(), viewer.headers()) {
            (None, Some(headers)) => headers.with_room(anonymous_headers, &viewer.privacy, more),
            (made, _) => made.unwrap_or(anonymous_headers).to_send(more),
        }
    }
}

/// All macro values of the request, before [`gate`] removes some. A value in `macros` overrides the value of a field.
fn values(request: &AdRequest, privacy: &Privacy, anonymous: &Arc<Values>) -> Values {
    static OF_REQUEST: LazyLock<Vec<Macro>> = LazyLock::new(|| {
        let of_request =
            |name: &&Macro| matches!(name.source(), ValueSource::Device | ValueSource::Consent | ValueSource::Slot);
        Macro::ALL.iter().filter(of_request).copied().collect()
    });
    let mut values = Values::over(anonymous);
    for name in &*OF_REQUEST {
        match field(*name, request, privacy) {
            Some(value) if name.form() == ValueForm::Text => drop(values.set(*name, Value::text(value))),
            Some(value) => drop(values.set_text(*name, &value)),
            None => {}
        }
    }
    let of_plan = |name| match values.get(name) {
        Some(Value::Text(seconds)) => seconds.parse::<u64>().ok(),
        _ => None,
    };
    let longest = request.slot.max_ad_duration.map(|longest| longest.as_secs());
    let longest = longest.map(|longest| of_plan(Macro::BreakMaxAdLength).map_or(longest, |plan| plan.min(longest)));
    let shortest = request.slot.min_ad_duration.map(seconds_rounded_up);
    let shortest =
        shortest.map(|shortest| of_plan(Macro::BreakMinAdLength).map_or(shortest, |plan| plan.max(shortest)));
    for (name, seconds) in [(Macro::BreakMaxAdLength, longest), (Macro::BreakMinAdLength, shortest)] {
        if let Some(seconds) = seconds {
            values.set_text(name, &seconds.to_string());
        }
    }
    for (name, value) in &request.macros {
        match Macro::from_name(name) {
            Some(known) => drop(values.set_text(known, value)),
            None => drop(values.declare(name.as_str(), value.as_str())),
        }
    }
    if !request.foreign_macros.is_empty() {
        values.set_foreign(Arc::new(request.foreign_macros.clone()));
    }
    values
}

/// The value of a macro from the fields of the request. Values of a list are separated by commas.
fn field(name: Macro, request: &AdRequest, privacy: &Privacy) -> Option<String> {
    match name.source() {
        ValueSource::Device => of_device(name, &request.device),
        ValueSource::Consent if name == Macro::LimitAdTracking => Some(limits_ad_tracking(request, privacy).to_owned()),
        ValueSource::Consent => of_consent(name, &request.consent),
        ValueSource::Slot => of_slot(name, &request.slot),
        ValueSource::Moment
        | ValueSource::Client
        | ValueSource::Filter
        | ValueSource::Wrappers
        | ValueSource::Ad
        | ValueSource::Playback
        | ValueSource::Host => None,
    }
}

fn of_device(name: Macro, device: &Device) -> Option<String> {
    match name {
        Macro::DeviceIp => device.ip.map(text_of),
        Macro::DeviceUa => device.user_agent.clone(),
        Macro::Ifa => device.ifa.clone(),
        Macro::IfaType => device.ifa_type.clone(),
        _ => None,
    }
}

fn of_consent(name: Macro, consent: &Consent) -> Option<String> {
    match name {
        Macro::Regulations => {
            let regulations = [("gdpr", consent.gdpr), ("coppa", consent.coppa)];
            list(regulations.into_iter().filter(|(_, applies)| *applies == Some(true)).map(|(name, _)| name.to_owned()))
        }
        Macro::GdprConsent => consent.gdpr_consent.clone(),
        Macro::GppString => consent.gpp.clone(),
        Macro::GppSectionId => list(consent.gpp_sections.iter().map(u16::to_string)),
        _ => None,
    }
}

/// The value of `[LIMITADTRACKING]`. If the host does not set it, it is 1 if the advertising id is withheld, else 0. The
/// macro is required, and the registry defines only 1 and 0 for it: `-1` (unknown) and `-2` (withheld) are for optional macros.
fn limits_ad_tracking(request: &AdRequest, privacy: &Privacy) -> &'static str {
    let is_withheld = || request.withholds_ifa() || privacy.ifa == IfaPolicy::Drop;
    if request.consent.limit_ad_tracking.unwrap_or_else(is_withheld) { "1" } else { "0" }
}

fn of_slot(name: Macro, slot: &Slot) -> Option<String> {
    match name {
        Macro::BreakMaxDuration => slot.break_duration.map(|length| length.as_secs().to_string()),
        Macro::BreakMinDuration => slot.break_min.map(|length| seconds_rounded_up(length).to_string()),
        Macro::BreakMaxAds => slot.max_ads.map(|number| number.to_string()),
        Macro::ApiFrameworks => {
            let numbers = slot.api_frameworks.iter().flat_map(|name| api_numbers(name.trim()));
            list(numbers.map(|number| (*number).to_owned()))
        }
        _ => None,
    }
}

/// The numbers of an interface in AdCOM's list of API frameworks, one for each of its versions. Empty for a name that
/// is not in the list.
fn api_numbers(name: &str) -> &'static [&'static str] {
    const NUMBERS: [(&str, &[&str]); 5] = [
        ("vpaid", &["1", "2"]),
        ("mraid", &["3", "5", "6"]),
        ("ormma", &["4"]),
        ("omid", &["7"]),
        ("simid", &["8", "9"]),
    ];
    NUMBERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or(&[], |(_, numbers)| numbers)
}

fn list(values: impl Iterator<Item = String>) -> Option<String> {
    let values: Vec<String> = values.collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Removes or changes the values that the source must not receive. It makes no difference whether the host gave a value as
/// a field or as a macro.
fn gate(values: &mut Values, request: &AdRequest, privacy: &Privacy) {
    let ifa = if request.withholds_ifa() { IfaPolicy::Drop } else { privacy.ifa };
    // What is sent as it is needs no copy.
    if privacy.ip != IpPolicy::Full {
        limit(values, Macro::DeviceIp, |ip| privacy.ip.apply_text(ip));
    }
    if privacy.user_agent != UserAgentPolicy::Full {
        limit(values, Macro::DeviceUa, |user_agent| privacy.user_agent.apply(user_agent));
    }
    if ifa == IfaPolicy::Pass {
        return;
    }
    let salt = privacy.ifa_salt.as_deref().unwrap_or_default();
    limit(values, Macro::Ifa, |id| ifa.apply(id, salt));
    limit(values, Macro::IfaType, |kind| (ifa != IfaPolicy::Drop).then(|| kind.to_owned()));
}

fn limit(values: &mut Values, name: Macro, policy: impl Fn(&str) -> Option<String>) {
    if let Some(Value::Text(text)) = values.get(name) {
        let disclosed = policy(text).map_or(Value::Withheld, Value::text);
        values.set(name, disclosed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderValue;
    use vast_xml::macros::{Context, ForeignMacros, expand};

    use super::super::identity::Identity;
    use super::*;

    #[test]
    fn servers_receive_the_shorter_of_the_longest_ads_of_the_plan_and_of_the_slot() {
        for (of_plan, of_slot, expected) in
            [(None, Some(20), Some("20")), (Some(15), Some(20), Some("15")), (Some(30), Some(20), Some("20"))]
        {
            let longest = of_plan.map(Duration::from_secs);
            let identity = Identity::new(HeaderValue::from_static("vast-client/1")).with_ad_length(None, longest);
            let slot = Slot { max_ad_duration: of_slot.map(Duration::from_secs), ..Slot::linear() };
            let request = Arc::new(AdRequest { slot, ..AdRequest::default() });
            let disclosure = identity.disclose(&request, &Privacy::default(), "");
            let found = disclosure.values().get(Macro::BreakMaxAdLength).and_then(|value| match value {
                Value::Text(text) => Some(text.to_string()),
                _ => None,
            });
            assert_eq!(found.as_deref(), expected, "{of_plan:?} {of_slot:?}");
        }
    }

    fn viewer() -> AdRequest {
        let ifa = Some("8d8ac610".to_owned());
        let device = Device { ip: Some([203, 0, 113, 77].into()), ifa, ..Device::default() };
        AdRequest { device, ..AdRequest::default() }
    }

    #[test]
    fn values_are_made_for_a_url_that_has_a_macro() {
        let foreign = ForeignMacros::new([("{cb}", "7")]).expect("a token");
        let with_foreign = AdRequest { foreign_macros: foreign, ..viewer() };
        let plain = "https://ads.example/vast?cb={cb}";
        for (request, template, expected) in [
            (viewer(), plain, false),
            (viewer(), "https://ads.example/vast?ip=[DEVICEIP]", true),
            (viewer(), "https://ads.example/vast?z=[zone]", true),
            (with_foreign.clone(), plain, true),
            (with_foreign, "https://ads.example/vast", false),
        ] {
            let values = ViewerValues::default().with_viewer(&Arc::new(request), &Privacy::default(), "");
            assert_eq!(values.may_replace(template), expected, "{template}");
            let made = values.viewer.and_then(|viewer| viewer.values.get().cloned());
            let has_foreign = made.as_ref().is_some_and(|made| made.foreign().is_some());
            assert_eq!(made.is_some(), has_foreign, "{template}: only foreign macros need them to know");
        }
    }

    #[test]
    fn rules_hold_for_values_that_are_made_late_and_copies_share_them() {
        let privacy = Privacy { ip: IpPolicy::Truncate, ifa: IfaPolicy::Hash, ..Privacy::default() };
        let of_source = |source: &str| {
            let values = ViewerValues::default().with_viewer(&Arc::new(viewer()), &privacy, source);
            let copy = values.clone();
            assert!(Arc::ptr_eq(values.get(), copy.get()), "made once");
            expand("[DEVICEIP] [IFA] [LIMITADTRACKING]", Context::Tracking, copy.get()).into_owned()
        };
        let (east, west) = (of_source("east"), of_source("west"));
        assert!(east.starts_with("203.0.113.0 ") && east.ends_with(" 0") && !east.contains("8d8ac610"), "{east}");
        assert_ne!(east, west, "the salt of a hash is the name of the source");
    }
}
