//! Decodes the `Content-Encoding` while the body arrives. The limits are checked for each piece, because a few bytes may
//! decode to a large body.

mod buffer;
mod deflate;

use std::borrow::Cow;
use std::io::{self, Write};

use brotli_decompressor::{BrotliDecoderParameter, DecompressorWriter};
use bytes::{Bytes, BytesMut};
use flate2::write::GzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};

use self::buffer::BodyBuffer;
pub use self::buffer::BodyLimits;
use self::deflate::Deflate;
use super::response_headers::charset_of;
use crate::error::{ErrorType, Failure};

/// The `Accept-Encoding` of every request: all encodings that can be decoded.
pub(crate) const ACCEPTED_ENCODINGS: &str =
    if cfg!(feature = "zstd") { "gzip, br, deflate, zstd" } else { "gzip, br, deflate" };

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

/// A body according to the headers of its response.
struct Declared {
    coding: Coding,
    unknown_label: Option<String>,
    /// How many bytes are sent.
    length: Option<u64>,
    charset: Option<Cow<'static, str>>,
}

impl Declared {
    /// Reads the headers once: to look for each name takes longer than to look at the few headers of a response.
    fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let mut declared = Self { coding: Coding::Identity, unknown_label: None, length: None, charset: None };
        let mut has_type = false;
        for (name, value) in headers {
            if *name == CONTENT_ENCODING {
                for label in value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                    declared.add(label)?;
                }
            } else if *name == CONTENT_LENGTH && declared.length.is_none() {
                declared.length = value.to_str().ok().and_then(|length| length.parse().ok());
            } else if *name == CONTENT_TYPE && !has_type {
                has_type = true;
                declared.charset = charset_of(value.as_bytes());
            }
        }
        Ok(declared)
    }

    fn add(&mut self, label: &[u8]) -> Result<(), Failure> {
        match Coding::named(label) {
            // No ad server encodes a body twice. Decompression bombs do.
            Some(coding) if coding != Coding::Identity && self.coding != Coding::Identity => {
                return Err(encoding("the body is encoded more than once"));
            }
            Some(Coding::Identity) => {}
            Some(coding) => self.coding = coding,
            None => self.unknown_label = Some(shown(label)),
        }
        Ok(())
    }
}

/// A label of a header, short and without control characters.
fn shown(label: &[u8]) -> String {
    const MAX_SHOWN: usize = 40;
    label.escape_ascii().take(MAX_SHOWN).map(char::from).collect()
}

impl Coding {
    fn named(label: &[u8]) -> Option<Self> {
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
        let coding = known.iter().find(|(known, _)| label.eq_ignore_ascii_case(known.as_bytes()));
        coding.map(|(_, coding)| *coding)
    }
}

/// The headers of a response do not give the encoding of its body, but it was recognized from the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum EncodingWarning {
    /// The `Content-Encoding` is not the name of an encoding, but the body is text. The label has at most 40 characters and
    /// no control characters.
    #[error("the Content-Encoding `{0}` is unknown; the body is text and was read as it is")]
    UnknownLabel(String),
    /// The body is compressed with gzip, but no `Content-Encoding` names gzip.
    #[error("the body is compressed with gzip, but the Content-Encoding does not say so")]
    UndeclaredGzip,
}

/// The body of a response decoded as far as that is possible; `None` if it is not compressed.
#[cfg(feature = "recording")]
pub(crate) fn decoded_start(headers: &HeaderMap, body: &Bytes) -> Option<Vec<u8>> {
    let mut headers = headers.clone();
    headers.remove(CONTENT_LENGTH);
    let mut decoder = Decoder::new(&headers, BodyLimits::default()).ok()?;
    drop(decoder.push(body.clone()));
    decoder.into_decoded_start()
}

/// A decoded body.
#[derive(Debug, Default)]
pub(super) struct DecodedBody {
    pub(super) body: Bytes,
    /// How many bytes have arrived.
    pub(super) wire_bytes: u64,
    pub(super) warning: Option<EncodingWarning>,
    /// The character set that the headers name.
    pub(super) charset: Option<Cow<'static, str>>,
}

/// Decodes one body.
pub(super) struct Decoder {
    limits: BodyLimits,
    wire: u64,
    decoding: Decoding,
    unknown_label: Option<String>,
    warning: Option<EncodingWarning>,
    charset: Option<Cow<'static, str>>,
}

enum Decoding {
    /// The headers name no encoding that is known, and fewer bytes have arrived than it takes to recognize gzip.
    Undecided(BytesMut),
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
    /// [`ErrorType::Encoding`] for more than one encoding, [`ErrorType::TooLarge`] for a body that announces more than the
    /// limit.
    pub(super) fn new(headers: &HeaderMap, limits: BodyLimits) -> Result<Self, Failure> {
        let Declared { coding, unknown_label, length, charset } = Declared::of(headers)?;
        let decoding = match coding {
            Coding::Identity => Decoding::Undecided(BytesMut::new()),
            coding => Decoding::new(coding, limits),
        };
        let this = Self { limits, wire: 0, decoding, unknown_label, warning: None, charset };
        if length.unwrap_or(0) > this.wire_limit() {
            return Err(this.too_large());
        }
        Ok(this)
    }

