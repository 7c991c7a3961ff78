//! Hands a mail to the machine's own mail program. Its host, password and TLS are that program's
//! affair (`msmtp`, `postfix` and others all take mail like this), so the desk holds no password of a
//! mailbox and we no second TLS client.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A mail program that takes longer is stopped.
const LONGEST: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);
/// So much of what it complains of is shown.
const MOST_SAID: u64 = 300;

/// Sends; returns when the program has taken the mail. The error is a sentence.
pub(crate) fn send(program: &str, from: &str, to: &[String], mail: &str) -> Result<(), String> {
    let mut child = Command::new(program)
        .args(["-oi", "-f", from, "--"])
        .args(to)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    // A digest is smaller than what a pipe holds, save the largest; who does not read is stopped below.
    let mut into = child.stdin.take();
    let mail = mail.as_bytes().to_vec();
    let writing = std::thread::spawn(move || into.as_mut().map(|into| into.write_all(&mail)));
    let ends = Instant::now() + LONGEST;
    let status = loop {
        match child.try_wait().map_err(|error| format!("cannot wait for {program}: {error}"))? {
            Some(status) => break status,
            None if Instant::now() >= ends => {
                // Both fail only if it has ended by itself meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!(
                    "{program} did not take the mail within {} s",
                    LONGEST.as_secs()
                ));
            }
            None => std::thread::sleep(PAUSE),
        }
    };
    // What it did not read it did not want: its status says whether that is well.
    let _ = writing.join();
    if status.success() {
        return Ok(());
    }
    let mut said = Vec::new();
    if let Some(errors) = child.stderr.take() {
        let _ = errors.take(MOST_SAID).read_to_end(&mut said);
    }
    let said = String::from_utf8_lossy(&said);
    Err(format!("{program} refused the mail ({status}): {}", said.trim()))
}
