//! The other side: scripted ad servers.
