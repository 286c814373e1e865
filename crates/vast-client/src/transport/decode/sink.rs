//! Where decoded bytes go: memory that refuses to grow beyond its limits.

use std::io::{self, Write};

use bytes::Bytes;

/// How large a body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// An encoded body as it arrives. Default 1 MiB: real answers compress to a few kilobytes.
    pub wire_bytes: usize,
    /// A body after decoding, or as it arrives when it is not encoded. Default 4 MiB.
    pub decoded_bytes: usize,
    /// How many times larger than what arrived the decoded body may be, once it has reached 64 KiB. Default 100; VAST
    /// compresses to about a tenth.
    pub ratio: u64,
}

impl Limits {
    /// Below this a high ratio is a small document that repeats itself.
    const RATIO_FROM: usize = 64 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self { wire_bytes: 1024 * 1024, decoded_bytes: 4 * 1024 * 1024, ratio: 100 }
    }
}

/// The end of a decoder.
pub(super) struct Sink {
    bytes: Vec<u8>,
    limits: Limits,
    wire: u64,
}

impl Sink {
    pub(super) fn new(limits: Limits) -> Self {
        Self { bytes: Vec::new(), limits, wire: 0 }
    }

    /// How much has arrived so far, for the ratio.
    pub(super) fn count_wire(&mut self, wire: u64) {
        self.wire = wire;
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }

    fn allows(&self, length: usize) -> bool {
        let within_ratio = length <= Limits::RATIO_FROM || length as u64 <= self.wire.saturating_mul(self.limits.ratio);
        length <= self.limits.decoded_bytes && within_ratio
    }
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if !self.allows(self.bytes.len().saturating_add(piece.len())) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a decoder failed because its sink refused.
pub(super) fn is_over_limit(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}
