//! Where redirects lead, and where they do not.

use super::*;
use crate::loopback::{Loopback, answer, redirect};

#[tokio::test]
async fn redirects_are_followed_and_recorded() {
    let server = Loopback::serving(|path, _| match path {
        "/robots.txt" => answer(404, "", ""),
        "/a" => redirect("/b"),
        "/b" => redirect("c?d#e"),
        _ => answer(200, "", "here"),
    })
    .await;
    let capture = get(&client(|_| ()), &server.url("/a")).await.unwrap();
    assert_eq!(capture.url, server.url("/c?d"));
    assert_eq!(capture.redirects, [server.url("/a"), server.url("/b")]);
    let long = Loopback::serving(|path, _| match path {
        "/robots.txt" => answer(404, "", ""),
        path => redirect(&format!("{path}x")),
    })
    .await;
    assert_eq!(
        get(&client(|_| ()), &long.url("/")).await.err().as_deref(),
        Some("fetch.redirect-loop")
    );
    assert_eq!(long.asked().len(), 1 + 6);
}

#[tokio::test]
async fn a_redirect_to_a_disallowed_page_is_not_followed() {
    let server = Loopback::serving(|path, _| match path {
        "/robots.txt" => answer(200, "", "User-agent: *\nDisallow: /login"),
        _ => redirect("/login"),
    })
    .await;
    assert_eq!(
        get(&client(|_| ()), &server.url("/x")).await.err().as_deref(),
        Some("fetch.robots-disallow")
    );
    assert_eq!(server.asked(), ["/robots.txt", "/x"]);
}

#[tokio::test]
async fn private_addresses_are_refused_however_they_are_written() {
    let server = pages(|| answer(200, "", "secret")).await;
    let port = server.address.port();
    let (client, source) = (client(|_| ()), source("a", false));
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "0.0.0.0",
    ] {
        let got =
            get_for(&client, &source, &format!("http://{host}:{port}/"), &mut Vec::new()).await;
        assert_eq!(got.err().as_deref(), Some("fetch.private-address"), "{host}");
    }
    assert_eq!(server.heads(), [""; 0], "nothing reached the private host");
}

#[tokio::test]
async fn a_redirect_into_a_private_network_is_not_followed() {
    let inside = pages(|| answer(200, "", "secret")).await;
    for target in
        [inside.url("/secret"), format!("http://localhost:{}/secret", inside.address.port())]
    {
        let public = pages(move || redirect(&target)).await;
        let client = client_with_public("public.example", public.address);
        let url = format!("http://public.example:{}/x", public.address.port());
        let got = get_for(&client, &source("a", false), &url, &mut Vec::new()).await;
        assert_eq!(got.err().as_deref(), Some("fetch.private-address"));
        assert_eq!(public.asked(), ["/robots.txt", "/x"]);
    }
    assert_eq!(inside.heads(), [""; 0], "nothing reached the private host");
}

#[tokio::test]
async fn a_robots_txt_that_redirects_into_a_private_network_is_not_followed() {
    let inside = pages(|| answer(200, "", "secret")).await;
    let target = inside.url("/robots.txt");
    let public = Loopback::serving(move |_, _| redirect(&target)).await;
    let client = client_with_public("public.example", public.address);
    let url = format!("http://public.example:{}/x", public.address.port());
    let got = get_for(&client, &source("a", false), &url, &mut Vec::new()).await;
    assert_eq!(got.err().as_deref(), Some("fetch.private-address"));
    assert_eq!(inside.heads(), [""; 0]);
}
