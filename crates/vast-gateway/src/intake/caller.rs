//! Who is at the other end: the address of the device behind trusted proxies.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};
use ipnet::IpNet;

use crate::config::{AddressOrigin, ServerConfig};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client: `parameter`, which a caller that is believed has sent, what trusted proxies say, or the peer.
pub(crate) fn client_address(
    peer: IpAddr,
    headers: &HeaderMap,
    parameter: Option<IpAddr>,
    server: &ServerConfig,
) -> IpAddr {
    let peer = peer.to_canonical();
    let is_proxy = is_in(&server.trusted_proxies, peer);
    let of_origin = |origin: &AddressOrigin| match origin {
        AddressOrigin::Parameter => parameter,
        AddressOrigin::ForwardedFor if is_proxy => nearest_client(headers, &FORWARDED_FOR, &server.trusted_proxies),
        AddressOrigin::Forwarded if is_proxy => nearest_client(headers, &FORWARDED, &server.trusted_proxies),
        AddressOrigin::Header(name) if is_proxy => headers.get(name)?.to_str().ok().and_then(address),
        AddressOrigin::ForwardedFor | AddressOrigin::Forwarded | AddressOrigin::Header(_) => None,
        AddressOrigin::Peer => Some(peer),
    };
    server.device_ip_from.iter().find_map(of_origin).unwrap_or(peer)
}

/// Whether the parameters about the device are believed because of the address of the caller.
pub(crate) fn is_trusted_caller(peer: IpAddr, server: &ServerConfig) -> bool {
    is_in(&server.trusted_callers, peer.to_canonical())
}

fn is_in(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// The right-most address of this header that is not a trusted proxy. Everything to the left of it was written by the client.
fn nearest_client(headers: &HeaderMap, name: &HeaderName, proxies: &[IpNet]) -> Option<IpAddr> {
    let values: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("")).collect();
    let hops = values.iter().rev().flat_map(|value| value.rsplit(','));
    // Empty elements of a list mean nothing (RFC 9110 section 5.6.1).
    let hops = hops.filter(|hop| !hop.trim().is_empty());
    let mut nearest = None;
    for hop in hops {
        // What is left of a hop that cannot be read could be anything.
        let hop = if *name == FORWARDED { node_of(hop) } else { Some(hop) };
        let Some(address) = hop.and_then(address) else { break };
        nearest = Some(address);
        if !is_in(proxies, address) {
            break;
        }
    }
    nearest
}

/// The value of `for` in an element of `Forwarded` (RFC 7239 section 4). An address has no comma and no semicolon, so the quotes of other
/// values need not be read. If they were, a client could hide the elements of the proxies behind a quote that it does not close.
fn node_of(element: &str) -> Option<&str> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    let value = value.trim();
    Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// An address with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// The address that is found for a request of `peer` with these values of the header `name`.
    fn found(server: &ServerConfig, peer: &str, name: &HeaderName, values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        // No address is taken from the header that is not asked for.
        headers.insert(FORWARDED_FOR, HeaderValue::from_static("2.2.2.2"));
        headers.insert(FORWARDED, HeaderValue::from_static("for=3.3.3.3"));
        headers.remove(name);
        for value in values {
            headers.append(name, HeaderValue::from_str(value).expect("a value"));
        }
        client_address(peer.parse().expect("an address"), &headers, None, server).to_string()
    }

    #[test]
    fn s24_only_trusted_proxies_are_believed_and_only_the_hop_next_to_them() {
        let server = ServerConfig {
            trusted_proxies: vec![
                "10.0.0.0/8".parse().expect("a network"),
                "2001:db8::/32".parse().expect("a network"),
            ],
            ..ServerConfig::default()
        };
        // Peer, X-Forwarded-For, the address that counts.
        let cases: [(&str, &[&str], &str); 13] = [
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["1.1.1.1", "198.51.100.1 , 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["1.1.1.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["unknown"], "10.0.0.1"),
            ("10.0.0.1", &["1.1.1.1, 198.51.100.1, ", ""], "198.51.100.1"),
            ("10.0.0.1", &[" , "], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["[2001:db9::7]:443"], "2001:db9::7"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ];
        for (peer, forwarded, expected) in cases {
            assert_eq!(found(&server, peer, &FORWARDED_FOR, forwarded), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn forwarded_is_read_as_x_forwarded_for() {
        let server = ServerConfig {
            trusted_proxies: vec!["10.0.0.0/8".parse().expect("a network")],
            device_ip_from: vec![AddressOrigin::Forwarded, AddressOrigin::Peer],
            ..ServerConfig::default()
        };
        // Peer, Forwarded, the address that counts.
        let cases: [(&str, &[&str], &str); 12] = [
            ("203.0.113.9", &["for=198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["for=198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["For=\"198.51.100.1:4711\";proto=https;by=10.0.0.1"], "198.51.100.1"),
            ("10.0.0.1", &["proto=https; for = \"[2001:db8::7]:443\""], "2001:db8::7"),
            ("10.0.0.1", &["for=1.1.1.1, for=198.51.100.1", "for=10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["for=1.1.1.1, for=unknown, for=10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["for=_hidden"], "10.0.0.1"),
            ("10.0.0.1", &["proto=https"], "10.0.0.1"),
            ("10.0.0.1", &["for=\"1.1.1.1", "for=198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["for=1.1.1.1;x=\", for=198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["for=198.51.100.1;for=1.1.1.1"], "198.51.100.1"),
        ];
        for (peer, forwarded, expected) in cases {
            assert_eq!(found(&server, peer, &FORWARDED, forwarded), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn a_header_of_a_cdn_counts_only_behind_it() {
        let name = HeaderName::from_static("cf-connecting-ip");
        let server = ServerConfig {
            trusted_proxies: vec!["10.0.0.0/8".parse().expect("a network")],
            device_ip_from: vec![AddressOrigin::Header(name.clone()), AddressOrigin::Peer],
            ..ServerConfig::default()
        };
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_static("198.51.100.1"))]);
        for (peer, expected) in [("10.0.0.1", "198.51.100.1"), ("203.0.113.9", "203.0.113.9")] {
            let found = client_address(peer.parse().expect("an address"), &headers, None, &server);
            assert_eq!(found.to_string(), expected);
        }
    }
}
