//! The parameters of a request as an [`AdRequest`].

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, HeaderName, REFERER, USER_AGENT};
use vast_client::xml::Version;
use vast_client::{AdRequest, Consent, Device, Slot};

use super::caller::client_address;
use super::query::{BadParameter, Query};
use crate::config::ServerConfig;
use crate::generation::Placement;
use crate::parameter::{Believed, DEVICE_HEADERS, Parameter, ParameterForm};

const REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
/// The least time that a request gets. With less, no ad server can answer.
const LEAST_TIME: Duration = Duration::from_millis(150);
/// The longest value of a macro of a caller, and of all of them together, in bytes. A macro beyond is left out and counted.
const MAX_MACRO_BYTES: usize = 256;
const MAX_MACROS_BYTES: usize = 4096;
/// A size of a player, for the room of its text.
const USUAL_SIZE: &str = "10000,10000";
/// The API frameworks by their number in the list of the IAB (AdCOM 1.0, API Frameworks).
const API_FRAMEWORKS: [(&str, &str); 9] = [
    ("1", "VPAID"),
    ("2", "VPAID"),
    ("3", "MRAID"),
    ("4", "ORMMA"),
    ("5", "MRAID"),
    ("6", "MRAID"),
    ("7", "OMID"),
    ("8", "SIMID"),
    ("9", "SIMID"),
];

/// What is asked, and what of the parameters could not be used.
#[derive(Debug, Clone)]
pub(crate) struct AskedAd {
    /// Shared, because it is large and goes through several hands; the pipeline uses it where it is.
    pub(crate) request: Arc<AdRequest>,
    /// The version of the document.
    pub(crate) version: Option<Version>,
    /// The length of the content, for the breaks of a playlist.
    pub(crate) content_duration: Option<Duration>,
    pub(crate) is_debug: bool,
    /// Whether a consent parameter was left out because it cannot be read.
    pub(crate) has_unreadable_consent: bool,
    /// Macros that the placement does not accept, or that are too long.
    pub(crate) ignored_macros: usize,
}

impl AskedAd {
    /// Whether the break is after the content (`[BREAKPOSITION]` 3, macro registry of VAST 4.3 section 6).
    pub(crate) fn is_postroll(&self) -> bool {
        self.request.macros.iter().any(|(name, value)| name == "BREAKPOSITION" && value == "3")
    }
}

/// Which parameters about the device are believed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trust<'a> {
    /// All parameters.
    All,
    /// The parameters that a signature covers, by their names.
    Signed(&'a [String]),
}

impl Trust<'_> {
    fn believes(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Signed(names) => names.iter().any(|one| one == name),
        }
    }
}

/// The head of a request and its peer.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) peer: IpAddr,
    pub(crate) headers: &'a HeaderMap,
    /// See [`loop_header`](super::loop_header).
    pub(crate) loop_header: &'a str,
}

/// What the request asks of `placement`.
///
/// # Errors
/// The first parameter that is out of its range.
pub(crate) fn ask(
    placement: &Placement,
    query: &Query<'_>,
    sender: Sender<'_>,
    trust: Trust<'_>,
    server: &ServerConfig,
) -> Result<AskedAd, BadParameter> {
    let reader = ParameterReader { query, trust };
    let mut shared = Arc::new(placement.request.clone());
    // It is not shared yet, and so not copied.
    let request = Arc::make_mut(&mut shared);
    request.device = reader.device(sender, server)?;
    request.cdn_loop = Some(sender.loop_header.to_owned());
    let has_unreadable_consent = reader.fill_consent(&mut request.consent);
    reader.fill_slot(&mut request.slot)?;
    let ignored_macros = reader.fill_macros(&mut request.macros, &placement.accept)?;
    let own = |parameter| query.get(parameter).map(str::to_owned);
    request.break_id = own(Parameter::BreakId).or(request.break_id.take());
    request.split_key = own(Parameter::Session).or(request.split_key.take());
    let asked = reader.number(Parameter::TimeLimit)?.map(u64::from).map(Duration::from_millis);
    let asked = asked.map(|limit| limit.saturating_sub(server.answer_reserve).max(LEAST_TIME));
    request.timeout = Some(asked.map_or(placement.timeout, |limit| limit.min(placement.timeout)));
    Ok(AskedAd {
        request: shared,
        version: reader.version()?.or(placement.version),
        content_duration: reader.seconds(Parameter::ContentDuration)?,
        is_debug: query.get(Parameter::Debug) == Some("1"),
        has_unreadable_consent,
        ignored_macros,
    })
}

