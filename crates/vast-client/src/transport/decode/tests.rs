use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue};

use super::{BodyLimits, Decoder, EncodingWarning};
use crate::error::{ErrorType, Failure};

const TEXT: &str = "<VAST version=\"4.2\"></VAST>";
/// [`TEXT`] compressed by the reference encoder.
const TEXT_BR: &[u8] = &[
    0x0b, 0x0d, 0x80, 0x3c, 0x56, 0x41, 0x53, 0x54, 0x20, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x3d, 0x22, 0x34,
    0x2e, 0x32, 0x22, 0x3e, 0x3c, 0x2f, 0x56, 0x41, 0x53, 0x54, 0x3e, 0x03,
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn headers(coding: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))])
}

/// Decodes a body that arrives in pieces of this size.
fn decode(coding: &'static str, body: &[u8], piece: usize, limits: BodyLimits) -> Result<Bytes, Failure> {
    let mut decoder = Decoder::new(&headers(coding), limits)?;
    for piece in body.chunks(piece) {
        decoder.push(Bytes::copy_from_slice(piece))?;
    }
    decoder.finish().map(|decoded| decoded.body)
}

fn error_type(decoded: Result<Bytes, Failure>) -> Option<ErrorType> {
    decoded.err().map(|failure| failure.error_type)
}

#[test]
fn r014_every_coding_decodes_however_it_is_cut() {
    let bodies = [
        ("identity", TEXT.as_bytes().to_vec()),
        ("gzip", gzip(TEXT.as_bytes())),
        ("X-GZip", gzip(TEXT.as_bytes())),
        ("deflate", zlib(TEXT.as_bytes())),
        ("deflate", raw_deflate(TEXT.as_bytes())),
        ("br", TEXT_BR.to_vec()),
        #[cfg(feature = "zstd")]
        ("zstd", zstd_raw(TEXT.as_bytes())),
        ("gzip, identity", gzip(TEXT.as_bytes())),
    ];
    for (coding, body) in bodies {
        for piece in [1, 2, 7, body.len()] {
            let decoded = decode(coding, &body, piece, BodyLimits::default());
            assert_eq!(decoded.as_deref(), Ok(TEXT.as_bytes()), "{coding} in pieces of {piece}");
        }
        let decoded = decode(coding, &[], 1, BodyLimits::default());
        assert_eq!(decoded.as_deref(), Ok(&[][..]), "{coding}: an empty body is an empty body");
    }
}

#[test]
fn a_large_document_decodes_too() {
    let large: String = (0..60_000).map(|number| format!("<a{number}/>")).collect();
    for (coding, body) in [("gzip", gzip(large.as_bytes())), ("deflate", zlib(large.as_bytes()))] {
        let decoded = decode(coding, &body, 1000, BodyLimits::default()).expect(coding);
        assert!(decoded == large.as_bytes(), "{coding}");
    }
}

#[test]
fn a_truncated_or_damaged_body_is_an_encoding_failure() {
    let mut damaged = gzip(TEXT.as_bytes());
    let last = damaged.len() - 6;
    damaged[last] ^= 1;
    assert_eq!(error_type(decode("gzip", &damaged, 99, BodyLimits::default())), Some(ErrorType::Encoding));
    let bodies = [
        ("gzip", gzip(TEXT.as_bytes())),
        ("deflate", raw_deflate(TEXT.as_bytes())),
        ("br", TEXT_BR.to_vec()),
        #[cfg(feature = "zstd")]
        ("zstd", zstd_raw(TEXT.as_bytes())),
    ];
    for (coding, body) in bodies {
        for end in 1..body.len() {
            let decoded = decode(coding, &body[..end], 5, BodyLimits::default());
            assert_eq!(error_type(decoded), Some(ErrorType::Encoding), "{coding} cut at {end}");
        }
        let decoded = decode(coding, TEXT.as_bytes(), 5, BodyLimits::default());
        assert_eq!(error_type(decoded), Some(ErrorType::Encoding), "{coding}: it was not encoded at all");
    }
}

#[test]
fn garbage_after_the_end_is_tolerated() {
    for (coding, mut body) in
        [("gzip", gzip(TEXT.as_bytes())), ("deflate", zlib(TEXT.as_bytes())), ("br", TEXT_BR.into())]
    {
        body.extend_from_slice(b"\0\0padding");
        for piece in [1, 1000] {
            assert_eq!(decode(coding, &body, piece, BodyLimits::default()).as_deref(), Ok(TEXT.as_bytes()), "{coding}");
        }
    }
}

