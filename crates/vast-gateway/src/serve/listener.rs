//! A socket that listens, on an IP address or in the file system.

use std::net::{Ipv4Addr, SocketAddr};
use std::{io, iter};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use crate::config::ListenAddress;

/// Connections that the operating system keeps until they are accepted.
const BACKLOG: u32 = 1024;

/// A connection of the port.
#[cfg(unix)]
pub(super) type PortStream = tokio_util::either::Either<TcpStream, UnixStream>;
#[cfg(not(unix))]
pub(super) type PortStream = TcpStream;

/// A socket that listens.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener, socket_file::ListenPath),
}

impl Listener {
    /// Listens on `address`.
    ///
    /// # Errors
    /// The error of the operating system.
    pub(super) fn bind(address: &ListenAddress) -> io::Result<Self> {
        match address {
            ListenAddress::Tcp(address) => tcp(*address).map(Self::Tcp),
            #[cfg(unix)]
            ListenAddress::Unix(path) => {
                socket_file::remove_left_over(path)?;
                let listener = UnixListener::bind(path)?;
                Ok(Self::Unix(listener, socket_file::ListenPath::new(path)))
            }
            #[cfg(not(unix))]
            ListenAddress::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The address with its real port.
    ///
    /// # Errors
    /// The error of the operating system.
    pub(super) fn address(&self) -> io::Result<ListenAddress> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(ListenAddress::Tcp),
            #[cfg(unix)]
            Self::Unix(_, file) => Ok(ListenAddress::Unix(file.path().to_owned())),
        }
    }

    /// The next connection and the address of its client. A client in the file system is a program of this machine.
    ///
    /// # Errors
    /// The error of the operating system.
    pub(super) async fn accept(&self) -> io::Result<(PortStream, SocketAddr)> {
        match self {
            Self::Tcp(listener) => listener.accept().await.map(of_tcp),
            #[cfg(unix)]
            Self::Unix(listener, _) => listener.accept().await.map(|(stream, _)| of_unix(stream)),
        }
    }

    /// Closes the listener. `begin` gets the connections that wait to be accepted. The operating system is asked for them, because the
    /// runtime may not have heard of the newest.
    pub(super) fn accept_waiting(self, mut begin: impl FnMut(PortStream, SocketAddr)) {
        match self {
            Self::Tcp(listener) => {
                let Ok(listener) = listener.into_std() else { return };
                let waiting = iter::from_fn(|| {
                    let (stream, address) = listener.accept().ok()?;
                    stream.set_nonblocking(true).ok()?;
                    Some((TcpStream::from_std(stream).ok()?, address))
                });
                waiting.take(BACKLOG as usize).map(of_tcp).for_each(|(stream, address)| begin(stream, address));
            }
            #[cfg(unix)]
            Self::Unix(listener, _file) => {
                let Ok(listener) = listener.into_std() else { return };
                let waiting = iter::from_fn(|| {
                    let (stream, _) = listener.accept().ok()?;
                    stream.set_nonblocking(true).ok()?;
                    UnixStream::from_std(stream).ok()
                });
                waiting.take(BACKLOG as usize).map(of_unix).for_each(|(stream, address)| begin(stream, address));
            }
        }
    }
}

fn of_tcp((stream, address): (TcpStream, SocketAddr)) -> (PortStream, SocketAddr) {
    // The answer is written at once; waiting for more bytes only delays it.
    let _ = stream.set_nodelay(true);
    #[cfg(unix)]
    let stream = PortStream::Left(stream);
    (stream, address)
}

#[cfg(unix)]
fn of_unix(stream: UnixStream) -> (PortStream, SocketAddr) {
    (PortStream::Right(stream), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Without it, a restarted server could not listen while old connections are being closed.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(unix)]
mod socket_file {
    use std::os::unix::fs::FileTypeExt as _;
    use std::os::unix::net::UnixStream;
    use std::path::{Path, PathBuf};
    use std::{fs, io};

    /// The file of a socket. It is removed with the socket.
    #[derive(Debug)]
    pub(in super::super) struct ListenPath(PathBuf);

    /// Removes the file of a socket whose process has ended without removing it. Other files stay.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub(super) fn remove_left_over(path: &Path) -> io::Result<()> {
        let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
        let is_left_over =
            || UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if is_socket && is_left_over() { fs::remove_file(path) } else { Ok(()) }
    }

    impl ListenPath {
        pub(super) fn new(path: &Path) -> Self {
            Self(path.to_owned())
        }

        pub(super) fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for ListenPath {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }
}
