//! nginx with one worker, as the upstream of both sides and as the proxy that the gateway is compared with.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

use super::process::MeasuredProcess;
use crate::effort::Failure;

/// How long nginx may take to start.
const START: Duration = Duration::from_secs(10);

/// A running nginx.
pub(super) struct Nginx {
    pub(super) process: MeasuredProcess,
    pub(super) address: SocketAddr,
    /// Its files.
    _folder: TempDir,
}

impl Nginx {
    /// Whether it is installed.
    pub(super) fn is_installed() -> bool {
        let version = Command::new("nginx").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
        version.is_ok_and(|status| status.success())
    }

    /// Serves files, given by their names and texts.
    pub(super) fn of_files(files: &[(&str, &str)]) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        for (name, text) in files {
            fs::write(folder.path().join(name), text)?;
        }
        let root = format!("root {};", folder.path().display());
        Self::start(folder, "", &root)
    }

    /// Passes requests to the server at `upstream` on kept connections.
    pub(super) fn proxy(upstream: SocketAddr) -> Result<Self, Failure> {
        let pool =
            format!("upstream server_behind {{ server {upstream}; keepalive 256; keepalive_requests 1000000000; }}");
        let pass =
            "location / { proxy_pass http://server_behind; proxy_http_version 1.1; proxy_set_header Connection \"\"; }";
        Self::start(tempfile::tempdir()?, &pool, pass)
    }

    /// Answers every request with a GIF of one pixel.
    pub(super) fn pixel() -> Result<Self, Failure> {
        Self::start(tempfile::tempdir()?, "", "location / { empty_gif; }")
    }

    /// Starts it with a part of the configuration for `http` and one for `server`.
    fn start(folder: TempDir, http: &str, server: &str) -> Result<Self, Failure> {
        let address = vast_mock::free_address()?;
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration(folder.path(), address, http, server))?;
        let mut command = Command::new("nginx");
        let mut process = MeasuredProcess::start(command.arg("-c").arg(&file))?;
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            process.check()?;
            if began.elapsed() > START {
                return Err("nginx does not start".into());
            }
            std::thread::yield_now();
        }
        Ok(Self { process, address, _folder: folder })
    }
}

/// One process and no log. The folders of `*_temp_path` belong to root by default.
fn configuration(folder: &Path, address: SocketAddr, http: &str, server: &str) -> String {
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {folder}/{name};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 8192; }}\n\
         http {{\naccess_log off;\nkeepalive_requests 1000000000;\ntypes {{ application/xml xml; }}\n{temporary}{http}\n\
         server {{ listen {address} backlog=1024; {server} }}\n}}\n"
    )
}
