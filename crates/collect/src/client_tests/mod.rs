//! The polite client on loopback, by theme; what all of the themes ask for.

mod exchange;
mod redirects;
mod robots;
mod streams;
mod turns;

use std::io::Write as _;
use std::net::SocketAddr;

use domain::{FixedClock, SourceId};
use flate2::write::GzEncoder;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;
use crate::guard::Resolver;
use crate::loopback::{Loopback, Reply, answer};

pub(crate) fn client(change: impl FnOnce(&mut PoliteSettings)) -> PoliteClient {
    let mut settings = PoliteSettings::with_contact("desk@example.org");
    settings.min_delay = Duration::ZERO;
    change(&mut settings);
    let clock = FixedClock("2026-03-01T12:00:00Z".parse().unwrap());
    PoliteClient::new(settings, Arc::new(clock)).unwrap()
}

/// A client to which this name is a public host, though it is served on loopback.
pub(crate) fn client_with_public(host: &str, address: SocketAddr) -> PoliteClient {
    let mut client = client(|_| ());
    client.guarded = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(Arc::new(Resolver::of_system(true)))
        .resolve(host, address)
        .no_proxy()
        .build()
        .unwrap();
    client
}

pub(crate) fn source(id: &str, allow_private: bool) -> Source {
    Source { allow_private, ..Source::new(SourceId::new(id).unwrap(), "feed", "", "invented") }
}

/// Speaks TLS with a certificate that nobody vouches for; and that, in DER.
pub(crate) fn self_signed() -> (TlsAcceptor, Vec<u8>) {
    let pem = include_bytes!("../../tests/saved/self-signed.pem");
    let certificate = CertificateDer::from_pem_slice(pem).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
    let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), certificate.to_vec())
}

/// The capture, or the name of what came instead.
pub(crate) async fn get(client: &PoliteClient, url: &str) -> Result<Capture, String> {
    get_for(client, &source("a", true), url, &mut Vec::new()).await
}

pub(crate) async fn get_for(
    client: &PoliteClient,
    source: &Source,
    url: &str,
    robots: &mut Vec<Capture>,
) -> Result<Capture, String> {
    let request = Request { url: url.to_owned(), ..Request::default() };
    match client.get(source, &request, robots).await {
        Ok(Fetched::Answer(capture) | Fetched::LargeAnswer(capture, _)) => Ok(*capture),
        Ok(Fetched::NotModified) => Err("not modified".to_owned()),
        Err(FetchRefusal { problem, .. }) => Err(problem.outcome.name.to_owned()),
    }
}

/// A server whose robots.txt is missing and whose pages all answer so.
pub(crate) async fn pages(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Loopback {
    Loopback::serving(
        move |path, _| if path == "/robots.txt" { answer(404, "", "") } else { reply() },
    )
    .await
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn gzipped(body: &[u8]) -> Reply {
    answer(200, "content-encoding: gzip\r\n", body)
}
