//! The commit log: a file of a fixed size beside the database. A commit is one write to it and one sync.
//!
//! A commit of the database writes some ten pages in different places. The log is written where the last commit ended, over bytes that the
//! file has already. The file system therefore allocates nothing during a sync.
//!
//! The file is [`MAGIC`] and then frames: length of the row (4 bytes), checksum (4), the id of the database (8), the number of the
//! frame (8), and a row of the [journal](super::journal): the changes of one commit. After a power loss there are all of them or none. The
//! database knows the number of the first frame that it does not contain. That frame is the first one of the file, and frames are read
//! while their numbers rise by one: what follows is older.

use std::io;

/// The first bytes of the file.
pub(super) const MAGIC: &[u8; 16] = b"vast outbox log\n";
/// The size of the file. More bytes make the tables cheaper, because their rows are written for more commits together, and the
/// commit that does it longer: it takes some milliseconds.
pub(super) const LOG_BYTES: usize = 1 << 20;
/// The length of a frame without its row, in bytes.
const HEAD: usize = 24;
/// The place of the first byte that the checksum covers.
const CHECKED: usize = 8;

/// The bytes of a log.
pub(super) trait LogStorage: Send {
    /// All bytes, with [`MAGIC`] at the start.
    fn read(&mut self) -> io::Result<Vec<u8>>;
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
    /// Removes the file.
    fn remove(self: Box<Self>) -> io::Result<()>;
}

/// The log of an open database.
pub(super) struct CommitLog {
    storage: Box<dyn LogStorage>,
    /// The id of the database: a log that belongs to another one is not read.
    database: u64,
    /// The number of the next frame.
    next: u64,
    /// The place of the next frame.
    end: usize,
    size: usize,
    frame: Vec<u8>,
}

/// The rows of the journal in a log, in order.
pub(super) type LoggedRows = Vec<Vec<u8>>;

/// The rows of a log, and where it ends. `first` is the number of the first frame that the database does not contain.
pub(super) struct ReadLog {
    pub(super) rows: LoggedRows,
    next: u64,
    end: usize,
}

impl ReadLog {
    pub(super) fn of(bytes: &[u8], database: u64, first: u64) -> Self {
        let mut read = Self { rows: Vec::new(), next: first, end: MAGIC.len() };
        while let Some(frame) = frame_at(bytes, read.end)
            && (frame.database, frame.number) == (database, read.next)
        {
            read.rows.push(frame.row.to_vec());
            read.next += 1;
            read.end += HEAD + frame.row.len();
        }
        read
    }
}

impl CommitLog {
    /// The log in `storage` and its rows. `first` is the number of the first frame that the database does not contain.
    pub(super) fn open(mut storage: Box<dyn LogStorage>, database: u64, first: u64) -> io::Result<(Self, LoggedRows)> {
        let bytes = storage.read()?;
        let ReadLog { rows, next, end } = ReadLog::of(&bytes, database, first);
        Ok((Self { storage, database, next, end, size: bytes.len(), frame: Vec::new() }, rows))
    }

    /// The number of the next frame.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Makes a row durable. Returns `false` if there is no room for it: then nothing has changed.
    pub(super) fn append(&mut self, row: &[u8]) -> io::Result<bool> {
        let Ok(length) = u32::try_from(row.len()) else { return Ok(false) };
        if HEAD + row.len() > self.size.saturating_sub(self.end) {
            return Ok(false);
        }
        let Self { frame, .. } = self;
        frame.clear();
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(&self.database.to_le_bytes());
        frame.extend_from_slice(&self.next.to_le_bytes());
        frame.extend_from_slice(row);
        let checksum = crc32fast::hash(&frame[CHECKED..]);
        frame[4..CHECKED].copy_from_slice(&checksum.to_le_bytes());
        self.storage.write(self.end as u64, frame)?;
        self.storage.sync()?;
        self.end += frame.len();
        self.next += 1;
        Ok(true)
    }

    /// The file is not needed any more, because the database contains all frames.
    pub(super) fn remove(self) -> io::Result<()> {
        self.storage.remove()
    }

    /// The database contains all frames now and knows [`next`](Self::next): the next frame is the first one of the file.
    pub(super) fn restart(&mut self) {
        self.end = MAGIC.len();
    }
}

/// The rows of all frames that can be read, of whatever database. For salvage.
pub(super) fn all_rows(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = MAGIC.len();
    std::iter::from_fn(move || {
        let frame = frame_at(bytes, at)?;
        at += HEAD + frame.row.len();
        Some(frame.row)
    })
}

