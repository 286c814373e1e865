//! Content codings (RFC 9110, 8.4.1), which the mock applies to a body before it sends it.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

/// A content coding; the body is compressed by the mock and `Content-Encoding` is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Encoding {
    /// Gzip (RFC 1952).
    Gzip,
    /// The zlib format of RFC 1950, which is what HTTP calls deflate.
    Deflate,
    /// Brotli (RFC 7932) with uncompressed blocks: every decoder can read it, but the body does not become smaller. For
    /// a compressed brotli body, give the compressed bytes and [`crate::Answer::raw`].
    Br,
}

impl Encoding {
    /// The value of `Content-Encoding`.
    pub const fn token(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Br => "br",
        }
    }

    pub(crate) fn encode(self, body: &[u8]) -> Bytes {
        match self {
            Self::Gzip => gzip(body),
            Self::Deflate => zlib(body),
            Self::Br => stored_brotli(body),
        }
        .into()
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("writing to memory cannot fail")
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("writing to memory cannot fail")
}

/// A brotli stream of uncompressed meta-blocks (RFC 7932, 9.2), which needs no compressor.
///
/// Bits are written from the lowest to the highest. The stream begins with one bit 0 (a window of 64 KiB). A block is
/// `ISLAST` 0, two bits 0 for a length of four nibbles, sixteen bits of length - 1, `ISUNCOMPRESSED` 1, zeroes up to the
/// next byte, and the data. The stream ends with `ISLAST` 1, `ISLASTEMPTY` 1.
fn stored_brotli(body: &[u8]) -> Vec<u8> {
    const LONGEST_BLOCK: usize = 1 << 16;
    const END: u8 = 0b11;
    let mut stream = Vec::with_capacity(body.len() + 16);
    for (index, block) in body.chunks(LONGEST_BLOCK).enumerate() {
        let stream_header_bits = usize::from(index == 0);
        let block_header = ((block.len() - 1) << 3 | 1 << 19) << stream_header_bits;
        stream.extend_from_slice(&block_header.to_le_bytes()[..3]);
        stream.extend_from_slice(block);
    }
    stream.push(if body.is_empty() { END << 1 } else { END });
    stream
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long() -> Vec<u8> {
        (0..200_000_u32).map(|number| (number % 251) as u8).collect()
    }

    fn read(mut decoder: impl std::io::Read) -> Vec<u8> {
        let mut body = Vec::new();
        decoder.read_to_end(&mut body).expect("the stream is whole");
        body
    }

    #[test]
    fn every_coding_is_read_back_by_a_decoder() {
        for body in [Vec::new(), b"<VAST/>".to_vec(), vec![b'x'; 1 << 16], long()] {
            let gzip = Encoding::Gzip.encode(&body);
            let deflate = Encoding::Deflate.encode(&body);
            let brotli = Encoding::Br.encode(&body);
            assert!(read(flate2::read::GzDecoder::new(&gzip[..])) == body);
            assert!(read(flate2::read::ZlibDecoder::new(&deflate[..])) == body);
            assert!(read(brotli_decompressor::Decompressor::new(&brotli[..], 4096)) == body);
        }
    }
}
