//! A `nats-server` of a test.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use vast_client::env::Env;
use vast_nats::{Credentials, NatsOutbox, NatsServer, NatsSettings, RecordSeal, StreamNames, StreamSizes};

/// The shortest delay of streams in tests. A lease that is not extended for 30 times as long ends, so it is not shorter.
pub(crate) const SECOND: Duration = Duration::from_millis(200);
/// How often a test looks whether something has happened before it fails, which is a minute in all.
pub(crate) const LOOKS: usize = 2_400;
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

/// A server that ends with this value.
pub(crate) struct TestServer {
    child: Child,
    pub(crate) port: u16,
    dir: TempDir,
    configuration: String,
    login: Credentials,
}

impl TestServer {
    /// A server with JetStream and without login; `None` if there is no program `nats-server`.
    pub(crate) async fn start() -> Option<Self> {
        Self::with("jetstream {}", Credentials::None).await
    }

    /// A server with these lines in its configuration, and the login that it accepts.
    pub(crate) async fn with(lines: &str, login: Credentials) -> Option<Self> {
        let server = Self::spawned(lines, login)?;
        server.answers().await;
        Some(server)
    }

    /// The same for a server that does not answer without TLS: waits until its port is open.
    pub(crate) async fn with_tls(lines: &str, login: Credentials) -> Option<Self> {
        let server = Self::spawned(lines, login)?;
        for _ in 0..LOOKS {
            if tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await.is_ok() {
                return Some(server);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("nats-server does not open its port");
    }

    fn spawned(lines: &str, login: Credentials) -> Option<Self> {
        let port = vast_mock::free_address().expect("a free port").port();
        let dir = TempDir::new().expect("a folder");
        // Without `max_file` the server allows no more than the disk has room for, also for streams that stay empty.
        let store = format!("jetstream {{ store_dir: {:?}, max_file: 1TB }}", dir.path().join("store"));
        let lines = lines.replace("jetstream {}", &store);
        let configuration = format!("listen: 127.0.0.1:{port}\n{lines}\n");
        let child = spawn(dir.path(), &configuration)?;
        Some(Self { child, port, dir, configuration, login })
    }

    /// Kills the server and starts it again with the same files.
    pub(crate) async fn restart(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        self.child = spawn(self.dir.path(), &self.configuration).expect("it was there before");
        self.answers().await;
    }

    async fn answers(&self) {
        for _ in 0..LOOKS {
            if NatsServer::connect(self.plain_settings()).await.is_ok_and(|server| server.is_connected()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("nats-server does not answer");
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The settings with the login of a server that has one.
    fn plain_settings(&self) -> NatsSettings {
        let mut settings = self.settings();
        settings.credentials = self.login.clone();
        settings
    }

    pub(crate) fn settings(&self) -> NatsSettings {
        let mut settings = NatsSettings::new([self.url()], StreamNames::new("vast").expect("a prefix"));
        settings.second = SECOND;
        settings.request_limit = Duration::from_secs(60);
        settings
    }

    pub(crate) async fn connect(&self) -> NatsServer {
        NatsServer::connect(self.settings()).await.expect("it answers")
    }

    /// An outbox whose background work runs until the end of the test.
    pub(crate) async fn outbox(&self) -> NatsOutbox {
        let server = self.connect().await;
        server.apply_setup(&StreamSizes::default()).await.expect("the streams are created");
        let outbox = server.outbox(seal(), Env::system()).await.expect("the streams are right");
        attend(&outbox);
        outbox
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn seal() -> RecordSeal {
    RecordSeal::new([('a', SECRET)])
}

/// Runs the background work of an outbox.
pub(crate) fn attend(outbox: &NatsOutbox) -> tokio::task::AbortHandle {
    use vast_client::track::outbox::Outbox as _;
    tokio::spawn(outbox.attend().expect("it has work")).abort_handle()
}

fn spawn(dir: &Path, configuration: &str) -> Option<Child> {
    let file = dir.join("server.conf");
    std::fs::write(&file, configuration).expect("the folder can be written");
    let program = std::env::var_os("VAST_NATS_SERVER").unwrap_or_else(|| "nats-server".into());
    let child = Command::new(program).arg("-c").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if child.is_err() {
        skip();
    }
    child.ok()
}

/// Adds a line to the file with the names of skipped checks.
fn skip() {
    let Some(path) = std::env::var_os("VAST_SKIPS") else { return };
    let file = OpenOptions::new().append(true).create(true).open(path);
    drop(file.and_then(|mut file| writeln!(file, "skipped: nats-server")));
}
