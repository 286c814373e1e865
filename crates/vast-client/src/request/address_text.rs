//! Addresses as text.

use std::net::IpAddr;

/// The address as text. Every request has it, and the formatting of the standard library takes many times as long for IPv4.
pub(super) fn text_of(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else { return address.to_string() };
    let (mut text, mut length) = ([0; "255.255.255.255".len()], 0);
    let mut push = |byte: u8| {
        if let Some(place) = text.get_mut(length) {
            (*place, length) = (byte, length + 1);
        }
    };
    for (number, octet) in address.octets().into_iter().enumerate() {
        if number > 0 {
            push(b'.');
        }
        if octet >= 100 {
            push(b'0' + octet / 100);
        }
        if octet >= 10 {
            push(b'0' + octet / 10 % 10);
        }
        push(b'0' + octet % 10);
    }
    // Digits and dots are UTF-8.
    std::str::from_utf8(&text[..length]).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_the_standard_library_writes_it() {
        let every = (0..=u8::MAX).map(|octet| IpAddr::from([octet, 255 - octet, 10, octet]));
        let other = ["::1", "2001:db8::ff", "::ffff:192.0.2.1"].map(|text| text.parse().expect("an address"));
        for address in every.chain(other) {
            assert_eq!(text_of(address), address.to_string());
        }
    }
}
