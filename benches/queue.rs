//! The review app over a large desk, asked by many people at once:
//! `cargo bench -p web --bench queue -- --postings 1000000 --leads 200000`.
//!
//! A desk's index is filled once into `target/bench-queue-N-M`, straight through the store, and used
//! again on later runs. The app runs in a process of its own, so that its memory is its own; twenty
//! people each ask for one page after another without a pause. Printed are the times of each sort of
//! page, how long the app takes to start, and its memory.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    missing_docs,
    reason = "a measurement"
)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[path = "queue/app.rs"]
mod app;
#[path = "queue/fill.rs"]
mod fill;
#[path = "queue/visitor.rs"]
mod visitor;

use visitor::{Asked, PAGES, Visitor};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is asked of the bench.
#[derive(Clone, Copy)]
struct Size {
    postings: u64,
    leads: u64,
    people: usize,
    seconds: u64,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // Test runners ask benches for their list of tests; there are none.
    if args.iter().any(|arg| arg == "--list" || arg == "--test") {
        return;
    }
    let number = |name: &str, default: u64| {
        let at = args.iter().position(|arg| arg == name);
        at.map_or(default, |at| args[at + 1].parse().expect("a number"))
    };
    let size = Size {
        postings: number("--postings", 100_000),
        leads: number("--leads", 20_000),
        people: number("--people", 20) as usize,
        seconds: number("--seconds", 20),
    };
    if let Some(at) = args.iter().position(|arg| arg == "--serve") {
        app::serve(Path::new(&args[at + 1]), size.people);
        return;
    }
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let name = format!("bench-queue-{}-{}", size.postings, size.leads);
    let desk = PathBuf::from(target).join(name);
    if !desk.join("filled").is_file() {
        let started = Instant::now();
        fill::fill(&desk, size.postings, size.leads, size.people);
        println!("filled in {:.0} s", started.elapsed().as_secs_f64());
    }
    println!("{} postings in {} leads; {} people", size.postings, size.leads, size.people);
    measure(&desk, size);
}

/// The app in a process of its own, until dropped.
struct Served {
    child: Child,
    address: String,
    links: Vec<String>,
}

impl Served {
    fn start(desk: &Path, people: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--people", &people.to_string(), "--serve"])
            .arg(desk)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.next().expect("the app says its address");
        let links = lines.by_ref().take(people).collect();
        std::thread::spawn(move || lines.for_each(|line| println!("  app: {line}")));
        Self { child, address, links }
    }

    /// A line of what the system says of the process, in MiB.
    fn memory(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|found| found.strip_prefix(line));
        line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
    }

    /// Seconds of processor time so far.
    fn worked(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
        (ticks(11) + ticks(12)) / 100.0
    }

    fn stop(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

fn measure(desk: &Path, size: Size) {
    let started = Instant::now();
    let served = Served::start(desk, size.people);
    let mut visitors: Vec<Visitor> =
        served.links.iter().map(|link| Visitor::enter(&served.address, link)).collect();
    let first = started.elapsed();
    let all = wait_until(&mut visitors[0], "/queue?status=all", |total| total == size.leads);
    // On a machine that others use, the processor's time says more than the clock's.
    let worked = served.worked();
    println!("start-up: first page {:.2} s", first.as_secs_f64());
    println!(
        "          whole queue {:.2} s, {worked:.2} s of processor",
        all.duration_since(started).as_secs_f64()
    );
    let found = wait_until(&mut visitors[0], &fill::search_for_all(), |total| total == size.leads);
    println!("          whole search {:.2} s", found.duration_since(started).as_secs_f64());
    println!("memory: {} MiB, {} at most", served.memory("VmRSS:"), served.memory("VmHWM:"));

    let worked = served.worked();
    let ends = Instant::now() + Duration::from_secs(size.seconds);
    let threads: Vec<_> = (1_u64..)
        .zip(visitors)
        .map(|(number, visitor)| {
            std::thread::spawn(move || visitor.ask_until(ends, number, size.leads))
        })
        .collect();
    let asked: Vec<Asked> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let worked = served.worked() - worked;
    println!("{:<14} {:>8} {:>9} {:>9} {:>9}", "page", "asked", "p50, ms", "p95, ms", "p99, ms");
    for page in PAGES {
        let times = asked.iter().filter(|asked| asked.page == page).map(|asked| asked.took);
        print_times(page.name(), times.collect());
    }
    print_times("all", asked.iter().map(|asked| asked.took).collect());
    println!(
        "{:.0} pages a second, {:.2} ms of processor each in the app",
        asked.len() as f64 / size.seconds as f64,
        worked * 1e3 / asked.len() as f64
    );
    println!("memory: {} MiB, {} at most", served.memory("VmRSS:"), served.memory("VmHWM:"));
    served.stop();
}

/// When the queue at this address has as many leads as wanted.
fn wait_until(visitor: &mut Visitor, path: &str, enough: impl Fn(u64) -> bool) -> Instant {
    loop {
        let total = visitor.total(path);
        if enough(total) {
            return Instant::now();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn print_times(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| {
        let place = ((times.len() as f64 - 1.0) * share).round() as usize;
        times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    let (half, most, nearly_all) = (at(0.5), at(0.95), at(0.99));
    println!("{name:<14} {:>8} {half:>9.1} {most:>9.1} {nearly_all:>9.1}", times.len());
}
