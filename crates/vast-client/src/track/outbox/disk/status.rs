//! What can be said of the store without asking its writer: a disk that hangs must not make its own description hang.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{Database, ReadableDatabase, ReadableTableMetadata};

use super::super::book::Book;
use super::super::ledger::Stats;
use super::engine::Engine;
use super::tables::{DEAD, DELIVERED, Error, count_keys};

/// What can be said of the store. Written by its writer, read by anyone.
#[derive(Default)]
pub(super) struct Status(Mutex<Known>);

#[derive(Default)]
struct Known {
    database: Option<Arc<Database>>,
    stats: Stats,
}

impl Status {
    pub(super) fn new(set_aside: &[PathBuf]) -> Self {
        let status = Self::default();
        status.set_aside(set_aside);
        status
    }

    /// How it stands, what only the file says included.
    pub(super) fn stats(&self) -> Stats {
        let (mut stats, database) = {
            let known = self.lock();
            (known.stats.clone(), known.database.clone())
        };
        if let Some(error) = database.and_then(|database| counted(&database, &mut stats).err()) {
            stats.problem = Some(error.to_string());
        }
        stats
    }

    /// The file, while it is open.
    pub(super) fn database(&self) -> Option<Arc<Database>> {
        self.lock().database.clone()
    }

    pub(super) fn open(&self, engine: &Engine) {
        let mut known = self.lock();
        known.database = Some(Arc::clone(&engine.database));
        known.stats.problem = None;
        known.stats.unreadable = engine.unreadable;
        drop(known);
        self.count(engine.book());
    }

    pub(super) fn count(&self, book: &Book) {
        let stats = &mut self.lock().stats;
        (stats.waiting, stats.in_flight, stats.bytes) = book.counts();
        stats.keys_forgotten_early = book.keys_forgotten_early();
    }

    pub(super) fn repaired(&self, repaired: bool) {
        self.lock().stats.repaired |= repaired;
    }

    pub(super) fn set_aside(&self, files: &[PathBuf]) {
        let files = files.iter().map(|file| file.display().to_string()).collect();
        self.lock().stats.set_aside = files;
    }

    pub(super) fn fail(&self, problem: &str) {
        let mut known = self.lock();
        known.database = None;
        known.stats.problem = Some(problem.to_owned());
    }

    pub(super) fn close(&self) {
        self.lock().database = None;
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counted(database: &Database, stats: &mut Stats) -> Result<(), Error> {
    let read = database.begin_read()?;
    stats.delivered = read.open_table(DELIVERED)?.len()?;
    stats.dead = read.open_table(DEAD)?.len()?;
    stats.keys = count_keys(&read)?;
    Ok(())
}
