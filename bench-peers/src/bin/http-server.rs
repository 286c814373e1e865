//! `http-server BYTES`: prints its URL, then answers every HTTP/1.1 GET request with a body of this many bytes and keeps
//! the connection open. It does as little as possible, so that the client is measured and not the server.

#![forbid(unsafe_code)]

use std::error::Error;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn main() -> Result<(), Box<dyn Error>> {
    let bytes: usize = std::env::args().nth(1).ok_or("usage: http-server BYTES")?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(bytes))
}

async fn serve(bytes: usize) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/vast?cb=1", listener.local_addr()?);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {bytes}\r\n\r\n");
    let answer: &'static [u8] = [head.into_bytes(), vec![b'x'; bytes]].concat().leak();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(converse(stream, answer));
    }
}

/// A request ends at its empty line. The clients here never send a request before they have the last response.
async fn converse(mut stream: TcpStream, answer: &'static [u8]) -> std::io::Result<()> {
    let mut buffer = [0; 8192];
    let mut filled = 0;
    loop {
        match stream.read(&mut buffer[filled..]).await? {
            0 => return Ok(()),
            count => filled += count,
        }
        if buffer[..filled].ends_with(b"\r\n\r\n") {
            filled = 0;
            stream.write_all(answer).await?;
        }
    }
}