struct LogFrame<'a> {
    database: u64,
    number: u64,
    row: &'a [u8],
}

/// The frame at this place; `None` if there is none.
fn frame_at(bytes: &[u8], at: usize) -> Option<LogFrame<'_>> {
    let bytes = bytes.get(at..)?;
    let (length, rest) = bytes.split_first_chunk()?;
    let (checksum, _) = rest.split_first_chunk()?;
    let checked = bytes.get(CHECKED..HEAD.checked_add(u32::from_le_bytes(*length) as usize)?)?;
    let (database, rest) = checked.split_first_chunk()?;
    let (number, row) = rest.split_first_chunk()?;
    let is_whole = crc32fast::hash(checked) == u32::from_le_bytes(*checksum);
    is_whole.then_some(LogFrame { database: u64::from_le_bytes(*database), number: u64::from_le_bytes(*number), row })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    const SIZE: usize = 1_000;

    #[derive(Clone)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Memory {
        fn new() -> Self {
            let mut bytes = MAGIC.to_vec();
            bytes.resize(SIZE, 0);
            Self(Arc::new(Mutex::new(bytes)))
        }

        fn open(&self, first: u64) -> (CommitLog, LoggedRows) {
            CommitLog::open(Box::new(self.clone()), 7, first).expect("it reads")
        }
    }

    impl LogStorage for Memory {
        fn read(&mut self) -> io::Result<Vec<u8>> {
            Ok(self.0.lock().expect("no panic").clone())
        }

        fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
            let at = usize::try_from(at).expect("it fits");
            self.0.lock().expect("no panic")[at..at + bytes.len()].copy_from_slice(bytes);
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn remove(self: Box<Self>) -> io::Result<()> {
            Ok(())
        }
    }

    fn rows(list: &[&[u8]]) -> LoggedRows {
        list.iter().map(|row| row.to_vec()).collect()
    }

    fn append(log: &mut CommitLog, row: &[u8]) -> bool {
        log.append(row).expect("it writes")
    }

    #[test]
    fn frames_are_read_back_until_the_first_older_one() {
        let memory = Memory::new();
        let (mut log, none) = memory.open(0);
        assert_eq!(none, rows(&[]));
        assert!(append(&mut log, b"abc") && append(&mut log, b"") && append(&mut log, b"d"));
        assert_eq!(memory.open(0).1, rows(&[b"abc", b"", b"d"]));
        assert_eq!(log.next(), 3);
        log.restart();
        assert_eq!(memory.open(3).1, rows(&[]), "the database has them");
        // As long as the first frame, so that the older second one follows it without a gap.
        assert!(append(&mut log, b"ABC"));
        assert_eq!(memory.open(3).1, rows(&[b"ABC"]));
        assert_eq!(memory.open(2).1, rows(&[]));
        let (mut next, _) = memory.open(3);
        assert!(append(&mut next, b"D"));
        assert_eq!(memory.open(3).1, rows(&[b"ABC", b"D"]), "it goes on where the other one has ended");
        assert_eq!(CommitLog::open(Box::new(memory), 8, 3).expect("it reads").1, rows(&[]), "another database");
    }

    #[test]
    fn a_frame_without_room_is_not_begun() {
        let memory = Memory::new();
        let (mut log, _) = memory.open(0);
        let full = vec![1; SIZE - MAGIC.len() - HEAD];
        assert!(!append(&mut log, &[&*full, b"a"].concat()));
        assert_eq!(memory.open(0).1, rows(&[]));
        assert!(append(&mut log, &full) && !append(&mut log, b""));
        assert_eq!(memory.open(0).1, rows(&[&full]));
    }

    #[test]
    fn a_frame_is_read_as_a_whole_or_not_at_all() {
        let memory = Memory::new();
        let (mut log, _) = memory.open(0);
        assert!(append(&mut log, b"kept"));
        let start = log.end;
        assert!(append(&mut log, b"some rows"));
        let whole = memory.0.lock().expect("no panic").clone();
        for place in start..log.end {
            let mut torn = whole.clone();
            torn[place..log.end].fill(0xff);
            *memory.0.lock().expect("no panic") = torn;
            assert_eq!(memory.open(0).1, rows(&[b"kept"]), "{place}");
        }
        assert!(all_rows(&whole).eq([&b"kept"[..], b"some rows"]));
    }
}
