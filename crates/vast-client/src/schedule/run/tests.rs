//! The limits of the loop.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::policy::TimeLimit;

/// Lanes that take a second each and find nothing; they count themselves.
struct Slow {
    lanes: usize,
    begun: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
    /// How often the loop asked when to start the next lane: once or twice each time that it wakes up.
    asked: AtomicUsize,
}

impl Lanes for Slow {
    type Answer = ();

    fn len(&self) -> usize {
        self.lanes
    }

    fn tick(&self, _now: Instant) {}

    fn first_open(&self, _index: usize) {}

    fn kept(&self) -> Vec<usize> {
        Vec::new()
    }

    fn begin(&self, _index: usize, _open: usize, now: Instant) -> Option<BegunLane<'_, ()>> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(running, Ordering::Relaxed);
        let lane = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.running.fetch_sub(1, Ordering::Relaxed);
            None
        };
        Some(BegunLane { work: lane.boxed(), deadline: now + Duration::from_secs(3600) })
    }

    fn stagger_after(&self, _index: usize) -> Duration {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        assert!(asked < 10 * self.lanes, "the loop is busy although nothing happens");
        Duration::from_micros(100)
    }

    fn may_overlap(&self, _index: usize) -> bool {
        true
    }

    fn same_tag(&self, _one: usize, _other: usize) -> bool {
        false
    }

    fn enough(&self, answers: &[&()], _open: usize) -> bool {
        !answers.is_empty()
    }

    fn extended(&self) -> Option<Deadline> {
        None
    }

    fn cut(&self, _cut: CutReason) {}
}

/// Lanes without a timer, each of which ends without an answer when it is polled at its time limit; they note when that was.
struct Timeless {
    seconds: Vec<u64>,
    began: Instant,
    ended: std::sync::Mutex<Vec<(usize, Duration)>>,
}

impl Lanes for Timeless {
    type Answer = ();

    fn len(&self) -> usize {
        self.seconds.len()
    }

    fn tick(&self, _now: Instant) {}

    fn first_open(&self, _index: usize) {}

    fn kept(&self) -> Vec<usize> {
        Vec::new()
    }

    fn begin(&self, index: usize, _open: usize, _now: Instant) -> Option<BegunLane<'_, ()>> {
        let deadline = self.began + Duration::from_secs(self.seconds[index]);
        let lane = poll_fn(move |_| {
            if Instant::now() < deadline {
                return Poll::Pending;
            }
            self.ended.lock().expect("no panic").push((index, self.began.elapsed()));
            Poll::Ready(None)
        });
        Some(BegunLane { work: lane.boxed(), deadline })
    }

    fn stagger_after(&self, _index: usize) -> Duration {
        Duration::from_secs(1)
    }

    fn may_overlap(&self, _index: usize) -> bool {
        false
    }

    fn same_tag(&self, _one: usize, _other: usize) -> bool {
        false
    }

    fn enough(&self, _answers: &[&()], _open: usize) -> bool {
        false
    }

    fn extended(&self) -> Option<Deadline> {
        None
    }

    fn cut(&self, _cut: CutReason) {}
}

#[tokio::test(start_paused = true)]
async fn each_lane_is_polled_at_its_time_limit() {
    let began = Instant::now();
    let lanes = Timeless { seconds: vec![3, 1, 9, 3, 2], began, ended: std::sync::Mutex::default() };
    let deadline = Deadline::after(began, Duration::from_secs(5), TimeLimit::Request);
    let rules = Rules { width: 5, stop: StopRule::All, stagger: false };
    // Something wakes the task of the tier without need.
    let waking = async {
        loop {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    tokio::select! {
        answers = run(&lanes, rules, deadline) => assert!(answers.is_empty()),
        () = waking => {}
    }
    let ended = lanes.ended.into_inner().expect("no panic");
    assert_eq!(ended, [(1, 1), (4, 2), (0, 3), (3, 3)].map(|(lane, at)| (lane, Duration::from_secs(at))));
    assert_eq!(began.elapsed(), Duration::from_secs(5), "the deadline of the tier ends the lane that is left");
}

#[tokio::test(start_paused = true)]
async fn a_tier_runs_a_limited_number_of_lanes_at_the_same_time() {
    let lanes = 2 * MAX_RUNNING + 500;
    for (width, stagger, expected) in [(lanes, false, MAX_RUNNING), (1, true, MAX_RUNNING), (7, false, 7)] {
        let number = AtomicUsize::default;
        let slow = Slow { lanes, begun: number(), running: number(), most: number(), asked: number() };
        let deadline = Deadline::after(Instant::now(), Duration::from_secs(3600), TimeLimit::Request);
        let rules = Rules { width, stop: StopRule::FirstInTime, stagger };
        assert!(run(&slow, rules, deadline).await.is_empty());
        let [begun, most] = [&slow.begun, &slow.most].map(|count| count.load(Ordering::Relaxed));
        assert_eq!((begun, most), (lanes, expected), "width {width}, stagger {stagger}");
    }
}
