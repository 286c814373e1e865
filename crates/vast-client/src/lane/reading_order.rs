//! The order in which documents of a tier are read, where the first source in order wins. A document that has arrived is kept as
//! bytes while a source ahead may still win, because reading costs more than the exchange.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use crate::context::LaneContext;

/// From this size on, in bytes, a document is read as soon as it arrives, because reading it takes too long at the deadline.
const LARGE_DOCUMENT: usize = 64 * 1024;

/// The lanes that wait with a document, and the lane that may read.
#[derive(Debug, Default)]
pub(super) struct ReadingOrder {
    /// All lanes before this place have ended.
    first_open: AtomicUsize,
    waiting: Mutex<Vec<(usize, Waker)>>,
}

/// The place of a lane in the order.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadingPlace<'a> {
    pub(super) order: &'a ReadingOrder,
    pub(super) place: usize,
}

impl ReadingOrder {
    /// All lanes before `first_open` have ended: the lane at that place may read.
    pub(super) fn open(&self, first_open: usize) {
        self.first_open.store(first_open, Ordering::Relaxed);
        self.waiting().retain(|(place, waker)| {
            let is_kept = *place > first_open;
            if !is_kept {
                waker.wake_by_ref();
            }
            is_kept
        });
    }

    /// The places of the lanes that wait with a document, in order.
    pub(super) fn waiting_places(&self) -> Vec<usize> {
        let mut places: Vec<usize> = self.waiting().iter().map(|(place, _)| *place).collect();
        places.sort_unstable();
        places
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<(usize, Waker)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadingPlace<'_> {
    /// Whether the document `body` must wait. A document that leads to other documents does not, because they take time.
    pub(super) fn must_wait(self, body: &[u8]) -> bool {
        !self.is_open() && body.len() < LARGE_DOCUMENT && !leads_on(body)
    }

    /// Waits until no lane ahead can win, or until the deadline of the lane: what has arrived is then read.
    pub(super) async fn wait(self, lane: &LaneContext) {
        poll_fn(|cx| {
            // The timer of the lane's deadline wakes it.
            if self.is_open() || lane.log().now() >= lane.deadline().at() {
                return Poll::Ready(());
            }
            let mut waiting = self.order.waiting();
            waiting.retain(|(place, _)| *place != self.place);
            waiting.push((self.place, cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    fn is_open(self) -> bool {
        self.place <= self.order.first_open.load(Ordering::Relaxed)
    }
}

/// Whether a document may have a wrapper or a break of a playlist, or is in a wide encoding, in which names are not found.
fn leads_on(body: &[u8]) -> bool {
    let is_wide = body.iter().take(4).any(|byte| matches!(byte, 0 | 0xfe | 0xff));
    is_wide || contains_name(body, b"wrapper") || contains_name(body, b"adbreak")
}

/// Whether `name`, which is in lower case, is in `body` in any case.
fn contains_name(body: &[u8], name: &[u8]) -> bool {
    let Some(first) = name.first() else { return true };
    let begins_at = |at: usize| body.get(at..at + name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    memchr::memchr2_iter(*first, first.to_ascii_uppercase(), body).any(begins_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_lead_to_others_are_found() {
        for (body, expected) in [
            (&b"<VAST><Ad><InLine/></Ad></VAST>"[..], false),
            (b"<VAST><Ad><Wrapper>", true),
            (b"<v:VAST><v:Ad><v:WRAPPER>", true),
            (b"<VAST><Ad><wwrapper>", true),
            (b"<vmap:VMAP><vmap:AdBreak>", true),
            (b"<VAST><Ad><Wrappe", false),
            (b"\xff\xfe<\0V\0", true),
            (b"<\0V\0A\0", true),
            (b"", false),
        ] {
            assert_eq!(leads_on(body), expected, "{}", body.escape_ascii());
        }
    }

    #[test]
    fn a_lane_may_read_when_all_before_it_have_ended() {
        let order = ReadingOrder::default();
        let may_read = |place| !ReadingPlace { order: &order, place }.must_wait(b"<VAST/>");
        assert_eq!([0, 1, 2].map(may_read), [true, false, false]);
        order.open(2);
        assert_eq!([0, 1, 2, 3].map(may_read), [true, true, true, false]);
    }
}
