//! Performs a reply on a connection.

use std::fmt::Write as _;
use std::io;

use super::connection::Connection;
use super::exchange::ExchangeEnding;
use super::log::RunningExchange;
use crate::script::{Action, BodyPart, End, Framing, Reply, Response};

/// The state of the connection after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The client may send another request.
    KeepAlive,
    /// The connection is closed normally.
    Close,
    /// The connection is reset (TCP RST).
    Reset,
}

/// Performs `reply`. Waits end early if the client closes the connection.
pub(super) async fn perform(
    connection: &mut Connection,
    reply: &Reply,
    open: &mut RunningExchange<'_>,
) -> (ExchangeEnding, Next) {
    match attempt(connection, reply, open).await {
        Ok(outcome) => outcome,
        Err(error) => (ending_of(&error), Next::Close),
    }
}

async fn attempt(
    connection: &mut Connection,
    reply: &Reply,
    open: &mut RunningExchange<'_>,
) -> io::Result<(ExchangeEnding, Next)> {
    connection.wait(reply.after).await?;
    match &reply.action {
        Action::Respond(response) => respond(connection, response, open).await,
        Action::Reset => Ok((ExchangeEnding::Reset, Next::Reset)),
        Action::Close => Ok((ExchangeEnding::Closed, Next::Close)),
        Action::Hang => Err(connection.peer_gone().await),
    }
}

/// Head and body are sent in one write, unless the body is slow or large.
async fn respond(
    connection: &mut Connection,
    response: &Response,
    open: &mut RunningExchange<'_>,
) -> io::Result<(ExchangeEnding, Next)> {
    if response.framing != Framing::Wire {
        connection.put(head(response).as_bytes());
    }
    for part in &response.parts {
        if !part.after.is_zero() {
            connection.flush().await?;
            open.publish();
            connection.wait(part.after).await?;
        }
        send_part(connection, part, response.framing).await?;
        open.count(part.bytes.len());
    }
    if response.end == End::Complete && response.framing == Framing::Chunked {
        connection.put(b"0\r\n\r\n");
    }
    connection.flush().await?;
    match response.end {
        End::Complete if says_close(response) => Ok((ExchangeEnding::Completed, Next::Close)),
        End::Complete => Ok((ExchangeEnding::Completed, Next::KeepAlive)),
        End::Close => Ok((ExchangeEnding::Closed, Next::Close)),
        End::Reset => Ok((ExchangeEnding::Reset, Next::Reset)),
        End::Hang => {
            open.publish();
            Err(connection.peer_gone().await)
        }
    }
}

async fn send_part(connection: &mut Connection, part: &BodyPart, framing: Framing) -> io::Result<()> {
    match framing {
        Framing::Length | Framing::Wire => connection.send(&part.bytes).await,
        Framing::Chunked => {
            connection.put(format!("{:x}\r\n", part.bytes.len()).as_bytes());
            connection.send(&part.bytes).await?;
            connection.put(b"\r\n");
            Ok(())
        }
    }
}

fn head(response: &Response) -> String {
    let mut head = String::with_capacity(256);
    // Writing to a String cannot fail.
    let _ = write!(head, "HTTP/1.1 {} {}\r\n", response.status, response.reason);
    for (name, value) in &response.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    head
}

fn says_close(response: &Response) -> bool {
    response.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

fn ending_of(error: &io::Error) -> ExchangeEnding {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => ExchangeEnding::ClientClosed,
        kind => ExchangeEnding::Failed(kind),
    }
}
