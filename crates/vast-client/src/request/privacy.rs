//! The rules for personal data that a source may receive: the address, the user agent and the advertising id.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use uuid::Uuid;

/// The rules for the personal data that the servers of one source's tree receive, in all requests and beacons of the
/// tree. By default, the servers receive all data that the host gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Privacy {
    /// The device's address: `X-Device-IP` and `[DEVICEIP]`.
    pub ip: IpPolicy,
    /// The device's user agent: `X-Device-User-Agent` and `[DEVICEUA]`.
    pub user_agent: UserAgentPolicy,
    /// The advertising id: `[IFA]` and `[IFATYPE]`. If COPPA applies or the viewer limits ad tracking, the id is never
    /// sent, independent of this setting.
    pub ifa: IfaPolicy,
    /// The salt of a hashed advertising id. Keep it secret, so that hashed ids cannot be looked up. Sources with the same
    /// salt receive the same hashed id. Default: the source's name.
    pub ifa_salt: Option<String>,
    /// Whether the source needs consent. If `true`, it is not asked where the GDPR applies and there is no consent string.
    /// Default `false`.
    pub require_consent: bool,
    /// Whether the device's address is also sent as `X-Forwarded-For`, after `ip` was applied. It is meant for servers that
    /// do not know `X-Device-IP`; VAST 4.3 section 1.1.3 keeps the header for compatibility only. Default `false`.
    pub forward_for: bool,
}

/// How the device's address is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum IpPolicy {
    /// The whole address.
    #[default]
    Full,
    /// The network only: the first 24 bits of IPv4, 56 of IPv6. The other bits are zero.
    Truncate,
    /// No address.
    None,
}

/// How the user agent is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum UserAgentPolicy {
    /// The whole user agent.
    #[default]
    Full,
    /// A shortened user agent: versions keep only their first number, comments only their first part.
    Generalise,
    /// No user agent.
    None,
}

/// How the advertising id is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum IfaPolicy {
    /// The id itself.
    #[default]
    Pass,
    /// A UUID of version 5 (RFC 9562) made of the id and the salt. The id cannot be computed from it.
    Hash,
    /// No advertising id.
    Drop,
}

impl IpPolicy {
    /// `ip` as it is sent; `None` if it is withheld.
    pub fn apply(self, ip: IpAddr) -> Option<IpAddr> {
        // An IPv4 address that is mapped into IPv6 is truncated as IPv4.
        match (self, ip.to_canonical()) {
            (Self::Full, _) => Some(ip),
            (Self::Truncate, IpAddr::V4(ip)) => {
                let [one, two, three, _] = ip.octets();
                Some(Ipv4Addr::new(one, two, three, 0).into())
            }
            (Self::Truncate, IpAddr::V6(ip)) => Some(Ipv6Addr::from(u128::from(ip) >> 72 << 72).into()),
            (Self::None, _) => None,
        }
    }

    /// The address in `text` as it is sent. Only [`Full`](Self::Full) sends a text that is not an address.
    pub fn apply_text(self, text: &str) -> Option<String> {
        if self == Self::Full {
            return Some(text.to_owned());
        }
        self.apply(text.trim().parse().ok()?).map(|ip| ip.to_string())
    }
}

impl UserAgentPolicy {
    /// `user_agent` as it is sent; `None` if it is withheld.
    pub fn apply(self, user_agent: &str) -> Option<String> {
        self.applied_to(user_agent).map(Cow::into_owned)
    }

    /// Like [`apply`](Self::apply). A value that is sent unchanged is not copied.
    pub(crate) fn applied_to(self, user_agent: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Full => Some(Cow::Borrowed(user_agent)),
            Self::Generalise => Some(Cow::Owned(generalised(user_agent))),
            Self::None => None,
        }
    }
}

impl IfaPolicy {
    /// `ifa` as it is sent with this salt; `None` if it is withheld.
    pub fn apply(self, ifa: &str, salt: &str) -> Option<String> {
        match self {
            Self::Pass => Some(ifa.to_owned()),
            Self::Hash => {
                let namespace = Uuid::new_v5(&Uuid::NAMESPACE_OID, salt.as_bytes());
                // Ids occur in upper and lower case. Both must give the same hash.
                let ifa = ifa.trim().to_ascii_lowercase();
                Some(Uuid::new_v5(&namespace, ifa.as_bytes()).to_string())
            }
            Self::Drop => None,
        }
    }
}

/// Shortens a user agent: `Mozilla/5.0 (Linux; Android 13; X1) Chrome/112.0.5615.48` becomes `Mozilla/5 (Linux)
/// Chrome/112`.
fn generalised(user_agent: &str) -> String {
    let mut general = String::with_capacity(user_agent.len());
    let (mut depth, mut is_detail, mut in_version) = (0_u32, false, false);
    for letter in user_agent.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        // The detail of a comment is everything after its first part, and all nested comments.
        is_detail = depth > 0 && (is_detail || letter == ';' || depth > 1);
        in_version = match letter {
            '.' | '_' => in_version || general.ends_with(|last: char| last.is_ascii_digit()),
            _ => in_version && letter.is_ascii_alphanumeric(),
        };
        if !is_detail && !in_version {
            general.push(letter);
        }
    }
    general
}
