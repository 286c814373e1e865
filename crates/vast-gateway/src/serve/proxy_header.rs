//! The header with which a proxy names the address of its client: HAProxy's PROXY protocol, version 1 (text) and version 2
//! (binary). A pure parser.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str;

/// The longest header of version 1, with its line end.
const MAX_TEXT: usize = 107;
/// The longest header of version 2 that is accepted. The fields after the addresses are not used; proxies send some
/// hundred bytes of them.
const MAX_BINARY: usize = 4 << 10;
/// The first bytes of version 2.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family, length.
const FIXED: usize = 16;

/// A complete header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProxyHeader {
    /// Its bytes; the data of the client follow.
    pub(super) length: usize,
    /// The address of the client. `None` if the proxy speaks for itself (a health check) or the client did not use IP.
    pub(super) client: Option<SocketAddr>,
}

/// What the first bytes of a connection are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    Complete(ProxyHeader),
    /// More bytes are needed.
    Incomplete,
    /// No PROXY header, or a malformed one.
    Invalid,
}

/// Reads the header at the beginning of `input`.
pub(super) fn parse(input: &[u8]) -> Beginning {
    if input.starts_with(SIGNATURE) {
        binary(input)
    } else if SIGNATURE.starts_with(input) {
        Beginning::Incomplete
    } else {
        text(input)
    }
}

/// `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n`
fn text(input: &[u8]) -> Beginning {
    const PREFIX: &[u8] = b"PROXY ";
    if !input.starts_with(PREFIX) {
        return if PREFIX.starts_with(input) { Beginning::Incomplete } else { Beginning::Invalid };
    }
    let Some(end) = input.windows(2).take(MAX_TEXT - 1).position(|pair| pair == b"\r\n") else {
        return if input.len() < MAX_TEXT { Beginning::Incomplete } else { Beginning::Invalid };
    };
    let Some(client) = str::from_utf8(&input[PREFIX.len()..end]).ok().and_then(text_client) else {
        return Beginning::Invalid;
    };
    Beginning::Complete(ProxyHeader { length: end + 2, client })
}

/// The client of a header of version 1. The outer `None` stands for a malformed header.
fn text_client(line: &str) -> Option<Option<SocketAddr>> {
    let words: Vec<&str> = line.split(' ').take(6).collect();
    match words[..] {
        ["UNKNOWN", ..] => Some(None),
        ["TCP4", source, target, source_port, target_port] => {
            target.parse::<Ipv4Addr>().ok()?;
            let address = source.parse::<Ipv4Addr>().ok()?;
            text_ports(source_port, target_port).map(|port| Some(SocketAddr::new(IpAddr::V4(address), port)))
        }
        ["TCP6", source, target, source_port, target_port] => {
            target.parse::<Ipv6Addr>().ok()?;
            let address = source.parse::<Ipv6Addr>().ok()?;
            text_ports(source_port, target_port).map(|port| Some(SocketAddr::new(IpAddr::V6(address), port)))
        }
        _ => None,
    }
}

/// The port of the client, if both ports are valid.
fn text_ports(source: &str, target: &str) -> Option<u16> {
    let port = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse::<u16>().ok())?;
    port(target)?;
    port(source)
}

fn binary(input: &[u8]) -> Beginning {
    let Some(&[version_and_command, family, high, low]) = input.get(SIGNATURE.len()..FIXED) else {
        return Beginning::Incomplete;
    };
    let length = FIXED + usize::from(u16::from_be_bytes([high, low]));
    if length > MAX_BINARY {
        return Beginning::Invalid;
    }
    let Some(addresses) = input.get(FIXED..length) else {
        return Beginning::Incomplete;
    };
    let client = match (version_and_command, family) {
        // LOCAL: the proxy itself connects.
        (0x20, _) => Some(None),
        (0x21, 0x11) => binary_client::<4>(addresses),
        (0x21, 0x21) => binary_client::<16>(addresses),
        // Neither TCP over IPv4 nor over IPv6: a Unix socket or unspecified.
        (0x21, 0x00 | 0x31) => Some(None),
        _ => None,
    };
    client.map_or(Beginning::Invalid, |client| Beginning::Complete(ProxyHeader { length, client }))
}

