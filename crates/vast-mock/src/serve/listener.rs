//! Accepts the connections of one server; a separate task answers on each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::connection::{Connection, Unasked};
use super::exchange::{Answered, Exchange, ExchangeEnding};
use super::head::{BadRequest, Head};
use super::log::Log;
use super::respond::{Next, perform};
use crate::script::{Action, Fault, Reply, Request, Response, Server};

/// The wait after a failed accept. The usual cause is a lack of file descriptors, and without the wait the loop would use a
/// whole processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// The values that all connections of one server share.
pub(super) struct Service {
    pub(super) server: Server,
    pub(super) name: Arc<str>,
    pub(super) accepted: AtomicU64,
    pub(super) seed: u64,
    pub(super) log: Arc<Log>,
}

/// Accepts connections until it is stopped, then ends all connections and waits for their tasks.
pub(super) async fn run(listener: TcpListener, service: Arc<Service>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let number = service.accepted.fetch_add(1, Ordering::Relaxed) + 1;
                    connections.spawn(service.clone().talk(stream, number));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}

impl Service {
    async fn talk(self: Arc<Self>, stream: TcpStream, number: u64) {
        // Each connection has a generator, so that one connection cannot change the delays of another.
        let mut rng = fastrand::Rng::with_seed(self.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut connection = Connection::new(stream);
        loop {
            let next = match connection.request().await {
                Ok(head) => self.answer(&mut connection, number, head, &mut rng).await,
                Err(Unasked::Bad(bad)) => self.refuse(&mut connection, number, bad).await,
                Err(Unasked::Gone) => return,
            };
            match next {
                Next::KeepAlive => {}
                Next::Close => return connection.close().await,
                Next::Reset => return connection.reset(),
            }
        }
    }

    async fn answer(&self, connection: &mut Connection, number: u64, head: Head, rng: &mut fastrand::Rng) -> Next {
        let reply = self.server.reply(&head.request, rng);
        let next = self.exchange(connection, number, head.request, &reply).await;
        if next == Next::KeepAlive && !head.keep_alive { Next::Close } else { next }
    }

    async fn refuse(&self, connection: &mut Connection, number: u64, bad: BadRequest) -> Next {
        let reply = Reply { after: Duration::ZERO, action: Action::Respond(Response::refusal(bad.status)) };
        self.exchange(connection, number, bad.request, &reply).await
    }

    async fn exchange(&self, connection: &mut Connection, number: u64, request: Request, reply: &Reply) -> Next {
        let mut open = self.log.begin(Exchange {
            server: self.name.clone(),
            connection: number,
            request,
            started: self.log.now(),
            answered: answered(&reply.action),
            bytes_sent: 0,
            ending: ExchangeEnding::Running,
            ended: None,
        });
        let (ending, next) = perform(connection, reply, &mut open).await;
        open.end(ending);
        next
    }
}

fn answered(action: &Action) -> Answered {
    match action {
        Action::Respond(response) => Answered::Status(response.status),
        Action::Reset => Answered::Fault(Fault::Reset),
        Action::Hang => Answered::Fault(Fault::Hang),
        Action::Close => Answered::Fault(Fault::Close),
    }
}
