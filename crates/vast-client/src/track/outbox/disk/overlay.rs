//! A storage for redb that reads a file and never changes it: writes are kept in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

/// The size in bytes of the blocks that are kept in memory.
const BLOCK: u64 = 4096;

/// A file that is only read, and the changed blocks in memory.
#[derive(Debug)]
pub(super) struct Overlay(Mutex<Layers>);

#[derive(Debug)]
struct Layers {
    file: File,
    file_length: u64,
    length: u64,
    changed: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    pub(super) fn over(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self(Mutex::new(Layers { file, file_length: length, length, changed: BTreeMap::new() })))
    }

    fn lock(&self) -> MutexGuard<'_, Layers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Layers {
    /// The bytes of a block: the changed ones, else those of the file, with zeros after its end.
    fn block(&mut self, number: u64) -> io::Result<Vec<u8>> {
        if let Some(changed) = self.changed.get(&number) {
            return Ok(changed.clone());
        }
        let mut block = vec![0; BLOCK as usize];
        let start = number * BLOCK;
        let in_file = self.file_length.saturating_sub(start).min(BLOCK);
        if in_file > 0 {
            self.file.seek(SeekFrom::Start(start))?;
            self.file.read_exact(&mut block[..in_file as usize])?;
        }
        Ok(block)
    }

    /// Calls `copy` for each block that the range touches, with the number of the block, the part of the block, and the part of
    /// the range.
    fn each(
        &mut self,
        offset: u64,
        length: usize,
        mut copy: impl FnMut(&mut Self, u64, std::ops::Range<usize>, std::ops::Range<usize>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut done = 0;
        while done < length {
            let at = offset + done as u64;
            let (number, start) = (at / BLOCK, (at % BLOCK) as usize);
            let part = (BLOCK as usize - start).min(length - done);
            copy(self, number, start..start + part, done..done + part)?;
            done += part;
        }
        Ok(())
    }
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.lock().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut layers = self.lock();
        if offset + out.len() as u64 > layers.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        layers.each(offset, out.len(), |layers, number, in_block, in_range| {
            out[in_range].copy_from_slice(&layers.block(number)?[in_block]);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut layers = self.lock();
        layers.length = len;
        layers.file_length = layers.file_length.min(len);
        layers.changed.retain(|number, _| number * BLOCK < len);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut layers = self.lock();
        layers.length = layers.length.max(offset + data.len() as u64);
        layers.each(offset, data.len(), |layers, number, in_block, in_range| {
            let mut block = layers.block(number)?;
            block[in_block].copy_from_slice(&data[in_range]);
            layers.changed.insert(number, block);
            Ok(())
        })
    }
}
