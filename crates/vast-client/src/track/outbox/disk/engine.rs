//! An open file and its book: what one commit does.

use std::collections::VecDeque;
use std::sync::Arc;

use redb::{Database, WriteTransaction};

use super::super::book::Book;
use super::super::quota::Quota;
use super::super::timestamp::Timestamp;
use super::codec;
use super::command::{Answered, Command};
use super::tables::{Error, FORMAT, META, META_FORMAT, Tables};

/// An open file and its book. When a commit fails, what the book says is not what is stored: it is made anew then.
pub(super) struct Engine {
    pub(super) database: Arc<Database>,
    book: Book,
    /// Rows that could not be read when the file was opened.
    pub(super) unreadable: u64,
}

impl Engine {
    /// Reads what waits. What an earlier process had in flight is in doubt.
    pub(super) fn new(database: Database, quota: Quota, now: Timestamp) -> Result<Self, Error> {
        let txn = database.begin_write()?;
        txn.open_table(META)?.insert(META_FORMAT, FORMAT)?;
        let (book, unreadable) = read_book(&txn, quota, now)?;
        txn.commit()?;
        Ok(Self { database: Arc::new(database), book, unreadable })
    }

    pub(super) fn book(&self) -> &Book {
        &self.book
    }

    /// Does what a batch of commands says in one commit. When this returns well, it is durable, and `answers` may be told.
    /// Commands that it did not come to stay in `commands`.
    pub(super) fn commit(
        &mut self,
        commands: &mut VecDeque<Command>,
        answers: &mut Vec<Answered>,
    ) -> Result<(), Error> {
        let txn = self.database.begin_write()?;
        let mut tables = Tables::open(&txn)?;
        let mut latest = Timestamp::ZERO;
        while let Some(command) = commands.pop_front() {
            latest = latest.max(command.now());
            let (answer, done) = command.apply(&mut self.book, &mut tables);
            answers.push(answer);
            done?;
        }
        let is_changed = tables.is_changed;
        if is_changed {
            self.book.trim(&mut tables, latest)?;
        }
        drop(tables);
        // Nothing to write: no sync either.
        if !is_changed {
            return Ok(txn.abort()?);
        }
        Ok(txn.commit()?)
    }
}

fn read_book(txn: &WriteTransaction, quota: Quota, now: Timestamp) -> Result<(Book, u64), Error> {
    let mut tables = Tables::open(txn)?;
    let claims = tables.open_claims()?;
    let last_claim = claims.last().map_or(0, |(claim, _)| *claim);
    let keys = tables.keys_at_hand()?;
    let mut book = Book::new(quota, tables.last_id()?, last_claim, keys.young, keys.since);
    let mut unreadable = 0;
    tables.each_waiting(|id, bytes| match codec::decode(bytes) {
        Ok((stored, _)) => book.enter(id, &stored),
        Err(_) => unreadable += 1,
    })?;
    for (claim, beacons) in claims {
        book.doubt(&mut tables, claim, &beacons, now)?;
    }
    Ok((book, unreadable))
}
