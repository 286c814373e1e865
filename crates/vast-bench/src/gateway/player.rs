//! The load generator: HTTP/1.1 with as little work as possible, so that it is never what limits the throughput.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::effort::Failure;
use crate::units::percentile;

/// Answers with at least this body have an ad.
const LEAST_AD: usize = 1_000;
/// The most headers of an answer.
const HEADERS: usize = 32;

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Ad,
    NoAd,
    Shed,
}

/// Whether a connection is used for many requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reuse {
    Kept,
    /// Each request has a new connection.
    Once,
}

/// Connections to a server, each with its requests.
pub(super) struct Player(Vec<Connection>);

struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    reuse: Reuse,
    /// They are sent one after the other, and then again.
    requests: Vec<Bytes>,
    next: usize,
    buffer: BytesMut,
}

/// The answers of a time.
#[derive(Debug, Default)]
pub(super) struct Played {
    pub(super) elapsed: Duration,
    /// The times of the answers with an ad, in microseconds.
    pub(super) ads: Vec<f64>,
    /// The times of the answers to shed requests, in microseconds.
    pub(super) shed: Vec<f64>,
    /// The number of other answers.
    pub(super) empty: usize,
}

impl Played {
    /// All answers.
    pub(super) fn answers(&self) -> usize {
        self.ads.len() + self.shed.len() + self.empty
    }

    /// Answers with an ad per second.
    pub(super) fn ads_per_second(&self) -> f64 {
        self.ads.len() as f64 / self.elapsed.as_secs_f64()
    }

    fn count(&mut self, answer: Answer, micros: f64) {
        match answer {
            Answer::Ad => self.ads.push(micros),
            Answer::Shed => self.shed.push(micros),
            Answer::NoAd => self.empty += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.ads.extend(other.ads);
        self.shed.extend(other.shed);
        self.empty += other.empty;
    }
}

/// A quantile of times, in any order.
pub(super) fn quantile(times: &[f64], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    percentile(&sorted, share)
}

impl Player {
    /// Opens one connection for each path.
    pub(super) async fn connect(address: SocketAddr, paths: &[String], reuse: Reuse) -> Result<Self, Failure> {
        let lists: Vec<_> = paths.iter().map(std::slice::from_ref).collect();
        Self::with_lists(address, &lists, reuse).await
    }

