//! `Content-Encoding: deflate`: zlib by the standard (RFC 9110 section 8.4.1.2), raw deflate by some servers.

use std::io::{self, Write};

use flate2::{Decompress, FlushDecompress, Status};

use super::sink::Sink;

/// Decides by the first two bytes which of the two it is.
pub(super) struct Deflate {
    sink: Sink,
    first: Option<u8>,
    decompress: Option<Decompress>,
    ended: bool,
}

impl Deflate {
    pub(super) fn new(sink: Sink) -> Self {
        Self { sink, first: None, decompress: None, ended: false }
    }

    pub(super) fn push(&mut self, piece: &[u8], wire: u64) -> io::Result<()> {
        self.sink.count_wire(wire);
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
            self.sink.write_all(output.get(..given).unwrap_or_default())?;
            piece = piece.get(taken..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            // Output may be waiting inside although the piece is used up: only standstill is the end.
            if given == 0 && taken == 0 {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<Sink> {
        if self.ended { Ok(self.sink) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// The header's check sum (RFC 1950 section 2.2).
fn is_zlib(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

/// A count within one call's buffers.
fn length(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
