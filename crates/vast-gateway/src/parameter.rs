//! The parameters that a caller may send. The table is the only place that knows their names.

/// A parameter of an ad tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, strum::VariantArray)]
pub(crate) enum Parameter {
    Ip,
    UserAgent,
    Language,
    Referer,
    RequestedWith,
    Ifa,
    IfaType,
    LimitAdTracking,
    Gdpr,
    GdprConsent,
    Gpp,
    GppSections,
    UsPrivacy,
    Coppa,
    Width,
    Height,
    Duration,
    MaxAds,
    MinAdDuration,
    MaxAdDuration,
    MaxBitrate,
    ApiFrameworks,
    Position,
    BreakId,
    Session,
    Cachebuster,
    PageUrl,
    AppBundle,
    TimeLimit,
    Version,
    ContentDuration,
    Debug,
    Key,
    KeyId,
    Expires,
    Signature,
}

/// From which callers the value of a parameter is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Believed {
    /// From every caller.
    Always,
    /// From a caller with a key, from a trusted caller, and from a request whose signature covers the parameter. From other callers the
    /// value is ignored, because a device could claim to be another one.
    OfTrustedCallers,
}

/// What the value of a parameter must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterForm {
    /// A text. A text of a wrong form is left out, and the request is answered.
    Text,
    /// An address of IPv4 or IPv6.
    Address,
    /// A whole number within these limits.
    Number(u32, u32),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A version of VAST that can be written.
    Version,
}

/// A parameter with its name in the query.
pub(crate) struct ParameterRow {
    pub(crate) name: &'static str,
    pub(crate) parameter: Parameter,
    pub(crate) believed: Believed,
    pub(crate) form: ParameterForm,
    /// What the parameter is, for the description of the routes.
    pub(crate) about: &'static str,
}

/// The beginning of the name of a macro: `m.genre`.
pub(crate) const MACRO_PREFIX: &str = "m.";
/// The beginning of the name of a header of the device: `h.sec-ch-ua`.
pub(crate) const HEADER_PREFIX: &str = "h.";

/// The headers of a device that a caller may state. Others could change the meaning of a request to an ad server.
pub(crate) const DEVICE_HEADERS: [&str; 9] = [
    "accept",
    "dnt",
    "sec-ch-ua",
    "sec-ch-ua-full-version-list",
    "sec-ch-ua-mobile",
    "sec-ch-ua-model",
    "sec-ch-ua-platform",
    "sec-ch-ua-platform-version",
    "sec-gpc",
];

/// The seconds of a day.
const DAY: u32 = 86_400;

const fn row(
    name: &'static str,
    parameter: Parameter,
    believed: Believed,
    form: ParameterForm,
    about: &'static str,
) -> ParameterRow {
    ParameterRow { name, parameter, believed, form, about }
}

/// All parameters with a fixed name.
pub(crate) const TABLE: [ParameterRow; 36] = {
    use Believed::{Always, OfTrustedCallers};
    use Parameter as P;
    use ParameterForm as F;
    [
        row("ip", P::Ip, OfTrustedCallers, F::Address, "the address of the device"),
        row("ua", P::UserAgent, OfTrustedCallers, F::Text, "the user agent of the device"),
        row("lang", P::Language, OfTrustedCallers, F::Text, "Accept-Language of the device"),
        row("ref", P::Referer, OfTrustedCallers, F::Text, "Referer of the device"),
        row("rw", P::RequestedWith, OfTrustedCallers, F::Text, "X-Requested-With of the device"),
        row("ifa", P::Ifa, Always, F::Text, "the advertising id"),
        row("ifa_type", P::IfaType, Always, F::Text, "the kind of the advertising id"),
        row("lmt", P::LimitAdTracking, Always, F::Text, "1: the viewer limits ad tracking; 0: the viewer does not"),
        row("gdpr", P::Gdpr, Always, F::Text, "1: the GDPR applies; 0: it does not"),
        row("gdpr_consent", P::GdprConsent, Always, F::Text, "the consent string of IAB TCF"),
        row("gpp", P::Gpp, Always, F::Text, "the string of IAB GPP"),
        row("gpp_sid", P::GppSections, Always, F::Text, "the sections of GPP that apply, with commas between them"),
        row("us_privacy", P::UsPrivacy, Always, F::Text, "the US privacy string"),
        row("coppa", P::Coppa, Always, F::Text, "1: COPPA applies; 0: it does not"),
        row("w", P::Width, Always, F::Number(1, 100_000), "the width of the player in pixels"),
        row("h", P::Height, Always, F::Number(1, 100_000), "the height of the player in pixels"),
        row("dur", P::Duration, Always, F::Number(1, DAY), "the length of the break in seconds"),
        row("n", P::MaxAds, Always, F::Number(1, 100), "the largest number of ads"),
        row("mind", P::MinAdDuration, Always, F::Number(1, DAY), "the length of the shortest ad in seconds"),
        row("maxd", P::MaxAdDuration, Always, F::Number(1, DAY), "the length of the longest ad in seconds"),
        row("maxb", P::MaxBitrate, Always, F::Number(1, 1_000_000), "the largest bitrate in kbit/s"),
        row(
            "apis",
            P::ApiFrameworks,
            Always,
            F::Text,
            "the API frameworks that the player has, by name or by number in the list of the IAB",
        ),
        row(
            "pos",
            P::Position,
            Always,
            F::Word(&["pre", "mid", "post", "standalone", "1", "2", "3", "4"]),
            "the position of the break: [BREAKPOSITION]",
        ),
        row("brk", P::BreakId, Always, F::Text, "the break of a playlist"),
        row("sid", P::Session, Always, F::Text, "the session of the viewer, which decides the arm of a split"),
        row("cb", P::Cachebuster, Always, F::Text, "nothing: the gateway draws its own random numbers"),
        row("url", P::PageUrl, Always, F::Text, "the URL of the page: [PAGEURL]"),
        row("bundle", P::AppBundle, Always, F::Text, "the id of the app: [APPBUNDLE]"),
        row(
            "tmax",
            P::TimeLimit,
            Always,
            F::Number(1, 600_000),
            "the time limit of the caller in milliseconds; the ad servers get at least 150 ms",
        ),
        row("v", P::Version, Always, F::Version, "the version of the document"),
        row(
            "content_duration",
            P::ContentDuration,
            Always,
            F::Number(1, 604_800),
            "the length of the content in seconds; a VMAP leaves out breaks that are never due",
        ),
        row("debug", P::Debug, Always, F::Text, "1: the answer to a caller with a key has headers about the sources"),
        row("key", P::Key, Always, F::Text, "a key, instead of the header Authorization; with GET only"),
        row("kid", P::KeyId, Always, F::Text, "the name of the key of a signed tag"),
        row("exp", P::Expires, Always, F::Text, "the end of the validity of a signed tag, in seconds since 1970"),
        row("sig", P::Signature, Always, F::Text, "the signature of a signed tag"),
    ]
};

