//! Who is at the other end: the address of the device behind trusted proxies.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::HeaderName;
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
        AddressOrigin::ForwardedFor if is_proxy => forwarded(headers, &server.trusted_proxies),
        AddressOrigin::Header(name) if is_proxy => headers.get(name)?.to_str().ok().and_then(address),
        AddressOrigin::ForwardedFor | AddressOrigin::Header(_) => None,
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

/// The right-most address that is not a trusted proxy. Everything to the left of it was written by the client.
fn forwarded(headers: &HeaderMap, proxies: &[IpNet]) -> Option<IpAddr> {
    let values: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().map(|value| value.to_str().unwrap_or("")).collect();
    let hops = values.iter().rev().flat_map(|value| value.rsplit(','));
    // Empty elements of a list mean nothing (RFC 9110 section 5.6.1).
    let hops = hops.filter(|hop| !hop.trim().is_empty());
    let mut nearest = None;
    for hop in hops {
        // What is left of a hop that cannot be read could be anything.
        let Some(address) = address(hop) else { break };
        nearest = Some(address);
        if !is_in(proxies, address) {
            break;
        }
    }
    nearest
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
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append(FORWARDED_FOR, HeaderValue::from_str(value).expect("a value"));
            }
            let found = client_address(peer.parse().expect("an address"), &headers, None, &server);
            assert_eq!(found.to_string(), expected, "{peer} {forwarded:?}");
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
