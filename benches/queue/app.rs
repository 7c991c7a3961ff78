//! The app, in a process of its own.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use domain::{Clock, LeadId, Sha256};
use jiff::Timestamp;
use pipeline::Desk;
use web::{EvidencePlace, PacketMaker, PacketTerms, Randomness, Serving};

pub(super) struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the edge")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Good enough to tell sessions apart, and for nothing else.
pub(super) struct SomeRandom;

impl Randomness for SomeRandom {
    fn fill(&self, bytes: &mut [u8]) {
        use std::io::Read as _;
        std::fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
    }
}

struct NoPackets;

impl PacketMaker for NoPackets {
    fn build(
        &self,
        _: &mut Desk,
        _: &LeadId,
        _: &str,
        _: &PacketTerms,
    ) -> Result<(PathBuf, Sha256), String> {
        Err("the bench builds none".to_owned())
    }
}

/// Serves the desk until its input ends. Prints the address, then the people's links.
pub(super) fn serve(dir: &Path, people: usize) {
    let started = std::time::Instant::now();
    let desk = Desk::open(dir, Arc::new(SystemClock)).unwrap();
    let opened = started.elapsed();
    let notes: Vec<String> = desk.notes().iter().map(|note| note.0.clone()).collect();
    let desk = Arc::new(Mutex::new(desk));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let serving = Serving {
        desk: desk.clone(),
        clock: Arc::new(SystemClock),
        random: Arc::new(SomeRandom),
        packets: Arc::new(NoPackets),
        public_url: None,
        evidence: EvidencePlace { listen: "127.0.0.1:0".parse().unwrap(), url: None },
        one_time: (0..people).map(|number| format!("person{number}")).collect(),
    };
    let listening = runtime.block_on(web::listen(serving, "127.0.0.1:0".parse().unwrap())).unwrap();
    println!("{}", listening.address);
    listening.links.iter().for_each(|link| println!("{link}"));
    println!("desk opened in {:.2} s", opened.as_secs_f64());
    notes.iter().for_each(|note| println!("{note}"));
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        drop(ended);
    });
    runtime.block_on(listening.run(async { drop(end.await) }));
    drop(runtime);
    if let Some(desk) = Arc::into_inner(desk) {
        desk.into_inner().unwrap().close().unwrap();
    }
}