#[test]
fn one_layer_of_a_known_coding_only() {
    for coding in ["gzip, gzip", "gzip,br", "gzip, identity, deflate", "gzip, utf-8, gzip"] {
        assert_eq!(error_type(decode(coding, &[], 1, BodyLimits::default())), Some(ErrorType::Encoding), "{coding}");
    }
    let mut twice = headers("gzip");
    twice.append(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    assert!(Decoder::new(&twice, BodyLimits::default()).is_err());
}

/// The body and the warning of a response with this `Content-Encoding`, which arrives in pieces of this size.
fn decode_with_warning(coding: &[u8], body: &[u8], piece: usize) -> Result<(Bytes, Option<EncodingWarning>), Failure> {
    let mut headers = HeaderMap::new();
    if !coding.is_empty() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_bytes(coding).expect("a header value"));
    }
    let mut decoder = Decoder::new(&headers, BodyLimits::default())?;
    for piece in body.chunks(piece) {
        decoder.push(Bytes::copy_from_slice(piece))?;
    }
    decoder.finish().map(|decoded| (decoded.body, decoded.warning))
}

/// The `Content-Encoding`, the body as sent, the body as read, and the warning.
type EncodingCase<'a> = (&'a [u8], &'a [u8], &'a [u8], Option<EncodingWarning>);

#[test]
fn a_body_that_its_headers_do_not_describe_is_recognized() {
    use EncodingWarning::{UndeclaredGzip, UnknownLabel};
    let label = |label: &str| Some(UnknownLabel(label.to_owned()));
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(TEXT.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let text = TEXT.as_bytes();
    let cases: &[EncodingCase<'_>] = &[
        (b"", text, text, None),
        (b"identity", text, text, None),
        (b"utf-8", text, text, label("utf-8")),
        (b"UTF-16BE", &utf16, &utf16, label("UTF-16BE")),
        (b"none", text, text, label("none")),
        (b"xml, fast", text, text, label("fast")),
        (b"a\xc2\x9b\tb", text, text, label("a\\xc2\\x9b\\tb")),
        (b"x", b"<", b"<", label("x")),
        (b"x", b"", b"", None),
        (b"", &gzip(text), text, Some(UndeclaredGzip)),
        (b"identity", &gzip(text), text, Some(UndeclaredGzip)),
        (b"utf-8", &gzip(text), text, Some(UndeclaredGzip)),
        (b"gzip, utf-8", &gzip(text), text, None),
    ];
    for (coding, sent, read, warning) in cases {
        for piece in [1, 2, 3, 1000] {
            let decoded = decode_with_warning(coding, sent, piece);
            let expected = (Bytes::copy_from_slice(read), warning.clone());
            assert_eq!(decoded, Ok(expected), "{} in pieces of {piece}", coding.escape_ascii());
        }
    }
    let long = decode_with_warning(&[b'x'; 5000], text, 99).expect("text");
    assert_eq!(long.1, label(&"x".repeat(40)));
}

#[test]
fn a_body_with_an_unknown_encoding_that_is_no_text_fails() {
    for (coding, body) in [("compress", &b"\x1f\x9d\x90<\0\x01"[..]), ("br2", TEXT_BR), ("x", &[0, 159, 146, 150])] {
        let failure = decode_with_warning(coding.as_bytes(), body, 99).expect_err(coding);
        assert_eq!(failure.error_type, ErrorType::Encoding, "{coding}");
        assert!(!failure.message.chars().any(char::is_control), "{coding}: {}", failure.message);
    }
    // Undeclared gzip has the same limits as declared gzip.
    let bomb = decode_with_warning(b"", &gzip(&vec![0; 10_000_000]), 1000);
    assert_eq!(bomb.expect_err("too large").error_type, ErrorType::TooLarge);
}

#[test]
fn decompression_bombs_are_detected_during_decoding() {
    let zeros = vec![0; 10_000_000];
    for (coding, bomb) in [("gzip", gzip(&zeros)), ("deflate", zlib(&zeros)), ("deflate", raw_deflate(&zeros))] {
        assert!(bomb.len() < 20_000, "{coding}");
        let failure = decode(coding, &bomb, 1000, BodyLimits::default()).expect_err(coding);
        assert_eq!(failure.error_type, ErrorType::TooLarge, "{coding}");
        // Without the limit on the ratio, the limit on the size ends the decoding.
        let failure = decode(coding, &bomb, 1000, BodyLimits { ratio: u64::MAX, ..BodyLimits::default() });
        assert_eq!(error_type(failure), Some(ErrorType::TooLarge), "{coding}");
        let all = BodyLimits { ratio: u64::MAX, decoded_bytes: zeros.len(), ..BodyLimits::default() };
        assert_eq!(decode(coding, &bomb, 1000, all).map(|body| body.len()), Ok(zeros.len()), "{coding}");
        let one_less = BodyLimits { decoded_bytes: zeros.len() - 1, ..all };
        assert_eq!(error_type(decode(coding, &bomb, 1000, one_less)), Some(ErrorType::TooLarge), "{coding}");
    }
}

#[test]
fn the_ratio_counts_from_64_kib_on() {
    let small = vec![b' '; 64 * 1024];
    assert_eq!(decode("gzip", &gzip(&small), 9999, BodyLimits::default()).map(|body| body.len()), Ok(small.len()));
    let more = vec![b' '; 64 * 1024 + 1];
    assert_eq!(error_type(decode("gzip", &gzip(&more), 9999, BodyLimits::default())), Some(ErrorType::TooLarge));
}

#[test]
fn r014_the_bytes_on_the_wire_are_limited() {
    let limits = BodyLimits { wire_bytes: 100, decoded_bytes: 200, ..BodyLimits::default() };
    let long = "x".repeat(201);
    assert!(decode("identity", &long.as_bytes()[..200], 50, limits).is_ok());
    assert_eq!(error_type(decode("identity", long.as_bytes(), 50, limits)), Some(ErrorType::TooLarge));
    // Padding counts too. Otherwise a server could send padding without end.
    let mut padded = gzip(b"x");
    padded.resize(101, 0);
    assert_eq!(error_type(decode("gzip", &padded, 50, limits)), Some(ErrorType::TooLarge));
    assert!(decode("gzip", &padded[..100], 50, limits).is_ok());
}

#[test]
fn a_body_that_announces_too_much_is_refused_before_it_is_read() {
    let limits = BodyLimits { wire_bytes: 100, decoded_bytes: 200, ..BodyLimits::default() };
    for (coding, length, refused) in [("identity", "200", false), ("identity", "201", true), ("gzip", "101", true)] {
        let mut headers = headers(coding);
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static(length));
        assert_eq!(Decoder::new(&headers, limits).is_err(), refused, "{coding} {length}");
    }
}

