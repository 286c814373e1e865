//! The file of recordings: `docs/recordings.md` describes it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use bytes::Bytes;
use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::model::Recording;

/// The version of the form of recordings. A program refuses recordings of a newer version.
pub const FORMAT_VERSION: u16 = 1;

/// The first bytes of each recording in a file.
const MAGIC: [u8; 4] = *b"VREC";
/// The length of the header in bytes.
const HEADER: usize = 24;
/// The largest JSON of a recording that is read, in bytes.
const MAX_JSON: u32 = 16 << 20;
/// The largest number of bytes of the bodies of a recording that is read: above what is recorded.
const MAX_BODIES: u32 = 64 << 20;

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("recording {number} at byte {position}: {kind}{}", rest(partial.as_deref()))]
#[non_exhaustive]
pub struct RecordingError {
    /// The number of the recording in its file, from 1. The recordings before it are whole.
    pub number: usize,
    /// Where it begins in the file, in bytes.
    pub position: u64,
    /// What is wrong.
    pub kind: RecordingErrorKind,
    /// The part of the recording that could be read: its JSON, and the beginning of its bodies.
    pub partial: Option<Box<Recording>>,
}

fn rest(partial: Option<&Recording>) -> &'static str {
    if partial.is_some() { "; its beginning can be read" } else { "" }
}

/// What is wrong with a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingErrorKind {
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The bytes are not a recording.
    #[error("not a recording: it does not begin with `VREC`")]
    Foreign,
    /// The recording has a version that this program does not know.
    #[error("a recording of version {0}; this program reads version {FORMAT_VERSION}")]
    Version(u16),
    /// The file ends too early.
    #[error("the file ends after {found} of {expected} bytes of the recording")]
    Truncated {
        /// The length of the recording.
        expected: u64,
        /// How many bytes of it are there.
        found: u64,
    },
    /// A part of the recording is larger than what is read.
    #[error("{part} of {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// The part.
        part: &'static str,
        /// Its length.
        bytes: u64,
        /// The largest length.
        limit: u64,
    },
    /// The checksum is wrong: the file was damaged.
    #[error("the bytes of the recording are damaged: their checksum is wrong")]
    Damaged,
    /// The content cannot be inflated, or it has another length than the header says.
    #[error("the content cannot be inflated to the length that the header gives")]
    Inflate,
    /// The JSON cannot be read.
    #[error("the JSON of the recording: {0}")]
    Json(#[from] serde_json::Error),
    /// The lengths of the bodies contradict each other.
    #[error("the bodies have {found} bytes, and the JSON says {expected}")]
    Bodies {
        /// The length by the JSON.
        expected: u64,
        /// The length in the file.
        found: u64,
    },
}

/// The recording as it is in a file. Files with several recordings have them one after the other.
pub fn to_bytes(recording: &Recording) -> Vec<u8> {
    let mut encoder = RecordingEncoder::default();
    encoder.encode(recording);
    encoder.file
}

/// Makes files of recordings, one after the other. It uses its memory again, which is a large part of the work for a small recording.
pub(super) struct RecordingEncoder {
    deflate: Compress,
    json: Vec<u8>,
    file: Vec<u8>,
}

impl Default for RecordingEncoder {
    fn default() -> Self {
        Self { deflate: Compress::new(Compression::fast(), false), json: Vec::new(), file: Vec::new() }
    }
}

impl RecordingEncoder {
    /// The recording as it is in a file.
    pub(super) fn encode(&mut self, recording: &Recording) -> &[u8] {
        self.json.clear();
        // All keys are texts, so JSON can be made of every recording.
        drop(serde_json::to_writer(&mut self.json, recording));
        self.file.clear();
        self.file.resize(HEADER, 0);
        self.deflate.reset();
        let mut bodies = 0;
        deflate(&mut self.deflate, &self.json, &mut self.file, FlushCompress::None);
        for body in recording.bodies() {
            deflate(&mut self.deflate, body, &mut self.file, FlushCompress::None);
            bodies += body.len();
        }
        deflate(&mut self.deflate, &[], &mut self.file, FlushCompress::Finish);
        let header = Header::of(self.json.len(), bodies, self.file.get(HEADER..).unwrap_or_default());
        self.file.iter_mut().zip(header).for_each(|(byte, new)| *byte = new);
        &self.file
    }
}

