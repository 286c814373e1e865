//! The loop that all modes share. For the loop, a lane is a future that ends with a usable answer or without one.

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, CatchUnwind};
use smallvec::SmallVec;
use tokio::time::{Instant, Sleep};

use super::lane_set::LaneSet;
use crate::journal::CutReason;
use crate::policy::{Deadline, later};

/// The rules for starting the lanes of a tier and for ending the tier. The modes differ only in these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// The number of lanes that may run at the same time.
    pub(crate) width: usize,
    /// The condition under which the tier ends.
    pub(crate) stop: StopRule,
    /// Whether one more lane is started if the newest lane has not ended after its [`Lanes::stagger_after`].
    pub(crate) stagger: bool,
}

/// The condition under which a tier ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopRule {
    /// The tier ends as soon as the usable answers are enough.
    FirstInTime,
    /// The tier ends when the usable answers are enough and no earlier source in the order can still win, or when
    /// `patience` has passed since the answers were enough.
    FirstInOrder {
        /// The time for which earlier sources in the order may still win; `None` means until the deadline.
        patience: Option<Duration>,
    },
    /// The tier ends when all lanes have ended.
    All,
}

/// A lane that has begun.
pub(crate) struct BegunLane<'a, T> {
    pub(crate) work: BoxFuture<'a, Option<T>>,
    /// The time limit of the lane. The loop polls the lane at this time, so that the lane needs no timer of its own.
    pub(crate) deadline: Instant,
}

/// The lanes of a tier, as the loop needs them.
pub(crate) trait Lanes {
    /// The result of a lane that ends with a usable answer.
    type Answer: Send;

    /// The number of lanes. They are started in the order of their indices.
    fn len(&self) -> usize;

    /// Starts lane `index` at the time `now`. `open` is the number of lanes that have not ended, including this one. `None` if the
    /// lane is skipped.
    fn begin(&self, index: usize, open: usize, now: Instant) -> Option<BegunLane<'_, Self::Answer>>;

    /// All lanes before `index` have ended. If the first source in order wins, no answer of a later lane counts before that of
    /// lane `index`.
    fn first_open(&self, index: usize);

    /// The lanes whose documents have arrived and wait to be read, in order.
    fn kept(&self) -> Vec<usize>;

    /// Gives the time at which lanes are polled, begin or are dropped, so that they need not read the clock.
    fn tick(&self, now: Instant);

    /// The time that lane `index` may run before the next lane is started too.
    fn stagger_after(&self, index: usize) -> Duration;

    /// Whether the next lane may be started although lane `index` is only slow. Called once for each time that it was slow.
    fn may_overlap(&self, index: usize) -> bool;

    /// Whether two lanes would request the same tag. If so, the second lane is not started when the first one is only
    /// slow.
    fn same_tag(&self, one: usize, other: usize) -> bool;

    /// Whether these answers, sorted by their order, are enough. `open` is the number of lanes that have not ended.
    fn enough(&self, answers: &[&Self::Answer], open: usize) -> bool;

    /// The time until which lanes that run the breaks of a playlist may go on although the deadline of the tier has passed; `None`
    /// if there are none.
    fn extended(&self) -> Option<Deadline>;

    /// Tells the lanes that are still running that they will be dropped, and the reason.
    fn cut(&self, cut: CutReason);
}

