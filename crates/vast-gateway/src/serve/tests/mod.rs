//! Tests over real sockets, with a handler that behaves as the path says.

mod clients;
mod drain;
mod limits;
mod load;
mod proxy;
mod room;
mod site;
mod tls;
mod versions;
