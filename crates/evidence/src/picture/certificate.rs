//! The certificate under which a captured page has its own secure address in the browser: made for one
//! showing, and trusted by that browser alone, by its key.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Sha256;
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// A key pair, and a certificate over it that nobody else signed.
pub(super) struct Certificate {
    key: KeyPair,
    certificate: CertificateDer<'static>,
}

impl Certificate {
    /// A new one. Its name does not matter: the browser goes by the key.
    pub(super) fn new() -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["page.invalid".to_owned()])?;
        let certificate = certificate.self_signed(&key)?.der().clone();
        Ok(Self { key, certificate })
    }

    /// What the browser knows it by: SHA-256 over the public key, in base64.
    pub(super) fn pin(&self) -> String {
        let digest = Sha256::of(&self.key.subject_public_key_info());
        BASE64_STANDARD.encode(digest.as_bytes())
    }

    /// How a server speaks TLS with it.
    pub(super) fn server(&self) -> Result<Arc<ServerConfig>, rustls::Error> {
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key.into())?;
        Ok(Arc::new(config))
    }
}