    /// Opens one connection for each list of paths.
    pub(super) async fn with_lists(address: SocketAddr, lists: &[&[String]], reuse: Reuse) -> Result<Self, Failure> {
        let close = if reuse == Reuse::Once { "Connection: close\r\n" } else { "" };
        let request = |path: &String| {
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Player/1.0\r\n\
                 Accept: application/xml, */*\r\nAccept-Language: en\r\nReferer: https://site.example/watch/7\r\n{close}\r\n"
            );
            Bytes::from(request)
        };
        let mut connections = Vec::with_capacity(lists.len());
        for paths in lists {
            let (stream, buffer) = (open(address).await?, BytesMut::with_capacity(8 << 10));
            let requests = paths.iter().map(request).collect();
            connections.push(Connection { address, stream, reuse, requests, next: 0, buffer });
        }
        Ok(Self(connections))
    }

    /// Sends each request of each connection once.
    ///
    /// # Errors
    /// See [`keep_asking`](Self::keep_asking).
    pub(super) async fn ask_once(&mut self) -> Result<Played, Failure> {
        self.each(|mut connection, _| async move {
            let mut played = Played::default();
            for _ in 0..connection.requests.len() {
                let (answer, micros) = connection.ask().await?;
                played.count(answer, micros);
            }
            Ok((connection, played))
        })
        .await
    }

    /// Keeps each connection busy with one request at a time, for `time` and at least one request.
    ///
    /// # Errors
    /// The first request that is not answered with status 200 or 204.
    pub(super) async fn keep_asking(&mut self, time: Duration) -> Result<Played, Failure> {
        let end = Instant::now() + time;
        self.each(|mut connection, _| async move {
            let mut played = Played::default();
            loop {
                let (answer, micros) = connection.ask().await?;
                played.count(answer, micros);
                if Instant::now() >= end {
                    return Ok((connection, played));
                }
            }
        })
        .await
    }

    /// Sends `rate` requests per second in all, evenly over the connections. A connection that still waits for an answer leaves its
    /// turn out.
    ///
    /// # Errors
    /// See [`keep_asking`](Self::keep_asking).
    pub(super) async fn ask_at_rate(&mut self, rate: f64, time: Duration) -> Result<Played, Failure> {
        let of = move |turns: usize| Duration::try_from_secs_f64(turns as f64 / rate).unwrap_or(time);
        let (begin, interval) = (Instant::now(), of(self.0.len()));
        self.each(|mut connection, number| async move {
            let mut played = Played::default();
            let mut next = begin + of(number);
            while next < begin + time {
                sleep_until(next).await;
                let (answer, micros) = connection.ask().await?;
                played.count(answer, micros);
                while next < Instant::now() {
                    next += interval;
                }
            }
            Ok((connection, played))
        })
        .await
    }

    async fn each<F, W>(&mut self, work: F) -> Result<Played, Failure>
    where
        F: Fn(Connection, usize) -> W,
        W: Future<Output = Result<(Connection, Played), Failure>> + Send + 'static,
    {
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, connection) in std::mem::take(&mut self.0).into_iter().enumerate() {
            tasks.spawn(work(connection, number));
        }
        let mut all = Played::default();
        while let Some(ended) = tasks.join_next().await {
            let (connection, played) = ended??;
            self.0.push(connection);
            all.add(played);
        }
        all.elapsed = began.elapsed();
        Ok(all)
    }
}

impl Connection {
    /// Sends the request and reads the answer. The time is in microseconds.
    async fn ask(&mut self) -> Result<(Answer, f64), Failure> {
        let began = Instant::now();
        let request = self.requests.get(self.next).ok_or("a connection without requests")?;
        self.next = (self.next + 1) % self.requests.len();
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.read().await?;
            if let Some(head) = Head::parse(&self.buffer)? {
                break head;
            }
        };
        while self.buffer.len() < head.length {
            self.read().await?;
        }
        let micros = began.elapsed().as_secs_f64() * 1e6;
        if self.reuse == Reuse::Once {
            self.stream = open(self.address).await?;
        }
        Ok((head.answer, micros))
    }

    async fn read(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server has closed a connection".into()),
            _ => Ok(()),
        }
    }
}

async fn open(address: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The head of an answer.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    /// The bytes of the head and the body.
    length: usize,
    answer: Answer,
}

impl Head {
    /// `None` if the head is not complete yet.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, Failure> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(head) = response.parse(bytes)? else { return Ok(None) };
        let value = |name: &str| {
            let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(found.value).ok()
        };
        let body: usize = match (response.code, value("content-length")) {
            (Some(200), Some(length)) => length.parse()?,
            (Some(204), _) => 0,
            (status, length) => return Err(format!("an answer with status {status:?} and length {length:?}").into()),
        };
        let answer = match value("x-vast-outcome") {
            Some("shed") => Answer::Shed,
            _ if body >= LEAST_AD => Answer::Ad,
            _ => Answer::NoAd,
        };
        Ok(Some(Self { length: head + body, answer }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_known_by_its_head() {
        let ok = |head: &str| format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n");
        for (text, expected) in [
            (ok("Content-Length: 2800"), Some((2800, Answer::Ad))),
            (ok("content-length: 40\r\nx-vast-outcome: no_ad"), Some((40, Answer::NoAd))),
            (ok("content-length: 40\r\nx-vast-outcome: shed"), Some((40, Answer::Shed))),
            ("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), Some((0, Answer::NoAd))),
            ("HTTP/1.1 200 OK\r\nContent-Le".to_owned(), None),
        ] {
            let expected = expected.map(|(body, answer)| Head { length: text.len() + body, answer });
            assert_eq!(Head::parse(text.as_bytes()).expect("a head"), expected, "{text}");
        }
        assert!(Head::parse(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").is_err());
    }
}
