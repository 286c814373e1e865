//! `Content-Encoding: deflate`: the standard says zlib (RFC 9110 section 8.4.1.2), but some servers send raw deflate.

use std::io::{self, Write};

use flate2::{Decompress, FlushDecompress, Status};

use super::buffer::BodyBuffer;

/// Decodes zlib or raw deflate. The first two bytes decide which.
pub(super) struct Deflate {
    buffer: BodyBuffer,
    first: Option<u8>,
    decompress: Option<Decompress>,
    ended: bool,
}

impl Deflate {
    pub(super) fn new(buffer: BodyBuffer) -> Self {
        Self { buffer, first: None, decompress: None, ended: false }
    }

    /// How many bytes are decoded so far.
    pub(super) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// What is decoded so far.
    #[cfg(feature = "recording")]
    pub(super) fn decoded(&self) -> &[u8] {
        self.buffer.as_slice()
    }

    pub(super) fn push(&mut self, piece: &[u8], wire: u64) -> io::Result<()> {
        self.buffer.count_wire(wire);
        if self.decompress.is_some() {
            return self.inflate(piece);
        }
        let mut bytes = self.first.into_iter().chain(piece.iter().copied());
        let (Some(first), Some(second)) = (bytes.next(), bytes.next()) else {
            self.first = self.first.or(piece.first().copied());
            return Ok(());
        };
        self.decompress = Some(Decompress::new(is_zlib(first, second)));
        if let Some(first) = self.first {
            self.inflate(&[first])?;
        }
        self.inflate(piece)
    }

    fn inflate(&mut self, mut piece: &[u8]) -> io::Result<()> {
        let Some(decompress) = self.decompress.as_mut() else { return Ok(()) };
        let mut output = [0; 8 * 1024];
        while !self.ended {
            let (taken, given) = (decompress.total_in(), decompress.total_out());
            let status = decompress.decompress(piece, &mut output, FlushDecompress::None)?;
            let taken = length(decompress.total_in() - taken);
            let given = length(decompress.total_out() - given);
            self.buffer.write_all(output.get(..given).unwrap_or_default())?;
            piece = piece.get(taken..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            // The decoder may hold output although the piece is used up, so the loop ends only without progress.
            if given == 0 && taken == 0 {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<BodyBuffer> {
        if self.ended { Ok(self.buffer) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// Whether these are the first bytes of a zlib header (RFC 1950 section 2.2).
fn is_zlib(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

/// Converts the number of bytes of one call. It fits `usize`, because the bytes are in buffers.
fn length(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
