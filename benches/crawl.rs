//! One scan over very many sources: 5,000 feeds on 500 hosts on loopback, faults in a tenth of them.
//!
//! `benches/crawl/run` prints how long the scan takes beside what the rules of politeness force, its
//! peak of memory, and whether any host was hurried, by the hosts' own logs; then pages a second with
//! no pauses, beside a plain loop of the HTTP library and beside Scrapy, which fetch alone.
//! `cargo bench -p cli --bench crawl` does the same without Scrapy. On a machine that others work on,
//! `-- --pause 20 --pages 2` leaves room for them: pauses are waited for then, not the processor.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code, missing_docs, reason = "a bench")]

#[path = "../tests/hosts.rs"]
mod hosts;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hosts::{FAULTS, Hosts, Manner, Served, peak_of};

const HOSTS: usize = 500;
const REQUESTS_AT_ONCE: usize = 64;

fn main() {
    // Test runners ask benches for their list of tests; there are none.
    if std::env::args().any(|arg| arg == "--list" || arg == "--test") {
        return;
    }
    // The hosts are in this process: each of their connections is an open file.
    rlimit::increase_nofile_limit(16_384).unwrap();
    let given = |name: &str, usual: usize| {
        let value = std::env::args().skip_while(|arg| arg != name).nth(1);
        value.map_or(usual, |value| value.parse().unwrap())
    };
    let pages = given("--pages", 10);
    politely(pages, Duration::from_secs(given("--pause", 2) as u64));
    without_pauses(pages);
}

/// One host in twenty is broken altogether, and one page in twenty of the others.
fn manners(host: usize, page: usize) -> Manner {
    if host % 20 == 7 {
        FAULTS[host / 20 % FAULTS.len()]
    } else if (host + page) % 20 == 3 {
        FAULTS[(7 * host + page) % FAULTS.len()]
    } else {
        Manner::Proper
    }
}

fn politely(pages: usize, pause: Duration) {
    let hosts = Hosts::start(manners);
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path(), &hosts, pages, pause);
    let scan = scan(&desk);
    let forced = forced(&hosts, pause);
    let hurried = hosts.hurried(pause);
    let log = hosts.log();
    let requests: usize = log.values().map(Vec::len).sum();
    report(&format!(
        "== {} sources on {HOSTS} hosts, a pause of {pause:?}, faults in a tenth",
        HOSTS * pages
    ));
    report(&format!("requests            {requests:>9}"));
    report(&format!("scan, s             {:>9.1}", scan.took.as_secs_f64()));
    report(&format!("scan, processor s   {:>9.1}", scan.processor_seconds));
    report(&format!("forced by pauses, s {:>9.1}", forced.as_secs_f64()));
    report(&format!("times forced        {:>9.2}", scan.took.as_secs_f64() / forced.as_secs_f64()));
    let first = log.values().flatten().map(|served| served.arrived).min().unwrap();
    let last = log.values().flatten().map(|served| served.ended).max().unwrap();
    let ended = scan.started + scan.took;
    report(&format!("  to first request  {:>9.1}", (first - scan.started).as_secs_f64()));
    report(&format!("  from last answer  {:>9.1}", (ended - last).as_secs_f64()));
    report(&format!("peak memory, MB     {:>9.0}", scan.peak_bytes as f64 / 1e6));
    report(&format!("hosts hurried       {:>9}", hurried.len()));
    report(&scan.said);
    assert!(hurried.is_empty(), "{hurried:?}");
}

/// The least time that the rules of politeness make a scan take: of each host, its answers and the
/// pauses between them, which double with each failure in a row; of all hosts, the longest.
fn forced(hosts: &Hosts, pause: Duration) -> Duration {
    let of_host = |served: &Vec<Served>| {
        let (mut sum, mut wait, mut failures) = (Duration::ZERO, Duration::ZERO, 0u32);
        for one in served {
            sum += wait + (one.ended - one.arrived);
            failures = if is_the_hosts_failure(one.manner) { failures + 1 } else { 0 };
            wait = pause * 2u32.pow(failures.saturating_sub(1).min(3));
        }
        sum
    };
    hosts.log().values().map(of_host).max().unwrap_or_default()
}

fn is_the_hosts_failure(manner: Manner) -> bool {
    use Manner::{Drip, HalfClosed, Reset, ServerError, TooMany, WrongLength};
    [Drip, HalfClosed, Reset, ServerError, TooMany, WrongLength].contains(&manner)
}

