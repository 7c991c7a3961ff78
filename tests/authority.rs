//! An authority that puts its time to digests (RFC 3161), made with openssl.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use sha2::Digest as _;

use crate::desk::Desk;

const CONFIG: &str = "
[ tsa ]
default_tsa = one
[ one ]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
[ req ]
distinguished_name = name
[ name ]
[ ca ]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[ signer ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
";

/// A time-stamping authority on loopback.
pub struct Authority {
    folder: tempfile::TempDir,
    pub address: String,
    /// Whether it answers.
    pub up: Arc<AtomicBool>,
}

fn openssl(dir: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("openssl").args(args).current_dir(dir).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "openssl {args:?}: {said}");
    Some(said + &String::from_utf8_lossy(&output.stdout))
}

impl Authority {
    /// `None`, and said so, without openssl.
    pub fn start() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "openssl is not installed");
            eprintln!("skipped: openssl is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().to_owned();
        std::fs::write(dir.join("tsa.cnf"), CONFIG).unwrap();
        std::fs::write(dir.join("serial"), "01\n").unwrap();
        let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let own = ["req", "-x509", "-config", "tsa.cnf", "-days", "3650", "-extensions", "ca"];
        let names = ["-subj", "/CN=Invented CA", "-keyout", "ca.key", "-out", "ca.pem"];
        openssl(&dir, &[&own[..], &new_key, &names].concat())?;
        let asked = ["req", "-config", "tsa.cnf", "-subj", "/CN=Invented TSA"];
        let names = ["-keyout", "tsa.key", "-out", "tsa.csr"];
        openssl(&dir, &[&asked[..], &new_key, &names].concat())?;
        let signed = ["x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key"];
        let names = ["-set_serial", "7", "-days", "3650", "-extfile", "tsa.cnf"];
        let names = [&names[..], &["-extensions", "signer", "-out", "tsa.pem"]].concat();
        openssl(&dir, &[&signed[..], &names].concat())?;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let up = Arc::new(AtomicBool::new(true));
        let serving = up.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &dir, serving.load(Ordering::SeqCst));
            }
        });
        Some(Self { folder, address, up })
    }

    /// What `openssl ts -verify` says of a token over this root.
    pub fn verify(&self, root: &str, token: &Path) -> bool {
        let args = ["ts", "-verify", "-digest", root, "-in", token.to_str().unwrap()];
        let chain = ["-CAfile", "ca.pem"];
        let output = Command::new("openssl")
            .args([&args[..], &chain].concat())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        output.status.success()
    }
}

fn answer(mut stream: std::net::TcpStream, dir: &Path, up: bool) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut query = vec![0; length];
    reader.read_exact(&mut query).unwrap();
    if !up {
        let _ = stream
            .write_all(b"HTTP/1.1 503 Down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        return;
    }
    std::fs::write(dir.join("query.tsq"), query).unwrap();
    let reply =
        ["ts", "-reply", "-config", "tsa.cnf", "-section", "one", "-queryfile", "query.tsq"];
    let with = ["-signer", "tsa.pem", "-inkey", "tsa.key", "-chain", "ca.pem", "-out", "reply.tsr"];
    openssl(dir, &[&reply[..], &with].concat()).unwrap();
    let body = std::fs::read(dir.join("reply.tsr")).unwrap();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body);
}

/// A new desk that asks these.
pub fn desk_with_authorities(authorities: &[&Authority]) -> Desk {
    let desk = Desk::new();
    let path = desk.dir().join("fusion.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let addresses: Vec<&str> = authorities.iter().map(|one| one.address.as_str()).collect();
    text += &format!("\n[time]\nauthorities = {addresses:?}\nallow_private = true\n");
    std::fs::write(&path, text).unwrap();
    desk
}

/// From a file's digest along its way to the root, as the page in a packet says it.
pub fn led(proof: &Value, digest: &[u8]) -> String {
    let bytes = |text: &Value| -> Vec<u8> {
        let hex = text.as_str().unwrap().trim_start_matches("sha256:");
        (0..64).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let mut at = digest.to_vec();
    for step in proof["way"].as_array().unwrap() {
        let (left, right) = match (step.get("left"), step.get("right")) {
            (Some(left), None) => (bytes(left), at),
            (None, Some(right)) => (at, bytes(right)),
            _ => panic!("a step has one neighbour: {step}"),
        };
        at = sha2::Sha256::digest([&[1][..], &left, &right].concat()).to_vec();
    }
    at.iter().map(|byte| format!("{byte:02x}")).collect()
}
