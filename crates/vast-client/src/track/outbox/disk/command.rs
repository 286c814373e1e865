//! What the writer is asked to do, and how it answers.

use tokio::sync::oneshot;

use super::super::book::Book;
use super::super::error::OutboxError;
use super::super::ledger::Query;
use super::super::record::Record;
use super::super::store::{Claim, Claims, Put, Settlement};
use super::super::timestamp::Timestamp;
use super::tables::{Error, Tables};

/// Where an answer goes. Whoever does not wait for it any more is not told.
pub(super) type Reply<T> = oneshot::Sender<Result<T, OutboxError>>;

/// What the writer is asked to do.
pub(super) enum Command {
    Put(Vec<Record>, Timestamp, Reply<Vec<Put>>),
    Claim(Claim, Reply<Claims>),
    Settle(Vec<Settlement>, Timestamp, Reply<usize>),
    Requeue(Query, Timestamp, Reply<u64>),
}

/// An answer that is given when its commit is durable.
pub(super) struct Answered(Box<Tell>);

/// Tells, or says why there is nothing to tell.
type Tell = dyn FnOnce(Option<&OutboxError>) + Send;

impl Answered {
    fn new<T: Send + 'static>(reply: Reply<T>, answer: Result<T, OutboxError>) -> Self {
        Self(Box::new(move |failed| {
            let answer = failed.map_or(answer, |failed| Err(failed.clone()));
            drop(reply.send(answer));
        }))
    }

    /// The commit is durable.
    pub(super) fn tell(self) {
        (self.0)(None);
    }

    /// The commit failed.
    pub(super) fn take_back(self, error: &OutboxError) {
        (self.0)(Some(error));
    }
}

impl Command {
    /// Does it, within a transaction. There is an answer also when the store fails.
    pub(super) fn apply(self, book: &mut Book, tables: &mut Tables<'_>) -> (Answered, Result<(), Error>) {
        match self {
            Self::Put(batch, now, reply) => answered(reply, book.put(tables, batch, now)),
            Self::Claim(claim, reply) => answered(reply, book.claim(tables, &claim).map(Ok)),
            Self::Settle(settlements, _, reply) => answered(reply, book.settle(tables, settlements).map(Ok)),
            Self::Requeue(query, now, reply) => answered(reply, book.requeue(tables, &query, now)),
        }
    }

    /// The time, as its sender knows it.
    pub(super) fn now(&self) -> Timestamp {
        match self {
            Self::Put(_, now, _) | Self::Settle(_, now, _) | Self::Requeue(_, now, _) => *now,
            Self::Claim(claim, _) => claim.now,
        }
    }

    /// Says that it cannot be done.
    pub(super) fn refuse(self, error: &OutboxError) {
        let error = error.clone();
        match self {
            Self::Put(.., reply) => drop(reply.send(Err(error))),
            Self::Claim(_, reply) => drop(reply.send(Err(error))),
            Self::Settle(.., reply) => drop(reply.send(Err(error))),
            Self::Requeue(.., reply) => drop(reply.send(Err(error))),
        }
    }
}

fn answered<T: Send + 'static>(
    reply: Reply<T>,
    done: Result<Result<T, OutboxError>, Error>,
) -> (Answered, Result<(), Error>) {
    match done {
        Ok(answer) => (Answered::new(reply, answer), Ok(())),
        Err(error) => (Answered::new(reply, Err(OutboxError::Unavailable(error.to_string()))), Err(error)),
    }
}
