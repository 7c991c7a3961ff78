//! Clients that ask slowly, on a real connection, and an app with little patience.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::house::House;
use crate::Listening;
use crate::listen::Patience;

const LITTLE: Patience =
    Patience { head: Duration::from_millis(300), answer: Duration::from_millis(1500) };

/// The app on a port of this machine; the hosts in the test's requests are its own.
async fn listening() -> (Arc<House>, std::net::SocketAddr) {
    let house = Arc::new(House::new().await);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let evidence = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = Listening::of((listener, evidence), house.app.clone(), LITTLE).unwrap();
    tokio::spawn(app.run(std::future::pending()));
    (house, address)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_finishes_asking_is_hung_up_on() {
    let (_house, address) = listening().await;
    for start in ["", "GET /login HT", "GET /login HTTP/1.1\r\nHost: desk.test\r\nX-Slow: 1\r\n"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let text = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || text.starts_with("HTTP/1.1 408"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_finishes_a_form_is_told_so_and_others_are_answered_meanwhile() {
    let (_house, address) = listening().await;
    let slow = "POST /login HTTP/1.1\r\nHost: desk.test\r\nCookie: fusion_guest=abababababababababababababababababababababababababababababababab\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ncsrf=ab";
    let mut waiting = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(slow.as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    let mut quick = TcpStream::connect(address).await.unwrap();
    quick
        .write_all(b"GET /login HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    quick.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for mut stream in waiting {
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 408");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_without_end_is_refused() {
    let (_house, address) = listening().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        format!("GET /login HTTP/1.1\r\nHost: desk.test\r\nX: {}\r\n\r\n", "a".repeat(200_000));
    // The app may hang up before it has read it all.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || text.starts_with("HTTP/1.1 431"), "{text}");
}
