//! Decodes the `Content-Encoding` while the body arrives. The limits are checked for each piece, because the decoded size
//! of a few bytes is not known before.

mod buffer;
mod deflate;

use std::io::{self, Write};

use brotli_decompressor::{BrotliDecoderParameter, DecompressorWriter};
use bytes::{Bytes, BytesMut};
use flate2::write::GzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use self::buffer::BodyBuffer;
pub use self::buffer::BodyLimits;
use self::deflate::Deflate;
use crate::error::{ErrorType, Failure};

/// The `Accept-Encoding` of every request: all encodings that can be decoded.
pub(super) const ACCEPTED: &str = if cfg!(feature = "zstd") { "gzip, br, deflate, zstd" } else { "gzip, br, deflate" };

/// How a body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Deflate,
    Brotli,
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Coding {
    fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let mut found = Self::Identity;
        for value in headers.get_all(CONTENT_ENCODING) {
            let value = value.to_str().map_err(|_| encoding("the Content-Encoding is not text"))?;
            for name in value.split(',').map(str::trim) {
                let coding = Self::named(name)?;
                // No ad server encodes twice; decompression bombs do.
                if found != Self::Identity && coding != Self::Identity {
                    return Err(encoding("the body is encoded more than once"));
                }
                found = if coding == Self::Identity { found } else { coding };
            }
        }
        Ok(found)
    }

    fn named(name: &str) -> Result<Self, Failure> {
        let known: &[(&str, Self)] = &[
            ("gzip", Self::Gzip),
            ("x-gzip", Self::Gzip),
            ("br", Self::Brotli),
            ("deflate", Self::Deflate),
            ("identity", Self::Identity),
            ("", Self::Identity),
            #[cfg(feature = "zstd")]
            ("zstd", Self::Zstd),
        ];
        let coding = known.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        coding.map(|(_, coding)| *coding).ok_or_else(|| encoding("the Content-Encoding is none of those accepted"))
    }
}

/// Decodes one body.
pub(super) struct Decoder {
    limits: BodyLimits,
    wire: u64,
    decoding: Decoding,
}

enum Decoding {
    /// The first piece is kept without a copy, because most bodies are one piece.
    Identity {
        first: Bytes,
        more: BytesMut,
    },
    Gzip(Box<GzDecoder<BodyBuffer>>),
    Deflate(Box<Deflate>),
    Brotli(Box<DecompressorWriter<BodyBuffer>>),
    /// The compressed body, collected up to the limit: this decoder reads from a complete buffer.
    #[cfg(feature = "zstd")]
    Zstd(Vec<u8>),
}

impl Decoder {
    /// A decoder for a body with these headers.
    ///
    /// # Errors
    /// [`ErrorType::Encoding`] for an unknown encoding or more than one, [`ErrorType::TooLarge`] for a body that
    /// announces more than the limit.
    pub(super) fn new(headers: &HeaderMap, limits: BodyLimits) -> Result<Self, Failure> {
        let coding = Coding::of(headers)?;
        let this = Self { limits, wire: 0, decoding: Decoding::new(coding, limits) };
        let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.unwrap_or(0) > this.wire_limit() {
            return Err(this.too_large());
        }
        Ok(this)
    }

    /// How many bytes have arrived.
    pub(super) fn wire_bytes(&self) -> u64 {
        self.wire
    }

    /// How many bytes of memory the body takes so far: decoded, or as sent where it is decoded at its end.
    pub(super) fn held_bytes(&self) -> u64 {
        match &self.decoding {
            Decoding::Identity { .. } => self.wire,
            Decoding::Gzip(decoder) => decoder.get_ref().len() as u64,
            Decoding::Deflate(decoder) => decoder.len() as u64,
            Decoding::Brotli(decoder) => decoder.get_ref().len() as u64,
            #[cfg(feature = "zstd")]
            Decoding::Zstd(collected) => collected.len() as u64,
        }
    }

    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: Bytes) -> Result<(), Failure> {
        self.wire += piece.len() as u64;
        if self.wire > self.wire_limit() {
            return Err(self.too_large());
        }
        self.decoding.push(piece, self.wire).map_err(|error| self.failure(&error))
    }

    /// The decoded body, once all of it has arrived.
    pub(super) fn finish(self) -> Result<Bytes, Failure> {
        let Self { limits, wire, decoding } = self;
        if wire == 0 {
            return Ok(Bytes::new());
        }
        decoding.finish(limits, wire).map_err(|error| failure(&error, limits))
    }

    /// An encoded body has a smaller limit on the wire than what it decodes to.
    fn wire_limit(&self) -> u64 {
        match self.decoding {
            Decoding::Identity { .. } => self.limits.decoded_bytes as u64,
            _ => self.limits.wire_bytes as u64,
        }
    }

    fn too_large(&self) -> Failure {
        Failure::new(ErrorType::TooLarge, format!("the body has more than {} bytes", self.wire_limit()))
    }

    fn failure(&self, error: &io::Error) -> Failure {
        failure(error, self.limits)
    }
}