#[test]
fn a_body_in_one_piece_is_not_copied() {
    let body = Bytes::from_static(TEXT.as_bytes());
    let mut decoder = Decoder::new(&HeaderMap::new(), BodyLimits::default()).expect("no coding");
    decoder.push(body.clone()).expect("small");
    let decoded = decoder.finish().expect("complete");
    assert_eq!(decoded.wire_bytes, body.len() as u64);
    assert_eq!(decoded.body.as_ptr(), body.as_ptr());
}

/// A frame with one raw block (RFC 8878 section 3.1.1), its size not given.
#[cfg(feature = "zstd")]
fn zstd_raw(bytes: &[u8]) -> Vec<u8> {
    let header = u32::try_from(bytes.len()).expect("small") << 3 | 1;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    frame.extend_from_slice(&header.to_le_bytes()[..3]);
    frame.extend_from_slice(bytes);
    frame
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_bombs_and_windows_are_bounded() {
    // Blocks of one repeated byte, 128 KiB each (block type 1), none marked as the last.
    let block = ((128 * 1024_u32) << 3 | 1 << 1).to_le_bytes();
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for _ in 0..100 {
        bomb.extend_from_slice(&[block[0], block[1], block[2], b'x']);
    }
    assert_eq!(error_type(decode("zstd", &bomb, 99, BodyLimits::default())), Some(ErrorType::TooLarge));
    // A window of 64 MiB.
    let wide = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x80, 0x01, 0x00, 0x00];
    assert_eq!(error_type(decode("zstd", &wide, 99, BodyLimits::default())), Some(ErrorType::Encoding));
}
