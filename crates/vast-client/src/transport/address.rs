//! The addresses that the requests of a source may connect to. The URLs in an ad come from its buyer, so a URL may name
//! a host inside our own network (server-side request forgery).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use url::Host;

use super::{Origin, Target};
use crate::error::{ErrorType, Failure};

/// The addresses that a connection may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressScope {
    /// Addresses of the public internet only.
    Public,
    /// Any address, because the operator named the host.
    Any,
}

/// The addresses that one source, its redirects, its wrappers and its trackers may connect to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressRule {
    /// The origin that the operator named. It may have a private address. Another port of its host and its neighbours may
    /// not.
    pub named: Option<Origin>,
    /// Whether the operator permits all addresses and ports. Default `false`.
    pub allow_private: bool,
}

impl AddressRule {
    /// The rule of a source that the operator named with this URL.
    pub fn of(target: &Target) -> Self {
        Self { named: Some(target.origin().clone()), allow_private: false }
    }

    /// The addresses that a request to this origin may connect to. If the host is an address, it is checked here, because
    /// no resolver sees it.
    ///
    /// # Errors
    /// [`ErrorType::BlockedAddress`] when the request is not permitted.
    pub fn scope(&self, origin: &Origin) -> Result<AddressScope, Failure> {
        if self.allow_private || self.named.as_ref() == Some(origin) {
            return Ok(AddressScope::Any);
        }
        let is_named_host = self.named.as_ref().is_some_and(|named| named.host == origin.host);
        if !is_named_host && !matches!(origin.port, 80 | 443) {
            return Err(blocked(&origin.host, format_args!("port {} is not 80 or 443", origin.port)));
        }
        match literal(&origin.host).and_then(|address| Some((address, refusal(address)?))) {
            None => Ok(AddressScope::Public),
            Some((_, reason)) => Err(blocked(&origin.host, format_args!("{reason}"))),
        }
    }
}

impl AddressScope {
    /// Whether a connection may go to this address.
    pub fn permits(self, address: IpAddr) -> bool {
        self.refusal(address).is_none()
    }

    /// Why a connection may not go to this address.
    pub(super) fn refusal(self, address: IpAddr) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::Public => refusal(address),
        }
    }

    /// Checks that a connection may go to at least one address of a name.
    pub(super) fn check(self, host: &str, addresses: &[IpAddr]) -> Result<(), Failure> {
        let mut reason = None;
        for address in addresses {
            match self.refusal(*address) {
                None => return Ok(()),
                Some(refused) => reason = Some((address, refused)),
            }
        }
        match reason {
            None => Err(Failure::new(ErrorType::Dns, format!("{host} has no address"))),
            Some((address, reason)) => Err(blocked(&host, format_args!("it is {address}, {reason}"))),
        }
    }
}

fn blocked(host: &impl fmt::Display, why: fmt::Arguments<'_>) -> Failure {
    Failure::new(ErrorType::BlockedAddress, format!("{host} may not be reached from this ad: {why}"))
}

fn literal(host: &Host<String>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some((*address).into()),
    }
}

/// Why an address is not an address of the public internet; `None` when it is one.
fn refusal(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => refusal_v4(address),
        IpAddr::V6(address) => refusal_v6(address),
    }
}

const METADATA: &str = "a cloud's metadata service";
const RESERVED: &str = "reserved";
const DOCUMENTATION: &str = "for documentation only";

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: u16, second: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix)
}

/// The IPv4 networks that are refused (IANA IPv4 Special-Purpose Address Registry). The first match is used, so more
/// specific networks come first.
const REFUSED_V4: [(Ipv4Net, &str); 18] = [
    (v4(169, 254, 169, 254, 32), METADATA),
    (v4(100, 100, 100, 200, 32), METADATA),
    (v4(168, 63, 129, 16, 32), METADATA),
    (v4(0, 0, 0, 0, 8), "this network"),
    (v4(10, 0, 0, 0, 8), "private"),
    (v4(100, 64, 0, 0, 10), "a carrier's private network"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private"),
    (v4(192, 0, 0, 0, 24), RESERVED),
    (v4(192, 0, 2, 0, 24), DOCUMENTATION),
    (v4(192, 88, 99, 0, 24), "a 6to4 relay"),
    (v4(192, 168, 0, 0, 16), "private"),
    (v4(198, 18, 0, 0, 15), "for benchmarks only"),
    (v4(198, 51, 100, 0, 24), DOCUMENTATION),
    (v4(203, 0, 113, 0, 24), DOCUMENTATION),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(240, 0, 0, 0, 4), RESERVED),
];

/// The IPv6 networks that are refused although they lie in 2000::/3, and those outside it that have a better description
/// than "reserved".
const REFUSED_V6: [(Ipv6Net, &str); 11] = [
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), "loopback"),
    (Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128), "this network"),
    (Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128), METADATA),
    (v6(0xfc00, 0, 7), "private"),
    (v6(0xfe80, 0, 10), "link-local"),
    (v6(0xfec0, 0, 10), "site-local"),
    (v6(0xff00, 0, 8), "multicast"),
    (v6(0x2001, 0, 32), "a Teredo tunnel"),
    (v6(0x2001, 0, 23), RESERVED),
    (v6(0x2001, 0xdb8, 32), DOCUMENTATION),
    (v6(0x3fff, 0, 20), DOCUMENTATION),
];

/// The IPv6 addresses that are assigned as global unicast addresses.
const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 3);

fn refusal_v4(address: Ipv4Addr) -> Option<&'static str> {
    REFUSED_V4.iter().find(|(network, _)| network.contains(&address)).map(|(_, reason)| *reason)
}

fn refusal_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(embedded) = embedded_v4(address) {
        return refusal_v4(embedded);
    }
    match REFUSED_V6.iter().find(|(network, _)| network.contains(&address)) {
        Some((_, reason)) => Some(*reason),
        None => (!GLOBAL_UNICAST.contains(&address)).then_some(RESERVED),
    }
}

/// The IPv4 address that an IPv6 address contains: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    }
}