fn without_pauses(pages_of_a_host: usize) {
    let hosts = Hosts::start(|_, _| Manner::Proper);
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path(), &hosts, pages_of_a_host, Duration::ZERO);
    let pages = (HOSTS * pages_of_a_host) as f64;
    let scan = scan(&desk);
    report("== No pauses, no faults: pages a second");
    report(&format!("fusion scan         {:>9.0}", pages / scan.took.as_secs_f64()));
    report(&format!("  processor, s      {:>9.1}", scan.processor_seconds));
    report(&format!("  peak memory, MB   {:>9.0}", scan.peak_bytes as f64 / 1e6));
    let urls: Vec<String> = (0..HOSTS)
        .flat_map(|host| (0..pages_of_a_host).map(move |page| (host, page)))
        .map(|(host, page)| hosts.url(host, page))
        .collect();
    let plain = plain_loop(&urls);
    report(&format!("plain reqwest loop  {:>9.0}", pages / plain.as_secs_f64()));
    match std::env::var_os("FUSION_SCRAPY") {
        Some(scrapy) => {
            let list = folder.path().join("urls.txt");
            std::fs::write(&list, urls.join("\n")).unwrap();
            let took = run_scrapy(&PathBuf::from(scrapy), &list);
            report(&format!("Scrapy              {:>9.0}", pages / took.as_secs_f64()));
        }
        None => report("Scrapy: not measured; benches/crawl/run does"),
    }
}

fn desk(folder: &Path, hosts: &Hosts, pages: usize, pause: Duration) -> PathBuf {
    let desk = folder.join("desk");
    let made = fusion(&desk).args(["init"]).arg(&desk).stdout(Stdio::null()).status().unwrap();
    assert!(made.success());
    let settings = format!(
        "format = 1\n[desk]\nname = 'bench'\ncontact = 'a@example.org'\n[polite]\n\
         min_delay_ms = {}\ntimeout_s = 5\n",
        pause.as_millis()
    );
    std::fs::write(desk.join("fusion.toml"), settings).unwrap();
    std::fs::write(desk.join("sources.toml"), hosts.sources(HOSTS, pages)).unwrap();
    desk
}

fn fusion(desk: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fusion"));
    command.env("FUSION_DESK", desk).stdin(Stdio::null());
    command
}

struct Scanned {
    started: Instant,
    took: Duration,
    peak_bytes: u64,
    processor_seconds: f64,
    said: String,
}

fn scan(desk: &Path) -> Scanned {
    let started = Instant::now();
    let said = desk.join("said.txt");
    let mut child = fusion(desk)
        .args(["-q", "scan"])
        .stdout(std::fs::File::create(&said).unwrap())
        .spawn()
        .unwrap();
    let (mut peak_bytes, mut processor_seconds) = (0, 0.0);
    loop {
        peak_bytes = peak_of(child.id()).unwrap_or(0).max(peak_bytes);
        processor_seconds = processor_of(child.id()).unwrap_or(0.0).max(processor_seconds);
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = started.elapsed();
    let said = std::fs::read_to_string(said).unwrap();
    let counts: Vec<&str> = said.lines().filter(|line| !line.starts_with("  h")).collect();
    Scanned { started, took, peak_bytes, processor_seconds, said: counts.join("\n") }
}

/// The time that a process has had of the processors, where the system tells: in hundredths of a
/// second, which is what every Linux of today counts in.
fn processor_of(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

fn plain_loop(urls: &[String]) -> Duration {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let started = Instant::now();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut asking = tokio::task::JoinSet::new();
        for url in urls {
            if asking.len() >= REQUESTS_AT_ONCE {
                asking.join_next().await;
            }
            let request = client.get(url);
            asking.spawn(async move {
                request.send().await.unwrap().bytes().await.unwrap();
            });
        }
        asking.join_all().await;
    });
    started.elapsed()
}

fn run_scrapy(scrapy: &Path, urls: &Path) -> Duration {
    let spider = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/crawl/spider.py");
    let started = Instant::now();
    let status = Command::new(scrapy)
        .arg("runspider")
        .arg(spider)
        .arg("-a")
        .arg(format!("urls={}", urls.display()))
        .status()
        .unwrap();
    assert!(status.success());
    started.elapsed()
}

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn report(line: &str) {
    println!("{line}");
}
