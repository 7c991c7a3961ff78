//! The browser's process: what it may, how long, and its end.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The longest that one look at a page takes.
pub(super) const MOST_TIME: Duration = Duration::from_secs(25);
/// The most memory of its own that any process of the browser may have, in KiB.
const MOST_MEMORY: u64 = 2 * 1024 * 1024;

const FLAGS: [&str; 18] = [
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--mute-audio",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    // Also what is asked of this machine goes through the proxy.
    "--proxy-bypass-list=<-loopback>",
    "--virtual-time-budget=4000",
];

/// Runs the browser once, to its end, with these flags of the server that it asks; what it prints goes
/// into a file.
pub(super) fn run(
    program: &Path,
    server: &[String],
    folder: &Path,
    args: &[&str],
    output: Option<&Path>,
) -> Result<(), String> {
    let out = match output {
        Some(file) => Stdio::from(File::create(file).map_err(|error| format!("no file: {error}"))?),
        None => Stdio::null(),
    };
    let mut command = limited(program);
    command
        .args(FLAGS)
        .args(server)
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        // Its own sandbox cannot be set up by the system's first account, as in a container.
        .args(is_root().then_some("--no-sandbox"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("it does not start: {error}"))?;
    let ended = wait(&mut child);
    if ended.is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
    ended
}

/// What the program says of its version.
pub(super) fn version(program: &Path) -> Result<String, String> {
    let said = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| format!("{} does not start: {error}", program.display()))?;
    let said = String::from_utf8_lossy(&said.stdout);
    let line = said.lines().next().unwrap_or_default().trim();
    let version: String = line.chars().filter(|c| !c.is_control()).take(100).collect();
    if version.is_empty() {
        return Err(format!("{} does not say its version", program.display()));
    }
    Ok(version)
}

/// The program under a limit of memory, where there is a shell that sets one.
fn limited(program: &Path) -> Command {
    if !cfg!(unix) {
        return Command::new(program);
    }
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(format!("ulimit -d {MOST_MEMORY}; exec \"$0\" \"$@\"")).arg(program);
    shell
}

fn wait(child: &mut Child) -> Result<(), String> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("the browser ended with {status}")),
            Ok(None) if started.elapsed() > MOST_TIME => {
                return Err(format!("the browser took more than {} s", MOST_TIME.as_secs()));
            }
            Ok(None) => thread::sleep(Duration::from_millis(20)),
            Err(error) => return Err(format!("the browser is lost: {error}")),
        }
    }
}

/// Whether this process is the system's first account: the owner of its own entry in `/proc`.
fn is_root() -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
    }
    #[cfg(not(unix))]
    false
}