/// Appends `input`, compressed, to `output`.
fn deflate(deflate: &mut Compress, mut input: &[u8], output: &mut Vec<u8>, flush: FlushCompress) {
    /// How much room the output gets at a time.
    const ROOM: usize = 4 << 10;
    loop {
        output.reserve(ROOM);
        let before = deflate.total_in();
        // Compressing to memory does not fail.
        let Ok(status) = deflate.compress_vec(input, output, flush) else { return };
        let read = usize::try_from(deflate.total_in() - before).unwrap_or(input.len());
        input = input.get(read..).unwrap_or_default();
        let is_done = match flush {
            FlushCompress::Finish => status == Status::StreamEnd,
            _ => input.is_empty(),
        };
        if is_done {
            return;
        }
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The recordings in the file at `path`.
///
/// # Errors
/// The error of the operating system if the file cannot be opened.
pub fn read_file(path: &Path) -> io::Result<RecordingReader<BufReader<File>>> {
    Ok(RecordingReader::new(BufReader::new(File::open(path)?)))
}

/// What is wrong with a recording, and what could be read of it.
type Unreadable = (RecordingErrorKind, Option<Box<Recording>>);

/// Reads recordings one after the other. Ends after the first error.
#[derive(Debug)]
pub struct RecordingReader<R> {
    input: R,
    position: u64,
    number: usize,
    has_failed: bool,
}

impl<R: Read> RecordingReader<R> {
    /// The recordings in `input`.
    pub fn new(input: R) -> Self {
        Self { input, position: 0, number: 0, has_failed: false }
    }

    /// The next recording and its length in the file; `None` at the end.
    fn read(&mut self) -> Result<Option<(Recording, u64)>, Unreadable> {
        let whole = |kind| (kind, None);
        let header = up_to(&mut self.input, HEADER as u64).map_err(|error| whole(error.into()))?;
        if header.is_empty() {
            return Ok(None);
        }
        let header = Header::read(&header).map_err(whole)?;
        let stored = up_to(&mut self.input, u64::from(header.stored)).map_err(|error| whole(error.into()))?;
        let found = stored.len() as u64;
        if found < u64::from(header.stored) {
            let of_header = |length: u64| length + HEADER as u64;
            let kind = RecordingErrorKind::Truncated {
                expected: of_header(u64::from(header.stored)),
                found: of_header(found),
            };
            return Err((kind, header.partial(&stored)));
        }
        if checksum(&stored) != header.checksum {
            return Err((RecordingErrorKind::Damaged, header.partial(&stored)));
        }
        let recording = header.recording(&stored).map_err(whole)?;
        Ok(Some((recording, HEADER as u64 + found)))
    }
}

impl<R: Read> Iterator for RecordingReader<R> {
    type Item = Result<Recording, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        self.number += 1;
        match self.read() {
            Ok(None) => None,
            Ok(Some((recording, length))) => {
                self.position += length;
                Some(Ok(recording))
            }
            Err((kind, partial)) => {
                self.has_failed = true;
                let (number, position) = (self.number, self.position);
                Some(Err(RecordingError { number, position, kind, partial }))
            }
        }
    }
}

/// The next bytes of `input`: `length` of them, or fewer at its end.
fn up_to(input: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The values of a header.
struct Header {
    /// The length of the deflated content.
    stored: u32,
    /// The length of the JSON.
    json: u32,
    /// The length of all bodies.
    bodies: u32,
    checksum: u32,
}

impl Header {
    /// The bytes of the header before `stored`, which is JSON and bodies of these lengths.
    fn of(json: usize, bodies: usize, stored: &[u8]) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[..4].copy_from_slice(&MAGIC);
        header[4..6].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        let lengths = [stored.len(), json, bodies].map(|length| u32::try_from(length).unwrap_or(u32::MAX));
        let numbers = lengths.into_iter().chain([checksum(stored)]).flat_map(u32::to_le_bytes);
        header[8..].iter_mut().zip(numbers).for_each(|(byte, new)| *byte = new);
        header
    }

    fn read(bytes: &[u8]) -> Result<Self, RecordingErrorKind> {
        let magic = bytes.get(..MAGIC.len()).unwrap_or(bytes);
        if !MAGIC.starts_with(magic) {
            return Err(RecordingErrorKind::Foreign);
        }
        let Some((_, rest)) = bytes.first_chunk::<HEADER>().and_then(|header| header.split_first_chunk::<4>()) else {
            return Err(RecordingErrorKind::Truncated { expected: HEADER as u64, found: bytes.len() as u64 });
        };
        let version = u16::from_le_bytes([rest[0], rest[1]]);
        if version != FORMAT_VERSION {
            return Err(RecordingErrorKind::Version(version));
        }
        let number = |at: usize| u32::from_le_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
        let header = Self { stored: number(4), json: number(8), bodies: number(12), checksum: number(16) };
        for (part, bytes, limit) in [
            ("JSON", header.json, MAX_JSON),
            ("bodies", header.bodies, MAX_BODIES),
            ("content", header.stored, MAX_JSON + MAX_BODIES),
        ] {
            if bytes > limit {
                return Err(RecordingErrorKind::TooLarge { part, bytes: bytes.into(), limit: limit.into() });
            }
        }
        Ok(header)
    }

    fn inflate(&self, stored: &[u8]) -> (Vec<u8>, io::Result<()>) {
        // One byte more than permitted shows that the content is too long.
        let limit = u64::from(self.json) + u64::from(self.bodies) + 1;
        let mut content = Vec::new();
        let read = DeflateDecoder::new(stored).take(limit).read_to_end(&mut content);
        (content, read.map(drop))
    }

    fn recording(&self, stored: &[u8]) -> Result<Recording, RecordingErrorKind> {
        let (content, inflated) = self.inflate(stored);
        let is_whole = content.len() as u64 == u64::from(self.json) + u64::from(self.bodies);
        if inflated.is_err() || !is_whole {
            return Err(RecordingErrorKind::Inflate);
        }
        let mut content = Bytes::from(content);
        let bodies = content.split_off(self.json as usize);
        let mut recording: Recording = serde_json::from_slice(&content)?;
        let expected = recording.bodies_length();
        if expected != bodies.len() as u64 {
            return Err(RecordingErrorKind::Bodies { expected, found: bodies.len() as u64 });
        }
        recording.set_bodies(bodies);
        Ok(recording)
    }

    /// What can be read of damaged content.
    fn partial(&self, stored: &[u8]) -> Option<Box<Recording>> {
        let mut content = Bytes::from(self.inflate(stored).0);
        if content.len() < self.json as usize {
            return None;
        }
        let bodies = content.split_off(self.json as usize);
        let mut recording: Recording = serde_json::from_slice(&content).ok()?;
        recording.set_bodies(bodies);
        Some(Box::new(recording))
    }
}

impl Recording {
    /// All bodies, in the order of the file: those of the exchanges, then those of the documents.
    fn bodies(&self) -> impl Iterator<Item = &Bytes> {
        let of_exchanges = self.exchanges.iter().filter_map(|exchange| Some(&exchange.response.as_ref()?.body));
        let of_documents = self.documents.iter().filter_map(|document| match &document.content {
            Some(Ok(content)) => Some(&content.body),
            _ => None,
        });
        of_exchanges.chain(of_documents)
    }

    /// The length of all bodies by the JSON.
    fn bodies_length(&self) -> u64 {
        let pieces =
            self.exchanges.iter().filter_map(|exchange| exchange.response.as_ref()).flat_map(|one| &one.pieces);
        let documents = self.documents.iter().filter_map(|document| match &document.content {
            Some(Ok(content)) => Some(content.bytes),
            _ => None,
        });
        pieces.map(|piece| piece.bytes).chain(documents).fold(0, |sum: u64, bytes| sum.saturating_add(bytes as u64))
    }

    /// Gives the bodies their bytes. If there are fewer than the JSON says, the last bodies are cut.
    fn set_bodies(&mut self, mut bytes: Bytes) {
        let mut take = |length: usize| bytes.split_to(length.min(bytes.len()));
        for response in self.exchanges.iter_mut().filter_map(|exchange| exchange.response.as_mut()) {
            response.body = take(response.pieces.iter().fold(0, |sum: usize, piece| sum.saturating_add(piece.bytes)));
        }
        for document in &mut self.documents {
            if let Some(Ok(content)) = &mut document.content {
                content.body = take(content.bytes);
            }
        }
    }
}