/// Reads the values of parameters.
#[derive(Clone, Copy)]
struct ParameterReader<'a> {
    query: &'a Query<'a>,
    trust: Trust<'a>,
}

impl<'a> ParameterReader<'a> {
    /// The value of a parameter, if its sender is believed.
    fn believed(self, parameter: Parameter) -> Option<&'a str> {
        let value = self.query.get(parameter)?;
        let row = parameter.row();
        (row.believed == Believed::Always || self.trust.believes(row.name)).then_some(value)
    }

    fn device(self, sender: Sender<'_>, server: &ServerConfig) -> Result<Device, BadParameter> {
        let wrong = |_| BadParameter::new("ip", "is not an address");
        let parameter = self.believed(Parameter::Ip).map(|text| text.parse::<IpAddr>().map_err(wrong)).transpose()?;
        let own = |name: HeaderName| sender.headers.get(name)?.to_str().ok().map(str::to_owned);
        let value = |parameter, header| self.believed(parameter).map(str::to_owned).or_else(|| own(header));
        let listed = |name: &str| DEVICE_HEADERS.contains(&name) && self.trust.believes(&format!("h.{name}"));
        let consent_id = |parameter| self.query.get(parameter).filter(|value| is_id(value)).map(str::to_owned);
        let headers = self.query.headers.iter().filter(|(name, value)| !value.is_empty() && listed(name));
        Ok(Device {
            ip: Some(client_address(sender.peer, sender.headers, parameter, server)),
            user_agent: value(Parameter::UserAgent, USER_AGENT),
            referer: value(Parameter::Referer, REFERER),
            accept_language: value(Parameter::Language, ACCEPT_LANGUAGE),
            requested_with: value(Parameter::RequestedWith, REQUESTED_WITH),
            ifa: consent_id(Parameter::Ifa),
            ifa_type: consent_id(Parameter::IfaType),
            headers: headers.map(|(name, value)| (name.clone(), value.clone().into_owned())).collect(),
        })
    }

    /// Fills in the consent. What cannot be read is left out, because a wrong value must not become a consent. Returns whether there
    /// was such a value.
    fn fill_consent(self, consent: &mut Consent) -> bool {
        let mut is_unreadable = false;
        let mut text = |parameter, is_readable: fn(&str) -> bool| {
            let value = self.query.get(parameter)?;
            is_unreadable |= !is_readable(value);
            Some(value).filter(|value| is_readable(value))
        };
        let is_flag = |value: &str| matches!(value, "0" | "1");
        let gdpr = text(Parameter::Gdpr, is_flag).map(|value| value == "1");
        let coppa = text(Parameter::Coppa, is_flag).map(|value| value == "1");
        let limits = text(Parameter::LimitAdTracking, is_flag).map(|value| value == "1");
        let gdpr_consent = text(Parameter::GdprConsent, is_consent_string).map(str::to_owned);
        let gpp = text(Parameter::Gpp, is_consent_string).map(str::to_owned);
        let sections =
            text(Parameter::GppSections, |list| list.split(',').all(|one| one.trim().parse::<u16>().is_ok()));
        text(Parameter::UsPrivacy, is_us_privacy);
        text(Parameter::Ifa, is_id);
        text(Parameter::IfaType, is_id);
        consent.gdpr = gdpr.or(consent.gdpr);
        consent.coppa = coppa.or(consent.coppa);
        consent.limit_ad_tracking = limits.or(consent.limit_ad_tracking);
        consent.gdpr_consent = gdpr_consent.or(consent.gdpr_consent.take());
        if gpp.is_some() || sections.is_some() {
            consent.gpp = gpp;
            let numbers = sections.into_iter().flat_map(|list| list.split(','));
            consent.gpp_sections = numbers.filter_map(|one| one.trim().parse().ok()).collect();
        }
        is_unreadable
    }

    /// Fills in the slot. A caller can only ask for less than the placement permits.
    fn fill_slot(self, slot: &mut Slot) -> Result<(), BadParameter> {
        let lower = |own: Option<Duration>, asked: Option<Duration>| own.into_iter().chain(asked).min();
        slot.break_duration = lower(slot.break_duration, self.seconds(Parameter::Duration)?);
        slot.max_ad_duration = lower(slot.max_ad_duration, self.seconds(Parameter::MaxAdDuration)?);
        let shortest = self.seconds(Parameter::MinAdDuration)?;
        slot.min_ad_duration = slot.min_ad_duration.into_iter().chain(shortest).max();
        if let (Some(shortest), Some(longest)) = (shortest, self.seconds(Parameter::MaxAdDuration)?)
            && shortest > longest
        {
            return Err(BadParameter::new("mind", "is above `maxd`"));
        }
        let most = self.number(Parameter::MaxAds)?.and_then(|most| usize::try_from(most).ok());
        slot.max_ads = slot.max_ads.into_iter().chain(most).min();
        let bitrate = self.number(Parameter::MaxBitrate)?;
        slot.profile.max_bitrate = slot.profile.max_bitrate.into_iter().chain(bitrate).min();
        if let Some(asked) = self.query.get(Parameter::ApiFrameworks) {
            let name =
                |one: &'a str| API_FRAMEWORKS.iter().find(|(number, _)| *number == one).map_or(one, |(_, name)| name);
            let asked: Vec<&str> = asked.split(',').map(|one| name(one.trim())).collect();
            slot.api_frameworks.retain(|own| asked.iter().any(|one| own.trim().eq_ignore_ascii_case(one)));
        }
        Ok(())
    }

    /// Adds the macros. Returns how many of the caller's were left out.
    fn fill_macros(self, macros: &mut Vec<(String, String)>, accept: &[String]) -> Result<usize, BadParameter> {
        let mut add = |name: &str, value: String| macros.push((name.to_owned(), value));
        // The request to the ad server is made by a server for a device.
        add("SERVERSIDE", "1".to_owned());
        let size = (self.number(Parameter::Width)?, self.number(Parameter::Height)?);
        if let (Some(width), Some(height)) = size {
            let mut text = String::with_capacity(USUAL_SIZE.len());
            // Writing into a String cannot fail.
            let _ = write!(text, "{width},{height}");
            add("PLAYERSIZE", text);
        }
        if let Some(position) = self.query.get(Parameter::Position) {
            add("BREAKPOSITION", position_of(position)?.to_owned());
        }
        for (parameter, name) in [(Parameter::PageUrl, "PAGEURL"), (Parameter::AppBundle, "APPBUNDLE")] {
            self.query.get(parameter).into_iter().for_each(|value| add(name, value.to_owned()));
        }
        // Not a macro of the standard, so only the operator's own tags can have it.
        let us_privacy = self.query.get(Parameter::UsPrivacy).filter(|value| is_us_privacy(value));
        us_privacy.into_iter().for_each(|value| add("US_PRIVACY", value.to_owned()));
        Ok(self.fill_accepted_macros(macros, accept))
    }

    /// Adds the macros that the placement accepts. Returns how many others there are.
    fn fill_accepted_macros(self, macros: &mut Vec<(String, String)>, accept: &[String]) -> usize {
        let (mut ignored, mut bytes) = (0, 0);
        for (name, value) in &self.query.macros {
            let is_small = value.len() <= MAX_MACRO_BYTES && bytes + value.len() <= MAX_MACROS_BYTES;
            if !is_small || !accept.iter().any(|one| one == name) {
                ignored += 1;
            } else if !value.is_empty() || !macros.iter().any(|(own, _)| own == name) {
                // An empty value says that the caller does not know it: that of the placement stays.
                bytes += value.len();
                macros.push((name.clone().into_owned(), value.clone().into_owned()));
            }
        }
        ignored
    }

    fn version(self) -> Result<Option<Version>, BadParameter> {
        let known = || Version::ALL.map(Version::as_str).join(", ");
        let wrong = |_| BadParameter::new("v", format!("is not one of {}", known()));
        self.query.get(Parameter::Version).map(|text| text.parse().map_err(wrong)).transpose()
    }

    fn seconds(self, parameter: Parameter) -> Result<Option<Duration>, BadParameter> {
        Ok(self.number(parameter)?.map(|seconds| Duration::from_secs(seconds.into())))
    }

    /// The value of a parameter whose row says that it is a number.
    fn number(self, parameter: Parameter) -> Result<Option<u32>, BadParameter> {
        let Some(text) = self.query.get(parameter) else { return Ok(None) };
        let row = parameter.row();
        let ParameterForm::Number(least, most) = row.form else { return Ok(None) };
        match text.parse::<u32>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(BadParameter::new(row.name, format!("is not a whole number from {least} to {most}"))),
        }
    }
}