impl Parameter {
    /// Its row.
    pub(crate) fn row(self) -> &'static ParameterRow {
        // The rows are in the order of the parameters, as a test checks.
        &TABLE[self as usize]
    }
}

/// The row of the parameter with this name.
pub(crate) fn row_of(name: &str) -> Option<&'static ParameterRow> {
    let beginning = beginning_of(name.as_bytes());
    let index = BEGINNINGS.iter().position(|one| *one == beginning)?;
    // Several names can begin with the same bytes; they are few.
    TABLE.get(index..)?.iter().find(|row| row.name == name)
}

/// The first bytes of each name. Each request looks up several names, and these lie side by side in memory.
const BEGINNINGS: [u64; TABLE.len()] = {
    let mut beginnings = [0; TABLE.len()];
    let mut index = 0;
    while index < TABLE.len() {
        beginnings[index] = beginning_of(TABLE[index].name.as_bytes());
        index += 1;
    }
    beginnings
};

/// The first eight bytes of a name as a number; a shorter one ends with zeros.
const fn beginning_of(name: &[u8]) -> u64 {
    let (mut beginning, mut index) = (0, 0);
    while index < name.len() && index < 8 {
        beginning |= (name[index] as u64) << (8 * index);
        index += 1;
    }
    beginning
}

/// Why a signature cannot cover the parameter with this name; `None` if it can.
pub(crate) fn problem_of_signed(name: &str) -> Option<&'static str> {
    match row_of(name).map(|row| row.parameter) {
        Some(Parameter::KeyId | Parameter::Expires | Parameter::Signature) => {
            Some("belongs to every signature: leave it out")
        }
        Some(Parameter::Key) => Some("is a secret: leave it out"),
        Some(_) => None,
        None if name.strip_prefix(MACRO_PREFIX).is_some_and(|name| !name.is_empty()) => None,
        None if name.strip_prefix(HEADER_PREFIX).is_some_and(|name| DEVICE_HEADERS.contains(&name)) => None,
        None => Some("is not a parameter of a tag"),
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;

    #[test]
    fn every_parameter_has_one_row_and_one_name() {
        for parameter in Parameter::VARIANTS {
            assert_eq!(TABLE.iter().filter(|row| row.parameter == *parameter).count(), 1, "{parameter:?}");
            assert_eq!(parameter.row().parameter, *parameter);
        }
        for row in &TABLE {
            assert_eq!(TABLE.iter().filter(|other| other.name == row.name).count(), 1, "{}", row.name);
            assert_eq!(row_of(row.name).map(|found| found.parameter), Some(row.parameter), "{}", row.name);
            for other in [format!("{}\0", row.name), format!("{}x", row.name), row.name.to_uppercase()] {
                assert!(row_of(&other).is_none_or(|found| found.name == other), "{other:?}");
            }
        }
    }
}
