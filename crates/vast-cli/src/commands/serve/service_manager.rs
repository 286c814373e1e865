//! Tells systemd how far the gateway is: a line to the socket that `NOTIFY_SOCKET` names, as sd_notify(3) describes it.

/// What the gateway says of itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum ServiceState {
    /// It answers.
    Ready,
    /// It ends in order.
    Stopping,
}

impl ServiceState {
    fn line(self) -> &'static [u8] {
        match self {
            Self::Ready => b"READY=1",
            Self::Stopping => b"STOPPING=1",
        }
    }
}

/// Sends the state. Without a service manager nothing happens. A failure is ignored: the gateway works without it.
#[cfg(target_os = "linux")]
pub(super) fn notify(state: ServiceState) {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return };
    // `@` stands for the zero byte of an abstract socket.
    let address = match name.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
        _ => SocketAddr::from_pathname(&name),
    };
    let send = |address| UnixDatagram::unbound()?.send_to_addr(state.line(), &address);
    let _ = address.and_then(send);
}

#[cfg(not(target_os = "linux"))]
pub(super) fn notify(state: ServiceState) {
    let _ = state.line();
}
