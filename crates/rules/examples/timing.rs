//! temporary
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "temporary")]
use std::time::Instant;
fn main() {
    let t = Instant::now();
    let rules = rules::RuleSet::builtin().unwrap();
    println!("load {:?} rules {}", t.elapsed(), rules.rules().len());
    let t = Instant::now();
    let mut texts: Vec<String> = Vec::new();
    for r in rules.rules() {
        for e in &r.examples {
            texts.push(e.text.clone());
        }
        for e in &r.counter_examples {
            texts.push(e.text.clone());
        }
    }
    // ordinary-length texts: join several
    let joined: Vec<String> = texts.chunks(6).map(|c| c.join("\n")).collect();
    println!("texts {:?} {}", t.elapsed(), joined.len());
    let mut assessor = rules::Assessor::new(&rules);
    let mut folded = text::Folded::default();
    let mut bytes = 0usize;
    let mut n = 0usize;
    let mut flagged = 0;
    let t = Instant::now();
    let mut fold_time = std::time::Duration::ZERO;
    let rounds: usize = std::env::args().nth(1).and_then(|x| x.parse().ok()).unwrap_or(1);
    for _ in 0..rounds {
        for text in &joined {
            let f = Instant::now();
            folded.refold(text);
            fold_time += f.elapsed();
            let a = assessor.assess(&rules::Subject { title: None, text: (text, &folded) }, None);
            bytes += text.len();
            n += 1;
            flagged += usize::from(a.band.is_flagged());
        }
    }
    let all = t.elapsed();
    println!(
        "hot texts {n} bytes {bytes} flagged {flagged} fold {fold_time:?} rules {:?} per text {:?}",
        all - fold_time,
        (all - fold_time) / n as u32
    );
    if let Some(path) = std::env::args().nth(2) {
        let content = std::fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = content.lines().collect();
        let (mut bytes, mut flagged, mut findings) = (0, 0, 0);
        let mut fold_time = std::time::Duration::ZERO;
        let t = Instant::now();
        for text in &lines {
            let f = Instant::now();
            folded.refold(text);
            fold_time += f.elapsed();
            let a = assessor.assess(&rules::Subject { title: None, text: (text, &folded) }, None);
            bytes += text.len();
            flagged += usize::from(a.band.is_flagged());
            findings += a.findings.len();
        }
        let all = t.elapsed();
        println!(
            "cold lines {} bytes {bytes} flagged {flagged} findings {findings} fold {fold_time:?} rules {:?} per text {:?}",
            lines.len(),
            all - fold_time,
            (all - fold_time) / lines.len() as u32
        );
    }
}
