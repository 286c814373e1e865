//! The room of a connection and of a request that waits for its answer. Thousands of them wait at the same time.

use std::net::SocketAddr;
use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;

use super::super::activity::Activity;
use super::super::connection::Host;
use super::super::exchange::RequestService;
use super::super::handler::Peer;
use super::super::listener::PortStream;
use super::site::Scripted;

/// The size of the future that a function returns. The function is not called.
fn room<A, F>(_: impl Fn(A) -> F) -> usize {
    size_of::<F>()
}

#[test]
fn a_connection_and_a_request_take_little_room() {
    let respond =
        |(service, activity, request): (&Arc<RequestService<Scripted>>, &Arc<Activity>, Request<Incoming>)| {
            service.respond(activity, request, Peer { address: SocketAddr::from(([0; 4], 0)), is_tls: false })
        };
    // hyper keeps room for it in every connection, also in idle ones.
    assert!(room(respond) <= 40, "the answer to a request: {}", room(respond));
    type Accepted = (&'static Host<Scripted>, PortStream, SocketAddr);
    let serve = |(host, stream, address): Accepted| host.serve(stream, address);
    assert!(room(serve) <= 48, "a connection: {}", room(serve));
}
