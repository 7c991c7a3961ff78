//! Tells another program something, signed. The address is one that the desk's people wrote down, not
//! one that came from outside: it may lie in their own network, and what is sent to it is over TLS, or
//! does not leave this machine.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use url::{Host, Url};

use crate::wire_error::problem_of;

/// Carries `sha256=` and the HMAC-SHA256 (RFC 2104) of the body in hex.
pub const SIGNATURE_HEADER: &str = "fusion-signature";

const LONGEST: Duration = Duration::from_secs(20);

/// Where something may be told: an `https` address, or `http` on this machine.
#[derive(Clone, Debug)]
pub struct Webhook(Url);

impl Webhook {
    /// Checks an address; the error is a sentence without it, since such addresses can be secrets.
    pub fn at(address: &str) -> Result<Self, String> {
        let url = Url::parse(address).map_err(|error| format!("it is no address: {error}"))?;
        let is_here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_here => Ok(Self(url)),
            _ => Err("it must be https, or http on this machine".to_owned()),
        }
    }

    /// Sends a body of JSON. Anything but a status of 200 to 299 is a failure; nothing is followed
    /// elsewhere, and no proxy sees it. The error is a sentence that holds neither address nor secret.
    pub async fn tell(&self, body: Vec<u8>, secret: &[u8]) -> Result<(), String> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(LONGEST)
            .no_proxy()
            .build()
            .map_err(|error| error.without_url().to_string())?;
        let request = client
            .post(self.0.clone())
            .header("content-type", "application/json")
            .header(SIGNATURE_HEADER, signature(&body, secret))
            .body(body);
        let answer = request.send().await.map_err(|error| problem_of(error, &self.0).detail)?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("it answered with status {}", status.as_u16())),
        }
    }
}

fn signature(body: &[u8], secret: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
    mac.update(body);
    let bytes = mac.finalize().into_bytes();
    format!("sha256={}", domain::hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loopback::{Loopback, answer};

    #[test]
    fn what_is_signed_is_what_any_other_program_computes() {
        // RFC 4231, test case 2.
        let signed = signature(b"what do ya want for nothing?", b"Jefe");
        let digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signed, format!("sha256={digest}"));
    }

    #[test]
    fn nothing_is_told_in_the_clear_beyond_this_machine() {
        for good in ["https://hooks.example/a?key=1", "http://127.0.0.1:9/x", "http://localhost/x"]
        {
            assert!(Webhook::at(good).is_ok(), "{good}");
        }
        for bad in ["http://hooks.example/a", "http://10.0.0.1/", "ftp://127.0.0.1/", "hooks", ""] {
            let refused = Webhook::at(bad).unwrap_err();
            assert!(!refused.contains("hooks.example"), "{refused}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_no_success_is_a_failure_and_nothing_is_followed() {
        for (status, succeeds) in
            [(204, true), (200, true), (302, false), (410, false), (500, false)]
        {
            let server = Loopback::serving(move |path, _| match path {
                "/hook" => answer(status, "location: /elsewhere\r\n", ""),
                other => panic!("{other} was asked"),
            })
            .await;
            let address = format!("http://{}/hook", server.address);
            let told = Webhook::at(&address).unwrap().tell(b"{}".to_vec(), b"s").await;
            assert_eq!(told.is_ok(), succeeds, "{status}: {told:?}");
        }
        let nobody = Webhook::at("http://127.0.0.1:1/a-secret-path").unwrap();
        let failed = nobody.tell(b"{}".to_vec(), b"s").await.unwrap_err();
        assert!(!failed.contains("a-secret-path"), "{failed}");
    }
}
