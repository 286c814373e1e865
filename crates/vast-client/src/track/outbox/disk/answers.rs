//! The answers of a commit to its callers.
//!
//! To wake a task from another thread is a system call where the runtime of the task has one thread, and the runtime then handles each
//! task alone. So the writer thread answers one caller of a commit, and this one sends the other answers from the thread that polls it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::super::interface::OutboxError;

/// The channel for the answer to a command. If its receiver was dropped, the answer is dropped too.
pub(super) type Responder<T> = oneshot::Sender<CommitReply<T>>;

/// What the sender of a command gets.
pub(super) struct CommitReply<T> {
    pub(super) answer: Result<T, OutboxError>,
    /// Other answers of the same commit. The receiver drops this, which sends them.
    _others: Option<UnsentAnswers>,
}

/// Answers a command alone.
pub(super) fn reply<T>(responder: Responder<T>, answer: Result<T, OutboxError>) {
    drop(responder.send(CommitReply { answer, _others: None }));
}

/// An answer that is sent when its commit is durable.
pub(super) struct PendingReply(Box<SendReply>);

/// Sends the answer with others of its commit, or the error of the commit.
type SendReply = dyn FnOnce(Result<Option<UnsentAnswers>, &OutboxError>) + Send;

impl PendingReply {
    pub(super) fn new<T: Send + 'static>(responder: Responder<T>, answer: Result<T, OutboxError>) -> Self {
        Self(Box::new(move |end| match end {
            Ok(_others) => drop(responder.send(CommitReply { answer, _others })),
            Err(failed) => reply(responder, Err(failed.clone())),
        }))
    }

    /// Sends the error: the commit failed.
    pub(super) fn fail(self, error: &OutboxError) {
        (self.0)(Err(error));
    }

    /// Sends the answer: the commit is durable.
    fn send(self, others: Option<UnsentAnswers>) {
        (self.0)(Ok(others));
    }
}

/// Answers of a durable commit that are not sent yet. They are sent by whoever drops one of the handles first: the caller that was
/// answered, at the latest when its future is dropped; or the writer thread, because this caller may not be polled for a long time.
#[derive(Default)]
pub(super) struct UnsentAnswers(Arc<Mutex<Vec<PendingReply>>>);

impl UnsentAnswers {
    /// Sends the first answer. The others go with it.
    pub(super) fn send_first(answers: Vec<PendingReply>) -> Self {
        let mut answers = answers.into_iter();
        let first = answers.next();
        let others = Arc::new(Mutex::new(answers.collect::<Vec<_>>()));
        if let Some(first) = first {
            first.send(Some(Self(Arc::clone(&others))));
        }
        Self(others)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PendingReply>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnsentAnswers {
    fn drop(&mut self) {
        let unsent = std::mem::take(&mut *self.lock());
        unsent.into_iter().for_each(|answer| answer.send(None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Receiver = oneshot::Receiver<CommitReply<usize>>;

    fn pending(number: usize) -> (Vec<PendingReply>, Vec<Receiver>) {
        let pair = |number| {
            let (responder, receiver) = oneshot::channel();
            (PendingReply::new(responder, Ok(number)), receiver)
        };
        (0..number).map(pair).unzip()
    }

    fn received(receivers: &mut [Receiver]) -> Vec<Option<Result<usize, OutboxError>>> {
        receivers.iter_mut().map(|receiver| receiver.try_recv().ok().map(|reply| reply.answer)).collect()
    }

    #[test]
    fn the_caller_that_was_answered_sends_the_other_answers() {
        for number in 0..4 {
            let (answers, mut receivers) = pending(number);
            let unsent = UnsentAnswers::send_first(answers);
            if let Some((first, others)) = receivers.split_first_mut() {
                assert!(received(others).iter().all(Option::is_none));
                let reply = first.try_recv().expect("an answer");
                assert_eq!(reply.answer, Ok(0));
                assert!(received(others).iter().all(Option::is_none));
                drop(reply);
                assert_eq!(received(others), (1..number).map(|number| Some(Ok(number))).collect::<Vec<_>>());
            }
            drop(unsent);
        }
    }

    /// The future of the first caller is dropped before the answer comes, after it, or waits and is not polled.
    #[test]
    fn no_answer_depends_on_the_first_caller() {
        let all = [Some(Ok(1)), Some(Ok(2))];
        let (answers, mut receivers) = pending(3);
        drop(receivers.remove(0));
        let unsent = UnsentAnswers::send_first(answers);
        assert_eq!(received(&mut receivers), all, "dropped before");
        drop(unsent);

        let (answers, mut receivers) = pending(3);
        let unsent = UnsentAnswers::send_first(answers);
        drop(receivers.remove(0));
        assert_eq!(received(&mut receivers), all, "dropped after");
        drop(unsent);

        let (answers, mut receivers) = pending(3);
        drop(UnsentAnswers::send_first(answers));
        assert_eq!(received(&mut receivers[1..]), all, "not polled");
    }

    #[test]
    fn a_failed_commit_is_told() {
        let (answers, mut receivers) = pending(2);
        let failed = OutboxError::Unavailable("the disk is full".to_owned());
        answers.into_iter().for_each(|answer| answer.fail(&failed));
        assert_eq!(received(&mut receivers), [Some(Err(failed.clone())), Some(Err(failed))]);
    }
}