/// The value of `[BREAKPOSITION]` (macro registry of VAST 4.3 section 6).
fn position_of(text: &str) -> Result<&'static str, BadParameter> {
    match text {
        "pre" | "1" => Ok("1"),
        "mid" | "2" => Ok("2"),
        "post" | "3" => Ok("3"),
        "standalone" | "4" => Ok("4"),
        _ => Err(BadParameter::new("pos", "is not one of pre, mid, post, standalone, 1 to 4")),
    }
}

/// Whether the text has only the characters of a TCF or GPP string, which is base64url with `.` and `~`.
fn is_consent_string(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte))
}

/// Whether the text has the form of a US privacy string, for example `1YNN`.
fn is_us_privacy(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() == 4 && bytes.next() == Some(b'1') && bytes.all(|byte| b"YN-".contains(&byte.to_ascii_uppercase()))
}

/// Whether the text can be an advertising id or the name of its kind.
fn is_id(text: &str) -> bool {
    text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use vast_client::{ClientConfig, FetchConfig, SourceConfig, VastClient};

    use super::*;
    use crate::config::GatewayConfig;
    use crate::generation::Generation;

    /// What this query asks of a placement with a time limit of ten seconds and this slot.
    fn asked(query: &str, slot: &Slot) -> AskedAd {
        let config = "[placement.a]\ntimeout = '10s'\nsource = [{ xml = '<VAST/>' }]\n";
        let mut config = GatewayConfig::parse(config, Path::new("")).expect("a configuration");
        config.placements.get_mut("a").expect("a placement").client.request.slot = slot.clone();
        let client = VastClient::from_config(ClientConfig::from(FetchConfig::new([SourceConfig::inline("<VAST/>")])));
        let client = client.expect("a client");
        let generation = Generation::compile(&config, client.orchestrator(), None, None).expect("a configuration");
        let placement = generation.placement("a").expect("a placement");
        let sender = Sender { peer: [127, 0, 0, 1].into(), headers: &HeaderMap::new(), loop_header: "vast-gateway" };
        let query = Query::parse(query).expect("a query");
        ask(placement, &query, sender, Trust::Signed(&[]), &config.server).expect("it is asked")
    }

    #[test]
    fn the_time_limit_of_the_caller_counts_less_the_reserve() {
        for (query, millis) in [
            ("", 10_000),
            ("tmax=", 10_000),
            ("tmax=20000", 10_000),
            ("tmax=1000", 970),
            ("tmax=180", 150),
            ("tmax=1", 150),
        ] {
            assert_eq!(asked(query, &Slot::default()).request.timeout, Some(Duration::from_millis(millis)), "{query}");
        }
    }

    #[test]
    fn a_caller_only_narrows_the_slot_of_the_placement() {
        let seconds = Duration::from_secs;
        let mut own = Slot::default();
        (own.break_duration, own.max_ads, own.profile.max_bitrate) = (Some(seconds(60)), Some(3), Some(2000));
        (own.min_ad_duration, own.max_ad_duration) = (Some(seconds(10)), Some(seconds(30)));
        // Query, break, shortest ad, longest ad, number of ads, bitrate.
        for (query, slot, expected) in [
            ("", &own, [60, 10, 30, 3, 2000]),
            ("dur=90&mind=5&maxd=40&n=5&maxb=9000", &own, [60, 10, 30, 3, 2000]),
            ("dur=50&mind=15&maxd=20&n=1&maxb=500", &own, [50, 15, 20, 1, 500]),
            ("dur=50&mind=15&maxd=20&n=1&maxb=500", &Slot::default(), [50, 15, 20, 1, 500]),
        ] {
            let slot = asked(query, slot).request.slot.clone();
            let time = |time: Option<Duration>| time.map_or(0, |time| time.as_secs());
            let found = [
                time(slot.break_duration),
                time(slot.min_ad_duration),
                time(slot.max_ad_duration),
                slot.max_ads.map_or(0, |count| count as u64),
                slot.profile.max_bitrate.map_or(0, u64::from),
            ];
            assert_eq!(found, expected, "{query}");
        }
    }
}
