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

/// Whose word counts for the value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Believed {
    /// That of every caller.
    Always,
    /// That of a caller with a key, of a trusted caller, and that of a signature which covers the parameter. Of others it is ignored,
    /// because a device could pretend to be another one.
    OfTrustedCallers,
}

/// A parameter with its name in the query.
pub(crate) struct ParameterRow {
    pub(crate) name: &'static str,
    pub(crate) parameter: Parameter,
    pub(crate) believed: Believed,
}

/// The beginning of the name of a macro: `m.genre`.
pub(crate) const MACRO_PREFIX: &str = "m.";
/// The beginning of the name of a header of the device: `h.accept-encoding`.
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

const fn row(name: &'static str, parameter: Parameter, believed: Believed) -> ParameterRow {
    ParameterRow { name, parameter, believed }
}

/// All parameters with a fixed name.
pub(crate) const TABLE: [ParameterRow; 36] = {
    use Believed::{Always, OfTrustedCallers};
    use Parameter as P;
    [
        row("ip", P::Ip, OfTrustedCallers),
        row("ua", P::UserAgent, OfTrustedCallers),
        row("lang", P::Language, OfTrustedCallers),
        row("ref", P::Referer, OfTrustedCallers),
        row("rw", P::RequestedWith, OfTrustedCallers),
        row("ifa", P::Ifa, Always),
        row("ifa_type", P::IfaType, Always),
        row("lmt", P::LimitAdTracking, Always),
        row("gdpr", P::Gdpr, Always),
        row("gdpr_consent", P::GdprConsent, Always),
        row("gpp", P::Gpp, Always),
        row("gpp_sid", P::GppSections, Always),
        row("us_privacy", P::UsPrivacy, Always),
        row("coppa", P::Coppa, Always),
        row("w", P::Width, Always),
        row("h", P::Height, Always),
        row("dur", P::Duration, Always),
        row("n", P::MaxAds, Always),
        row("mind", P::MinAdDuration, Always),
        row("maxd", P::MaxAdDuration, Always),
        row("maxb", P::MaxBitrate, Always),
        row("apis", P::ApiFrameworks, Always),
        row("pos", P::Position, Always),
        row("brk", P::BreakId, Always),
        row("sid", P::Session, Always),
        row("cb", P::Cachebuster, Always),
        row("url", P::PageUrl, Always),
        row("bundle", P::AppBundle, Always),
        row("tmax", P::TimeLimit, Always),
        row("v", P::Version, Always),
        row("content_duration", P::ContentDuration, Always),
        row("debug", P::Debug, Always),
        row("key", P::Key, Always),
        row("kid", P::KeyId, Always),
        row("exp", P::Expires, Always),
        row("sig", P::Signature, Always),
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
    TABLE.iter().find(|row| row.name == name)
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
        }
    }
}