    /// How many bytes of memory the body takes so far: decoded, or as sent where it is decoded at its end.
    pub(super) fn held_bytes(&self) -> u64 {
        match &self.decoding {
            Decoding::Undecided(first) => first.len() as u64,
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
        let Some(piece) = self.recognize(piece) else { return Ok(()) };
        self.wire += piece.len() as u64;
        if self.wire > self.wire_limit() {
            return Err(self.too_large());
        }
        self.decoding.push(piece, self.wire).map_err(|error| self.failure(&error))
    }

    /// The part of a piece to decode in one step: the whole piece if the body is not compressed, because it is then not
    /// copied.
    pub(super) fn part_size(&self, piece: &[u8], at_most: usize) -> usize {
        match &self.decoding {
            Decoding::Identity { .. } => piece.len(),
            Decoding::Undecided(start) if start.is_empty() && !piece.starts_with(&[0x1f]) => piece.len(),
            _ => piece.len().min(at_most),
        }
    }

    /// Recognizes gzip by the first bytes of a body whose headers name no encoding that is known. Returns the bytes to
    /// decode; `None` while there are too few.
    fn recognize(&mut self, piece: Bytes) -> Option<Bytes> {
        /// The first bytes of every gzip file with the only compression method that exists (RFC 1952 section 2.3).
        const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
        let Decoding::Undecided(before) = &mut self.decoding else { return Some(piece) };
        let start = if before.is_empty() {
            piece
        } else {
            before.extend_from_slice(&piece);
            before.split().freeze()
        };
        if start.len() < GZIP.len() {
            before.extend_from_slice(&start);
            return None;
        }
        let is_gzip = start.starts_with(&GZIP);
        self.warning = is_gzip.then_some(EncodingWarning::UndeclaredGzip);
        self.decoding = Decoding::new(if is_gzip { Coding::Gzip } else { Coding::Identity }, self.limits);
        Some(start)
    }

    /// The decoded body, after all of it has arrived.
    ///
    /// # Errors
    /// [`ErrorType::Encoding`] for a body that cannot be decoded, or whose encoding is unknown and that is not text.
    pub(super) fn finish(self) -> Result<DecodedBody, Failure> {
        let Self { limits, wire, decoding, unknown_label, mut warning, charset } = self;
        let (is_as_sent, wire_bytes) = match &decoding {
            Decoding::Undecided(start) => (true, start.len() as u64),
            Decoding::Identity { .. } => (true, wire),
            _ => (false, wire),
        };
        if wire_bytes == 0 {
            return Ok(DecodedBody { body: Bytes::new(), wire_bytes, warning, charset });
        }
        let body = decoding.finish(limits, wire).map_err(|error| failure(&error, limits))?;
        if let Some(label) = unknown_label.filter(|_| is_as_sent) {
            if !is_text(&body) {
                let message = format!("the Content-Encoding `{label}` is unknown and the body is not text");
                return Err(Failure::new(ErrorType::Encoding, message));
            }
            warning = Some(EncodingWarning::UnknownLabel(label));
        }
        Ok(DecodedBody { body, wire_bytes, warning, charset })
    }

    /// What is decoded so far; `None` if the body is not compressed.
    #[cfg(feature = "recording")]
    fn into_decoded_start(self) -> Option<Vec<u8>> {
        // An error means that the body is cut or damaged. Its start is decoded nevertheless.
        match self.decoding {
            Decoding::Undecided(_) | Decoding::Identity { .. } => None,
            Decoding::Gzip(mut decoder) => {
                drop(decoder.flush());
                Some(decoder.get_ref().as_slice().to_vec())
            }
            Decoding::Deflate(decoder) => Some(decoder.decoded().to_vec()),
            Decoding::Brotli(mut decoder) => {
                drop(decoder.flush());
                Some(decoder.get_ref().as_slice().to_vec())
            }
            #[cfg(feature = "zstd")]
            Decoding::Zstd(collected) => zstd(&collected, self.limits, self.wire).ok().map(Vec::from),
        }
    }

    /// The limit on the bytes as sent. It is smaller for an encoded body than for the decoded one.
    fn wire_limit(&self) -> u64 {
        match self.decoding {
            Decoding::Undecided(_) | Decoding::Identity { .. } => self.limits.decoded_bytes as u64,
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
            Self::Undecided(start) => start.extend_from_slice(&piece),
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

    #[cfg_attr(not(feature = "zstd"), allow(unused_variables))] // Only the zstd decoder uses the limits.
    fn finish(self, limits: BodyLimits, wire: u64) -> io::Result<Bytes> {
        Ok(match self {
            Self::Undecided(start) => start.freeze(),
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

/// Whether a body can be text: UTF-16 or UTF-32 by its first bytes, or no control characters at its start.
fn is_text(body: &[u8]) -> bool {
    const LOOKED_AT: usize = 512;
    let is_wide = body.starts_with(&[0xfe, 0xff])
        || body.starts_with(&[0xff, 0xfe])
        || body.starts_with(&[0, b'<'])
        || body.starts_with(&[b'<', 0]);
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    is_wide || !body.iter().take(LOOKED_AT).any(is_control)
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
