//! A gateway that stands still with a claim, while another gateway calls the tracker.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::task::JoinHandle;
use vast_client::env::Env;
use vast_client::track::outbox::{Claim, Claimed, Disposition, LastAttempt, Outbox, Settlement, Timestamp};

use super::model::{Model, ModelBroker, SECOND, names};
use super::record;
use crate::outbox::NatsOutbox;
use crate::seal::RecordSeal;

const LEASE: Duration = Duration::from_secs(60);
/// By how much the clock of the second gateway is ahead: for it, every lease of the first one has ended.
const AHEAD: Duration = Duration::from_secs(90);

struct Gateway {
    outbox: NatsOutbox,
    work: JoinHandle<()>,
    env: Env,
}

impl Gateway {
    fn start(model: &Arc<Model>, env: Env) -> Self {
        let seal = RecordSeal::new([('a', &b"0123456789abcdef0123456789abcdef"[..])]);
        let broker = Box::new(ModelBroker(Arc::clone(model)));
        let outbox = NatsOutbox::with_broker(broker, names(), seal, SECOND, env.clone());
        let work = tokio::spawn(outbox.attend().expect("it has work"));
        Self { outbox, work, env }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from(self.env.wall())
    }

    async fn claimed(&self) -> Claimed {
        for _ in 0..120 {
            let claim = Claim { limit: 1, per_host: 1, allowances: Arc::default(), now: self.now(), lease: LEASE };
            let claims = self.outbox.claim(claim).await.expect("the broker works");
            if let Some(claimed) = claims.beacons.into_iter().next() {
                return claimed;
            }
            tokio::time::sleep(SECOND).await;
        }
        panic!("no beacon in two minutes");
    }

    /// Settles a claim as delivered; returns how many claims were settled.
    async fn settled(&self, claimed: &Claimed) -> usize {
        let last = LastAttempt { at: self.now(), status: Some(204), message: "".into() };
        let (id, attempts) = (claimed.id, claimed.progress.attempts);
        let settlement = Settlement { id, attempts, disposition: Disposition::Delivered, last };
        self.outbox.settle(vec![settlement], self.now()).await.expect("the broker works")
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_another_gateway_has_taken_over_is_counted_by_the_one_that_lost_it() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    let model = Model::new(Env::fixed(start, 1), 1);
    model.end_faults();
    let slow = Gateway::start(&model, Env::fixed(start, 2));
    slow.outbox.put(vec![record("k", 1, slow.now())], slow.now()).await.expect("room");
    let lost = slow.claimed().await;
    // It stands still: it does not tell the server any more that it works on the message, so the server sends it again.
    slow.work.abort();
    let other = Gateway::start(&model, Env::fixed(start + AHEAD, 3));
    let taken = other.claimed().await;
    assert_eq!((slow.outbox.counts().lost_claims, other.outbox.counts().lost_claims), (0, 0));
    assert_eq!(slow.settled(&lost).await, 0, "the claim of another gateway");
    assert_eq!(other.settled(&taken).await, 1);
    assert_eq!((slow.outbox.counts().lost_claims, other.outbox.counts().lost_claims), (1, 0));
}
