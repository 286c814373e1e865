//! The buffer for decoded bytes, which refuses to grow beyond its limits.

use std::io::{self, Write};
use std::time::Duration;

use bytes::Bytes;

/// How large a body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// The size of an encoded body as it arrives, in bytes. Default 1 MiB: real responses compress to a few kilobytes.
    pub wire_bytes: usize,
    /// The size of the decoded body, in bytes. Default 4 MiB.
    pub decoded_bytes: usize,
    /// How many times larger than the encoded body the decoded one may be. This applies from 64 KiB on. Default 100; VAST
    /// compresses to about a tenth.
    pub ratio: u64,
    /// The lowest average rate of a body, in bytes per second as they arrive. A body that takes at most twice the idle timeout is never
    /// too slow. Default 1,000: without this rule, a server that sends a byte now and then would keep a connection and the memory of
    /// its request up to the deadline. 0 permits any rate.
    pub min_rate: u32,
}

impl BodyLimits {
    /// How long a body of which `received` bytes have arrived may have taken so far; `None` if any time is permitted.
    pub(in crate::transport) fn permitted_time(&self, received: usize, idle_timeout: Duration) -> Option<Duration> {
        let seconds = received as f64 / f64::from(Some(self.min_rate).filter(|rate| *rate > 0)?);
        Some(idle_timeout.saturating_mul(2).saturating_add(Duration::try_from_secs_f64(seconds).ok()?))
    }

    /// Below this size a small document with much repetition can have a high ratio.
    const RATIO_FROM: usize = 64 * 1024;
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { wire_bytes: 1024 * 1024, decoded_bytes: 4 * 1024 * 1024, ratio: 100, min_rate: 1000 }
    }
}

/// Decoded bytes.
pub(super) struct BodyBuffer {
    bytes: Vec<u8>,
    limits: BodyLimits,
    wire: u64,
}

impl BodyBuffer {
    pub(super) fn new(limits: BodyLimits) -> Self {
        Self { bytes: Vec::new(), limits, wire: 0 }
    }

    /// Sets how many bytes have arrived so far, for the ratio.
    pub(super) fn count_wire(&mut self, wire: u64) {
        self.wire = wire;
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    #[cfg(feature = "recording")]
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }

    fn allows(&self, length: usize) -> bool {
        let within_ratio =
            length <= BodyLimits::RATIO_FROM || length as u64 <= self.wire.saturating_mul(self.limits.ratio);
        length <= self.limits.decoded_bytes && within_ratio
    }
}

impl Write for BodyBuffer {
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

/// Whether a decoder failed because its buffer was full.
pub(super) fn is_over_limit(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}