/// The client in the addresses of a header of version 2: two addresses of `N` bytes, two ports. The outer `None` stands
/// for a malformed header.
fn binary_client<const N: usize>(addresses: &[u8]) -> Option<Option<SocketAddr>>
where
    IpAddr: From<[u8; N]>,
{
    let source: [u8; N] = addresses.get(..N)?.try_into().ok()?;
    let ports: [u8; 4] = addresses.get(2 * N..2 * N + 4)?.try_into().ok()?;
    Some(Some(SocketAddr::new(IpAddr::from(source), u16::from_be_bytes([ports[0], ports[1]]))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Option<SocketAddr> {
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    /// A header, followed by data of the client: complete with all its bytes, incomplete with fewer.
    #[track_caller]
    fn check_complete(header: &[u8], address: &str) {
        let mut input = header.to_vec();
        input.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n");
        let expected = ProxyHeader { length: header.len(), client: client(address) };
        assert_eq!(parse(&input), Beginning::Complete(expected), "{}", header.escape_ascii());
        for cut in 0..header.len() {
            assert_eq!(parse(&header[..cut]), Beginning::Incomplete, "{}", header[..cut].escape_ascii());
        }
    }

    fn version_2(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let length = u16::try_from(addresses.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, addresses].concat()
    }

    const IPV4: [u8; 12] = [192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 0x04, 1, 0xbb];

    #[test]
    fn complete_headers() {
        check_complete(b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", "192.0.2.1:56324");
        check_complete(b"PROXY TCP6 2001:db8::1 ::1 56324 443\r\n", "[2001:db8::1]:56324");
        check_complete(b"PROXY UNKNOWN\r\n", "");
        check_complete(b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", "");
        check_complete(&version_2(0x21, 0x11, &IPV4), "192.0.2.1:56324");
        let mut ipv6 = [0; 36];
        ipv6[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        ipv6[15] = 1;
        ipv6[32..34].copy_from_slice(&56_324u16.to_be_bytes());
        check_complete(&version_2(0x21, 0x21, &ipv6), "[2001:db8::1]:56324");
        let with_fields = [&IPV4[..], &[0x04, 0, 1, 0]].concat();
        check_complete(&version_2(0x21, 0x11, &with_fields), "192.0.2.1:56324");
        check_complete(&version_2(0x20, 0x00, b""), "");
        check_complete(&version_2(0x20, 0x11, &IPV4), "");
        check_complete(&version_2(0x21, 0x31, &[0; 216]), "");
    }

    #[test]
    fn invalid_headers() {
        let long_text = [b"PROXY UNKNOWN ".as_slice(), &[b'x'; 200], b"\r\n"].concat();
        let too_long = [&SIGNATURE[..], &[0x21, 0x11, 0xff, 0xff]].concat();
        let headers: [&[u8]; 16] = [
            b"GET / HTTP/1.1\r\n",
            b"proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n",
            b"PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n",
            b"PROXY TCP4 192.0.2.1 198.51.100.1 1 2 3\r\n",
            b"PROXY TCP4  192.0.2.1 198.51.100.1 1 2\r\n",
            b"PROXY TCP4 2001:db8::1 ::1 1 2\r\n",
            b"PROXY TCP6 192.0.2.1 198.51.100.1 1 2\r\n",
            b"PROXY TCP4 192.0.2.1 198.51.100.1 65536 2\r\n",
            b"PROXY TCP4 192.0.2.1 198.51.100.1 +1 2\r\n",
            b"PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n",
            b"PROXY TCP4 192.0.2.1\0 198.51.100.1 1 2\r\n",
            &long_text,
            &too_long,
            &version_2(0x11, 0x11, &IPV4),
            &version_2(0x21, 0x12, &IPV4),
            &version_2(0x21, 0x11, &IPV4[..11]),
        ];
        for header in headers {
            assert_eq!(parse(header), Beginning::Invalid, "{}", header.escape_ascii());
        }
    }
}
