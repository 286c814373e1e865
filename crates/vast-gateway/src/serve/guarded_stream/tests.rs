use std::sync::atomic::Ordering;

use http::{Method, Version};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::super::counts::ServeCounts;
use super::super::open_request::OpenRequest;
use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// A stream that accepts all bytes until its buffer is full, and can send none.
struct Stuck {
    room: usize,
}

impl AsyncRead for Stuck {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Stuck {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = bytes.len().min(self.room);
        self.room -= taken;
        if taken == 0 { Poll::Pending } else { Poll::Ready(Ok(taken)) }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

fn stuck(room: usize) -> (GuardedStream<Stuck>, Arc<Activity>) {
    guarded(Stuck { room })
}

/// A stream of TLS.
fn guarded<S>(inner: S) -> (GuardedStream<S>, Arc<Activity>) {
    let [header, idle, write] = [60, 60, 10].map(Duration::from_secs);
    let activity = Arc::new(Activity::new(Instant::now(), Arc::default()));
    let limits = StreamLimits { header, idle, write, unread_bytes: 1_000 };
    (GuardedStream::new(inner, HttpVersion::Http1, limits, Arc::clone(&activity), true), activity)
}

#[tokio::test(start_paused = true)]
async fn a_client_must_take_what_was_accepted_for_it() {
    for room in [0, 100, 1_000] {
        let (mut stream, activity) = stuck(room);
        let began = Instant::now();
        let answering = async {
            stream.write_all(&[0; 200]).await?;
            stream.flush().await
        };
        timeout(MINUTE, answering).await.expect("it ends").expect_err("the client does not read");
        assert_eq!((began.elapsed().as_secs(), activity.cut_by()), (10, Some(ConnectionEnd::WriteTimeout)), "{room}");
        assert_eq!(activity.unused_since(), None, "{room}: bytes wait for the client");
    }
    let (mut stream, activity) = stuck(0);
    timeout(MINUTE, stream.shutdown()).await.expect("it ends").expect_err("the client does not read");
    assert_eq!(activity.cut_by(), Some(ConnectionEnd::WriteTimeout));
}

#[tokio::test(start_paused = true)]
async fn small_answers_do_not_lengthen_the_time_of_a_client_that_takes_none() {
    let (mut stream, _) = stuck(64 << 10);
    let began = Instant::now();
    let mut answers = 0;
    loop {
        let answering = async {
            stream.write_all(&[0; 17]).await?;
            stream.flush().await
        };
        match timeout(Duration::from_secs(1), answering).await {
            Ok(ended) => {
                ended.expect_err("the client does not read");
                break;
            }
            Err(_) => answers += 1,
        }
    }
    assert_eq!((began.elapsed().as_secs(), answers), (10, 9));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_all_the_time_is_not_cut() {
    // Far more is accepted than a buffer holds, so the client reads although the buffer is never empty.
    let (mut stream, activity) = stuck(usize::MAX);
    for _ in 0..30 {
        stream.write_all(&[0; TLS_BUFFER]).await.expect("there is room");
        stream.write_all(b"!").await.expect("there is room");
        let flushing = timeout(Duration::from_secs(1), stream.flush()).await;
        flushing.expect_err("the buffer is never empty");
    }
    assert_eq!(activity.cut_by(), None);
}

/// Writes an answer, and ends the connection.
async fn answer_once<S: AsyncRead + AsyncWrite + Unpin>(inner: S) -> Arc<ServeCounts> {
    let (mut stream, activity) = guarded(inner);
    let request = OpenRequest::begin(&activity, Version::HTTP_11, &Method::GET);
    stream.write_all(&[0; 200]).await.expect("there is room");
    request.finish();
    assert_eq!(activity.counts().open_requests.load(Ordering::Relaxed), 1, "it may be in the buffer");
    let _ = timeout(Duration::from_secs(1), stream.flush()).await;
    Arc::clone(activity.counts())
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_the_buffer_of_tls_was_not_taken() {
    for (is_stuck, expected) in [(true, (0, 1)), (false, (1, 0))] {
        let (near, _far) = tokio::io::duplex(1_000);
        let counts = if is_stuck { answer_once(Stuck { room: 1_000 }).await } else { answer_once(near).await };
        let ended = (counts.answered.load(Ordering::Relaxed), counts.torn.load(Ordering::Relaxed));
        assert_eq!((ended, counts.open_requests.load(Ordering::Relaxed)), (expected, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn clients_that_do_not_read_have_less_time_when_there_is_much_to_read() {
    let write_timeout = ConnectionEnd::WriteTimeout;
    let unread_limit = ConnectionEnd::UnreadLimit;
    // Unread bytes of all connections, and milliseconds.
    for (unread, millis, end) in
        [(500, 10_000, write_timeout), (501, 9_980, unread_limit), (750, 5_000, unread_limit), (1_001, 0, unread_limit)]
    {
        let (mut stream, activity) = stuck(100);
        activity.counts().unread_bytes.store(unread, Ordering::Relaxed);
        let began = Instant::now();
        timeout(MINUTE, stream.write_all(&[0; 200])).await.expect("it ends").expect_err("the client does not read");
        assert_eq!((began.elapsed().as_millis(), activity.cut_by()), (millis, Some(end)), "{unread}");
    }
    // Others have become slow while it waits.
    let (mut stream, activity) = stuck(100);
    let began = Instant::now();
    // In a task of its own, so that nothing else wakes it.
    let writing = tokio::spawn(async move { stream.write_all(&[0; 200]).await });
    tokio::time::sleep(Duration::from_secs(3)).await;
    activity.counts().unread_bytes.store(1_000, Ordering::Relaxed);
    writing.await.expect("no panic").expect_err("the client does not read");
    assert!(began.elapsed() <= Duration::from_secs(3) + UNREAD_CHECK, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_without_end_leaves_the_others_their_turn() {
    let (mut stream, activity) = guarded(tokio::io::repeat(b'x'));
    let mut bytes = [0; TURN];
    for _ in 0..3 {
        assert!(futures_util::poll!(Box::pin(stream.read(&mut bytes))).is_ready());
        assert!(futures_util::poll!(Box::pin(stream.read(&mut bytes))).is_pending());
    }
    // It goes on by itself.
    timeout(MINUTE, stream.read_exact(&mut [0; 5 * TURN])).await.expect("it is woken").expect("bytes");
    // Its limits hold although it is never silent.
    tokio::time::advance(MINUTE).await;
    stream.read_exact(&mut [0; 5 * TURN]).await.expect_err("the time without a request is over");
    assert_eq!(activity.cut_by(), Some(ConnectionEnd::HeaderTimeout));
}
