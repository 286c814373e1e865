//! The owner's side of the socket beside the file: who may not open the file may ask its owner.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};

use super::super::store::Outbox;
use super::protocol::{self, MOST_IN_QUESTION, Question, Reply};

/// How long one question may take, its answer included.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait after a connection that could not be accepted: file descriptors come back.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Answers questions about the outbox at `path` until it is gone. Where there can be no socket (its name too long, say)
/// there is none: those who ask are told who owns the file.
pub(super) async fn serve<O: Outbox>(path: PathBuf, outbox: impl Fn() -> Option<O>) {
    let Ok((listener, _removed)) = listen(&path) else { return };
    loop {
        let accepted = listener.accept().await;
        let Some(outbox) = outbox() else { return };
        match accepted {
            // An asker that goes away or talks nonsense is the asker's affair.
            Ok((stream, _)) if may_ask(&stream, &path) => {
                drop(tokio::time::timeout(PATIENCE, answer(stream, &outbox)).await);
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
        }
    }
}

fn listen(path: &Path) -> io::Result<(UnixListener, Removed)> {
    let socket = protocol::socket_of(path);
    // Whoever bound it is gone: the file is ours.
    drop(fs::remove_file(&socket));
    let listener = UnixListener::bind(&socket)?;
    let removed = Removed(socket);
    fs::set_permissions(&removed.0, fs::Permissions::from_mode(0o600))?;
    Ok((listener, removed))
}

/// Whether the other side is the file's owner or root. The socket's rights say the same, but not on every system.
fn may_ask(stream: &UnixStream, path: &Path) -> bool {
    let (Ok(asker), Ok(file)) = (stream.peer_cred(), fs::metadata(path)) else { return false };
    asker.uid() == file.uid() || asker.uid() == 0
}

async fn answer(mut stream: UnixStream, outbox: &impl Outbox) -> io::Result<()> {
    let question = protocol::read(&mut stream, MOST_IN_QUESTION).await?;
    let reply = match question {
        Question::Rows(query) => outbox.rows(query).await.map(Reply::Rows),
        Question::Stats => Ok(Reply::Stats(outbox.stats().await)),
        Question::Requeue(query, now) => outbox.requeue(query, now).await.map(Reply::Requeued),
    };
    let reply = reply.unwrap_or_else(|error| Reply::Failed(error.to_string()));
    protocol::write(&mut stream, &reply).await
}

/// Takes the socket away when nobody answers any more.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}