impl Decoding {
    fn new(coding: Coding, limits: BodyLimits) -> Self {
        let buffer = || BodyBuffer::new(limits);
        match coding {
            Coding::Identity => Self::Identity { first: Bytes::new(), more: BytesMut::new() },
            Coding::Gzip => Self::Gzip(Box::new(GzDecoder::new(buffer()))),
            Coding::Deflate => Self::Deflate(Box::new(Deflate::new(buffer()))),
            Coding::Brotli => Self::Brotli(Box::new(brotli(buffer()))),
            #[cfg(feature = "zstd")]
            Coding::Zstd => Self::Zstd(Vec::new()),
        }
    }

    fn push(&mut self, piece: Bytes, wire: u64) -> io::Result<()> {
        match self {
            Self::Identity { first, .. } if first.is_empty() => *first = piece,
            Self::Identity { first, more } => {
                if more.is_empty() {
                    more.extend_from_slice(first);
                }
                more.extend_from_slice(&piece);
            }
            Self::Gzip(decoder) => {
                decoder.get_mut().count_wire(wire);
                write_until_end(decoder, &piece)?;
            }
            Self::Deflate(decoder) => decoder.push(&piece, wire)?,
            Self::Brotli(decoder) => {
                decoder.get_mut().count_wire(wire);
                write_until_end(decoder, &piece)?;
            }
            #[cfg(feature = "zstd")]
            Self::Zstd(collected) => collected.extend_from_slice(&piece),
        }
        Ok(())
    }

    #[cfg_attr(not(feature = "zstd"), allow(unused_variables))] // Only zstd uses them.
    fn finish(self, limits: BodyLimits, wire: u64) -> io::Result<Bytes> {
        Ok(match self {
            Self::Identity { first, more } if more.is_empty() => first,
            Self::Identity { more, .. } => more.freeze(),
            Self::Gzip(decoder) => decoder.finish()?.into_bytes(),
            Self::Deflate(decoder) => decoder.finish()?.into_bytes(),
            Self::Brotli(decoder) => {
                let complete = decoder.into_inner();
                complete.map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?.into_bytes()
            }
            #[cfg(feature = "zstd")]
            Self::Zstd(collected) => zstd(&collected, limits, wire)?,
        })
    }
}

/// Writes the bytes that belong to the compressed stream. Bytes after its end are ignored, as browsers do.
fn write_until_end(decoder: &mut impl Write, mut piece: &[u8]) -> io::Result<()> {
    while !piece.is_empty() {
        match decoder.write(piece)? {
            0 => break,
            taken => piece = piece.get(taken..).unwrap_or_default(),
        }
    }
    Ok(())
}

/// The window is at most 16 MiB (RFC 7932). The "large window" extension, which no HTTP server uses, would allow 1 GiB.
fn brotli(buffer: BodyBuffer) -> DecompressorWriter<BodyBuffer> {
    let mut decoder = DecompressorWriter::new(buffer, 16 * 1024);
    decoder.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
    decoder
}

#[cfg(feature = "zstd")]
fn zstd(collected: &[u8], limits: BodyLimits, wire: u64) -> io::Result<Bytes> {
    /// The largest window that `Content-Encoding: zstd` may use (RFC 9659 section 3).
    const WINDOW: u64 = 8 * 1024 * 1024;
    let mut buffer = BodyBuffer::new(limits);
    buffer.count_wire(wire);
    let decoder = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(collected, WINDOW);
    io::copy(&mut decoder.map_err(io::Error::other)?, &mut buffer)?;
    Ok(buffer.into_bytes())
}

fn failure(error: &io::Error, limits: BodyLimits) -> Failure {
    if buffer::is_over_limit(error) {
        let BodyLimits { decoded_bytes, ratio, .. } = limits;
        let message = format!("the body inflates to more than {decoded_bytes} bytes or {ratio} times its size");
        return Failure::new(ErrorType::TooLarge, message);
    }
    encoding("the body does not decode as its Content-Encoding says")
}

fn encoding(message: &'static str) -> Failure {
    Failure::new(ErrorType::Encoding, message)
}

#[cfg(test)]
mod tests;
