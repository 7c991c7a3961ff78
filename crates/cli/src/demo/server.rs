//! Serves the sample sites on loopback: one thread a connection, GET alone, `ETag` and 304.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use domain::Sha256;

use super::sites::{Answer, Sites};

const LARGEST_HEAD: u64 = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts serving on a free port; ends with the process.
pub(crate) fn start(sites: Sites) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let sites = Arc::new(sites);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sites = sites.clone();
            std::thread::spawn(move || {
                // A visitor that hangs up early is no concern of a sample site.
                let _ = serve(stream, &sites);
            });
        }
    });
    Ok(address)
}

fn serve(stream: TcpStream, sites: &Sites) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?.take(LARGEST_HEAD));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut known = None;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? <= 2 {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("if-none-match")
        {
            known = Some(value.trim().to_owned());
        }
    }
    let target = request.split(' ').nth(1).unwrap_or("/");
    write_answer(stream, &sites.answer(target), known.as_deref())
}

fn write_answer(
    mut stream: TcpStream,
    answer: &Answer,
    known: Option<&str>,
) -> std::io::Result<()> {
    let etag = format!("\"{}\"", &Sha256::of(answer.body.as_bytes()).to_hex()[..16]);
    if answer.status == 200 && known == Some(etag.as_str()) {
        return write!(
            stream,
            "HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\nConnection: close\r\n\r\n"
        );
    }
    let word = if answer.status == 200 { "OK" } else { "Not Found" };
    write!(
        stream,
        "HTTP/1.1 {} {word}\r\nContent-Type: {}\r\nContent-Length: {}\r\nETag: {etag}\r\nConnection: close\r\n\r\n{}",
        answer.status,
        answer.content_type,
        answer.body.len(),
        answer.body
    )
}