/// Runs the lanes of a tier until the answers are enough, no lane is left, or the deadline passes. Returns the usable
/// answers: in the order of the sources for [`StopRule::FirstInOrder`] and [`StopRule::All`], in the order of their arrival for
/// [`StopRule::FirstInTime`].
pub(crate) fn run<L: Lanes + Sync>(
    lanes: &L,
    rules: Rules,
    deadline: Deadline,
) -> impl Future<Output = Vec<L::Answer>> + Send {
    let mut state = LaneLoop::new(lanes, rules, deadline);
    async move {
        // The whole tier with all its lanes uses one timer, because the time of the next wake-up seldom changes.
        let mut alarm = pin!(tokio::time::sleep_until(deadline.at()));
        let mut set_for = None;
        loop {
            if !state.is_settled() {
                state.start_lanes();
            }
            // If lanes were skipped, the tier may already be complete.
            if state.is_settled() {
                lanes.cut(CutReason::OtherSourceWon);
                break;
            }
            if state.running.len() == 0 {
                break;
            }
            // Check the time here too: if lanes are always ready, the timer below is never polled.
            let deadline = state.deadline();
            if state.now >= deadline.at() + GRACE {
                state.read_kept().await;
                lanes.cut(CutReason::Time(deadline.limit()));
                break;
            }
            let wake = state.next_wake().map_or(deadline.at(), |wake| wake.min(deadline.at()));
            if alarm.deadline() != wake {
                alarm.as_mut().reset(wake);
                set_for = None;
            }
            let event = poll_fn(|context| {
                if let Poll::Ready(end) = state.running.poll_next(context) {
                    return Poll::Ready(LoopEvent::Ended(end));
                }
                poll_alarm(alarm.as_mut(), &mut set_for, context).map(|()| LoopEvent::Alarm)
            });
            // The end of a lane is not kept while other lanes are read below.
            let is_alarm = match event.await {
                LoopEvent::Ended((index, now, end)) => {
                    state.now = now;
                    state.ended(index, end);
                    false
                }
                LoopEvent::Alarm => true,
            };
            if !is_alarm {
                continue;
            }
            state.now = Instant::now();
            lanes.tick(state.now);
            if state.wake_due() {
                continue;
            }
            let deadline = state.deadline();
            if state.now >= deadline.at() {
                state.read_kept().await;
                lanes.cut(CutReason::Time(deadline.limit()));
                break;
            }
            state.woken();
        }
        state.into_answers()
    }
}

/// What the loop waits for.
enum LoopEvent<T> {
    /// A lane has ended.
    Ended(T),
    /// The timer has fired.
    Alarm,
}

/// Polls the timer, unless it waits already to wake the same task, for which `set_for` has its waker.
fn poll_alarm(mut alarm: Pin<&mut Sleep>, set_for: &mut Option<Waker>, context: &mut Context<'_>) -> Poll<()> {
    let is_set = set_for.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
    if is_set && !alarm.is_elapsed() {
        return Poll::Pending;
    }
    // A task that has used up its turn would not be registered.
    let fired = pin!(tokio::task::coop::unconstrained(alarm.as_mut())).poll(context);
    *set_for = fired.is_pending().then(|| context.waker().clone());
    fired
}

/// How many lanes of a tier run at the same time at most, in every mode. Further lanes begin when others end. A lane has at least
/// one socket, and a process has 1,024 of them by default on Linux. A lane that runs needs about 12 KiB of memory, and about
/// 170 KiB if its URL is as long as a redirect allows.
pub(crate) const MAX_RUNNING: usize = 500;

/// The time after the deadline during which ready lanes are still polled, so that lanes which end exactly at the
/// deadline count.
const GRACE: Duration = Duration::from_millis(20);

/// A running lane. A panic in it is a bug: it ends the lane, which records it in the journal, and not the request.
struct RunningLane<'a, L: Lanes> {
    index: usize,
    lanes: &'a L,
    /// The lane is not polled after this time. Without it, thousands of lanes that are ready at the same time could run
    /// longer than the deadline.
    overdue: Instant,
    /// The time limit of the lane. `None` after the lane was polled because of it.
    deadline: Option<Instant>,
    /// The document of the lane has arrived in time and is read now, however late it is.
    is_kept: bool,
    work: CatchUnwind<AssertUnwindSafe<BoxFuture<'a, Option<L::Answer>>>>,
}

impl<L: Lanes> Future for RunningLane<'_, L> {
    /// The lane, the time of its last poll, and its answer.
    type Output = (usize, Instant, Option<L::Answer>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let now = Instant::now();
        if !self.is_kept && now >= self.overdue && self.lanes.extended().is_none_or(|later| now >= later.at() + GRACE) {
            // The time is over: return to the loop, which then drops all lanes.
            return Poll::Pending;
        }
        self.lanes.tick(now);
        let end = ready!(self.work.poll_unpin(context));
        Poll::Ready((self.index, now, end.unwrap_or(None)))
    }
}

