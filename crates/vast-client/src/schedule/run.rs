//! The one loop. It knows lanes only as futures that end usable or not.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::future::{BoxFuture, CatchUnwind};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use crate::journal::Cut;
use crate::policy::Deadline;

/// How a tier's lanes are let in and when asking ends: all that the modes differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// How many lanes may run at once.
    pub(crate) width: usize,
    /// When it is enough.
    pub(crate) stop: Stop,
    /// Whether one more lane is let in when the newest has been silent for its [`Lanes::stagger_after`].
    pub(crate) stagger: bool,
}

/// When asking ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// When the usable answers in hand are enough.
    FirstInTime,
    /// When those of the first sources in order are enough and no source ahead of them can still win; or when the sources
    /// ahead have been waited for so long.
    FirstInOrder {
        /// How long sources ahead of enough usable answers may still win; `None` is without bound.
        patience: Option<Duration>,
    },
    /// When all lanes have ended.
    All,
}

/// What the loop needs to know of the lanes of a tier.
pub(crate) trait Lanes {
    /// What a lane that ends usable gives.
    type Answer: Send;

    /// How many lanes there are, in the order in which they are let in.
    fn len(&self) -> usize;

    /// Begins lane `index`. `open` is the number of lanes that have not ended, this one included. `None` when policy keeps
    /// it from being asked.
    fn begin(&self, index: usize, open: usize) -> Option<BoxFuture<'_, Option<Self::Answer>>>;

    /// How long lane `index` may be silent before the next one is let in.
    fn stagger_after(&self, index: usize) -> Duration;

    /// Whether two lanes would ask the same tag: such a pair never runs at once for lack of patience.
    fn same_tag(&self, one: usize, other: usize) -> bool;

    /// Whether these answers, best placed first, are enough.
    fn enough(&self, answers: &[&Self::Answer]) -> bool;

    /// The lanes still running are about to be dropped.
    fn cut(&self, cut: Cut);
}

/// Runs the lanes of a tier until it is enough, none is left, or the deadline passes. Returns the usable answers, best
/// placed first: in order for [`Stop::FirstInOrder`] and [`Stop::All`], in time for [`Stop::FirstInTime`].
pub(crate) async fn run<L: Lanes>(lanes: &L, rules: Rules, deadline: Deadline) -> Vec<L::Answer> {
    let mut tier = Tier::new(lanes, rules);
    // One timer for the whole tier: it is seldom moved.
    let mut alarm = std::pin::pin!(tokio::time::sleep_until(deadline.at()));
    loop {
        if !tier.is_settled() {
            tier.let_in();
        }
        // Lanes that policy kept from being asked may have settled it.
        if tier.is_settled() {
            lanes.cut(Cut::Settled);
            break;
        }
        if tier.running.is_empty() {
            break;
        }
        let wake = tier.next_wake().map_or(deadline.at(), |wake| wake.min(deadline.at()));
        if alarm.deadline() != wake {
            alarm.as_mut().reset(wake);
        }
        tokio::select! {
            biased;
            Some((index, end)) = tier.running.next() => tier.ended(index, end),
            () = &mut alarm => {
                if Instant::now() >= deadline.at() {
                    lanes.cut(Cut::Time(deadline.limit()));
                    break;
                }
                tier.woken();
            }
        }
    }
    tier.into_answers()
}

/// A running lane. A panic inside is a bug; it ends the lane, which says so in the journal, and not the request.
struct Lane<'a, A> {
    index: usize,
    work: CatchUnwind<AssertUnwindSafe<BoxFuture<'a, Option<A>>>>,
}

impl<A> Future for Lane<'_, A> {
    type Output = (usize, Option<A>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(self.work.poll_unpin(context));
        Poll::Ready((self.index, end.unwrap_or(None)))
    }
}

struct Tier<'l, L: Lanes> {
    lanes: &'l L,
    rules: Rules,
    running: FuturesUnordered<Lane<'l, L::Answer>>,
    /// Lanes that have not ended; those from `next` on have not begun.
    open: Vec<bool>,
    next: usize,
    /// How many may run now; a stagger raises it.
    width: usize,
    newest_began: Instant,
    /// In the order in which they came.
    answers: Vec<(usize, L::Answer)>,
    enough_since: Option<Instant>,
}

