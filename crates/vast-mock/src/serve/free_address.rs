//! Addresses for servers that must know their port before they start.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports of outgoing connections, which begin at 32,768 on Linux and at 49,152 on other systems.
const FIRST: u16 = 10_000;
const COUNT: u16 = 22_000;
/// How far the first ports of two processes that run side by side are apart.
const APART: u32 = 64;

/// An address of this machine that is free now, for a server that is configured before it starts or that starts again at its port.
/// Each call in a process gives another one.
///
/// The port is not one that the system gives to connections that go out: such a connection could take it before the server starts.
///
/// # Errors
/// No port can be bound: the error of the last port that was tried.
pub fn free_address() -> io::Result<SocketAddr> {
    static CALLS: AtomicU16 = AtomicU16::new(0);
    let first = (process::id() * APART % u32::from(COUNT)) as u16;
    let mut last = io::ErrorKind::AddrInUse.into();
    for _ in 0..COUNT {
        let call = CALLS.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = FIRST + (first + call) % COUNT;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(socket) => return socket.local_addr(),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn addresses_differ_and_no_outgoing_connection_gets_them() {
        let addresses: Vec<_> = (0..100).map(|_| free_address().expect("a free port")).collect();
        assert_eq!(addresses.iter().collect::<HashSet<_>>().len(), 100);
        let ports = FIRST..FIRST + COUNT;
        assert!(addresses.iter().all(|address| ports.contains(&address.port())), "{addresses:?}");
        let outgoing =
            TcpListener::bind("127.0.0.1:0").expect("a port of the system").local_addr().expect("its address");
        assert!(!ports.contains(&outgoing.port()), "{outgoing}");
    }

    #[test]
    fn a_port_in_use_is_passed_over() {
        let taken = free_address().expect("a free port");
        let next = SocketAddr::from((Ipv4Addr::LOCALHOST, taken.port() + 1));
        let _used = TcpListener::bind(next);
        assert_ne!(free_address().expect("a free port"), next);
    }
}