struct LaneLoop<'l, L: Lanes> {
    lanes: &'l L,
    rules: Rules,
    running: LaneSet<RunningLane<'l, L>>,
    /// For each lane, whether it has not ended. Lanes from the index `next` on have not begun.
    open: SmallVec<[bool; 8]>,
    open_count: usize,
    next: usize,
    deadline: Deadline,
    /// The number of lanes that may run now, at most [`MAX_RUNNING`]. Staggering increases it.
    width: usize,
    /// When the newest lane began, or was last found too slow without permission to start another one.
    slow_since: Instant,
    /// The first time limit of a running lane. It may be that of a lane which has ended before.
    due: Option<Instant>,
    /// The last reading of the clock.
    now: Instant,
    /// The answers in the order of their arrival, each with the index of its lane.
    answers: Vec<(usize, L::Answer)>,
    enough_since: Option<Instant>,
    /// All lanes before this one have ended.
    first_open: usize,
    /// Whether the answers of those lanes are enough; `None` before it is computed.
    is_enough_in_order: Option<bool>,
}

impl<'l, L: Lanes> LaneLoop<'l, L> {
    fn new(lanes: &'l L, rules: Rules, deadline: Deadline) -> Self {
        let now = Instant::now();
        lanes.tick(now);
        Self {
            lanes,
            rules,
            running: LaneSet::new(lanes.len()),
            open: SmallVec::from_elem(true, lanes.len()),
            open_count: lanes.len(),
            next: 0,
            deadline,
            width: rules.width.min(MAX_RUNNING),
            slow_since: now,
            due: None,
            now,
            answers: Vec::with_capacity(1),
            enough_since: None,
            first_open: 0,
            is_enough_in_order: None,
        }
    }

    /// When the lanes that still run are cut: at the deadline of the tier, or later while the breaks of a playlist run and no other
    /// answer is enough.
    fn deadline(&self) -> Deadline {
        let later = self.lanes.extended().filter(|later| later.at() > self.deadline.at());
        later.filter(|_| self.enough_since.is_none()).unwrap_or(self.deadline)
    }

    fn start_lanes(&mut self) {
        while self.next < self.open.len() && self.running.len() < self.width && !self.would_ask_twice() {
            let index = self.next;
            self.next += 1;
            match self.lanes.begin(index, self.open_count, self.now) {
                Some(BegunLane { work, deadline }) => {
                    self.slow_since = self.now;
                    let (lanes, overdue) = (self.lanes, self.deadline.at() + GRACE);
                    let work = AssertUnwindSafe(work).catch_unwind();
                    self.due = Some(self.due.map_or(deadline, |due| due.min(deadline)));
                    let deadline = Some(deadline);
                    self.running.push(index, RunningLane { index, lanes, overdue, deadline, is_kept: false, work });
                }
                None => self.close(index),
            }
        }
    }

    /// Whether staggering would request the same tag twice at the same time.
    fn would_ask_twice(&self) -> bool {
        self.rules.stagger && self.running.iter().any(|lane| self.lanes.same_tag(lane.index, self.next))
    }

    fn close(&mut self, index: usize) {
        if let Some(open) = self.open.get_mut(index) {
            *open = false;
            self.open_count = self.open_count.saturating_sub(1);
        }
        let ended = self.open.iter().skip(self.first_open).take_while(|open| !**open).count();
        if ended > 0 {
            self.first_open += ended;
            self.is_enough_in_order = None;
            self.lanes.first_open(self.first_open);
        }
    }

    fn ended(&mut self, index: usize, end: Option<L::Answer>) {
        self.close(index);
        if let Some(answer) = end {
            self.answers.push((index, answer));
        }
        let is_newest = index + 1 == self.next;
        if !is_newest {
            // When a slow lane ends, the additional place that staggering made for it ends too. The place of a lane
            // that failed fast is used again.
            self.width = self.width.saturating_sub(1).max(self.rules.width.min(MAX_RUNNING));
        }
        if self.enough_since.is_none() && self.has_enough() {
            self.enough_since = Some(self.now);
            // Of a single lane this is the answer to both questions.
            self.is_enough_in_order = (self.open.len() == 1).then_some(true);
        }
    }