impl<'l, L: Lanes> Tier<'l, L> {
    fn new(lanes: &'l L, rules: Rules) -> Self {
        Self {
            lanes,
            rules,
            running: FuturesUnordered::new(),
            open: vec![true; lanes.len()],
            next: 0,
            width: rules.width,
            newest_began: Instant::now(),
            answers: Vec::new(),
            enough_since: None,
        }
    }

    fn let_in(&mut self) {
        while self.next < self.open.len() && self.running.len() < self.width && !self.would_ask_twice() {
            let index = self.next;
            self.next += 1;
            match self.lanes.begin(index, self.open.iter().filter(|open| **open).count()) {
                Some(lane) => {
                    self.newest_began = Instant::now();
                    self.running.push(Lane { index, work: AssertUnwindSafe(lane).catch_unwind() });
                }
                None => self.close(index),
            }
        }
    }

    /// Whether the next lane would be let in beside a lane that asks the same tag, only for lack of patience.
    fn would_ask_twice(&self) -> bool {
        let next = self.next;
        self.rules.stagger && (0..next).any(|other| self.is_open(other) && self.lanes.same_tag(other, next))
    }

    fn is_open(&self, index: usize) -> bool {
        self.open.get(index).copied().unwrap_or(false)
    }

    fn close(&mut self, index: usize) {
        if let Some(open) = self.open.get_mut(index) {
            *open = false;
        }
    }

    fn ended(&mut self, index: usize, end: Option<L::Answer>) {
        self.close(index);
        if let Some(answer) = end {
            self.answers.push((index, answer));
        }
        let is_newest = index + 1 == self.next;
        if !is_newest {
            // A place made for lack of patience goes with the slow lane; one that failed fast is filled again.
            self.width = self.width.saturating_sub(1).max(self.rules.width);
        }
        if self.enough_since.is_none() && self.has_enough() {
            self.enough_since = Some(Instant::now());
        }
    }

    fn has_enough(&self) -> bool {
        let answers: Vec<&L::Answer> = self.answers.iter().map(|(_, answer)| answer).collect();
        self.lanes.enough(&answers)
    }

    fn is_settled(&self) -> bool {
        let Some(since) = self.enough_since else { return false };
        match self.rules.stop {
            Stop::All => false,
            Stop::FirstInTime => true,
            Stop::FirstInOrder { patience } => {
                self.is_settled_in_order() || patience.is_some_and(|patience| since.elapsed() >= patience)
            }
        }
    }

    /// Whether the answers of the lanes before the first open one are enough: then no source ahead can still win.
    fn is_settled_in_order(&self) -> bool {
        let first_open = self.open.iter().position(|open| *open).unwrap_or(self.open.len());
        let mut answers: Vec<_> = self.answers.iter().filter(|(index, _)| *index < first_open).collect();
        answers.sort_by_key(|(index, _)| *index);
        let answers: Vec<&L::Answer> = answers.into_iter().map(|(_, answer)| answer).collect();
        self.lanes.enough(&answers)
    }

    /// When something is due even if no lane ends: one more lane, or the end of patience.
    fn next_wake(&self) -> Option<Instant> {
        let stagger = (self.rules.stagger && self.next < self.open.len() && !self.would_ask_twice())
            .then(|| self.newest_began + self.lanes.stagger_after(self.next.saturating_sub(1)));
        let patience = match (self.rules.stop, self.enough_since) {
            (Stop::FirstInOrder { patience: Some(patience) }, Some(since)) => Some(since + patience),
            _ => None,
        };
        [stagger, patience].into_iter().flatten().min()
    }

    fn woken(&mut self) {
        let newest = self.next.saturating_sub(1);
        if self.rules.stagger && self.newest_began.elapsed() >= self.lanes.stagger_after(newest) {
            self.width = self.running.len() + 1;
        }
    }

    fn into_answers(mut self) -> Vec<L::Answer> {
        if self.rules.stop != Stop::FirstInTime {
            self.answers.sort_by_key(|(index, _)| *index);
        }
        self.answers.into_iter().map(|(_, answer)| answer).collect()
    }
}