    /// Reads the documents that have arrived, in order, until the answers are enough. On a busy machine the time may be over before
    /// their lanes were polled again.
    async fn read_kept(&mut self) {
        for index in self.lanes.kept() {
            if self.enough_since.is_some() || self.now + GRACE < Instant::now() {
                return;
            }
            let Some(lane) = self.running.get_mut(index) else { continue };
            lane.is_kept = true;
            let polled = poll_fn(|cx| Poll::Ready(self.running.poll_lane(index, cx))).await;
            if let Poll::Ready((index, _, end)) = polled {
                self.ended(index, end);
            }
        }
    }

    fn has_enough(&self) -> bool {
        if let [(_, only)] = &self.answers[..] {
            return self.lanes.enough(&[only], self.open_count);
        }
        let answers: Vec<&L::Answer> = self.answers.iter().map(|(_, answer)| answer).collect();
        self.lanes.enough(&answers, self.open_count)
    }

    fn is_settled(&mut self) -> bool {
        let Some(since) = self.enough_since else { return false };
        match self.rules.stop {
            StopRule::All => false,
            StopRule::FirstInTime => true,
            StopRule::FirstInOrder { patience } => {
                self.is_settled_in_order() || patience.is_some_and(|patience| self.now >= later(since, patience))
            }
        }
    }

    /// Whether the answers of the lanes before the first open lane are enough. If so, no earlier source can still win. It is
    /// called after every lane, so it computes the answer again only when the first open lane has changed.
    fn is_settled_in_order(&mut self) -> bool {
        if let Some(known) = self.is_enough_in_order {
            return known;
        }
        if self.first_open == self.open.len() && self.answers.len() <= 1 {
            let is_enough = self.has_enough();
            self.is_enough_in_order = Some(is_enough);
            return is_enough;
        }
        let mut answers: Vec<_> = self.answers.iter().filter(|(index, _)| *index < self.first_open).collect();
        answers.sort_by_key(|(index, _)| *index);
        let answers: Vec<&L::Answer> = answers.into_iter().map(|(_, answer)| answer).collect();
        let is_enough = self.lanes.enough(&answers, self.open_count);
        self.is_enough_in_order = Some(is_enough);
        is_enough
    }

    /// The time at which the loop must wake up even if no lane ends: to start one more lane, or because the patience is
    /// over.
    fn next_wake(&self) -> Option<Instant> {
        // Without a free place the next lane waits for the end of another. A time in the past would keep the loop busy until then.
        let is_free = self.running.len() < MAX_RUNNING;
        let stagger = (self.rules.stagger && is_free && self.next < self.open.len() && !self.would_ask_twice())
            .then(|| later(self.slow_since, self.lanes.stagger_after(self.next.saturating_sub(1))));
        let patience = match (self.rules.stop, self.enough_since) {
            (StopRule::FirstInOrder { patience: Some(patience) }, Some(since)) => Some(later(since, patience)),
            _ => None,
        };
        [stagger, patience, self.due].into_iter().flatten().min()
    }

    /// Wakes the lanes whose time limit has passed. Returns whether there are any.
    fn wake_due(&mut self) -> bool {
        if self.due.is_none_or(|due| self.now < due) {
            return false;
        }
        let (now, mut next) = (self.now, None);
        let has_woken = self.running.wake_each(|lane| {
            let is_due = lane.deadline.is_some_and(|deadline| now >= deadline);
            if is_due {
                lane.deadline = None;
            }
            next = [next, lane.deadline].into_iter().flatten().min();
            is_due
        });
        self.due = next;
        has_woken
    }

    fn woken(&mut self) {
        let newest = self.next.saturating_sub(1);
        if self.rules.stagger && self.now >= self.slow_since + self.lanes.stagger_after(newest) {
            if self.lanes.may_overlap(newest) {
                self.width = (self.running.len() + 1).min(MAX_RUNNING);
            } else {
                self.slow_since = self.now;
            }
        }
    }

    fn into_answers(mut self) -> Vec<L::Answer> {
        if self.rules.stop != StopRule::FirstInTime {
            self.answers.sort_by_key(|(index, _)| *index);
        }
        // Not collected, because that would keep the list and cut its memory to the smaller items.
        let mut answers = Vec::with_capacity(self.answers.len());
        answers.extend(self.answers.into_iter().map(|(_, answer)| answer));
        answers
    }
}

#[cfg(test)]
mod tests;
