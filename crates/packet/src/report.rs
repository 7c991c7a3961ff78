//! `report.html`: what an officer reads. One page, no script, nothing loaded from anywhere.

use std::fmt::Write as _;

use domain::{Contact, Field, Finding, Language};
use jiff::Timestamp;
use store::StoredPosting;

use crate::PacketRequest;
use crate::document::CAUTION;
use crate::html::{escaped, marked, row};

const STYLE: &str = "body{font:16px/1.5 Georgia,'DejaVu Serif',serif;max-width:48em;margin:2em auto;padding:0 1em;color:#111}\
h1{font-size:1.5em}h2{font-size:1.2em;border-bottom:1px solid #999;margin-top:2em}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.2em .6em .2em 0;overflow-wrap:anywhere}\
th[scope=col],.points{white-space:nowrap}th[scope=row]{width:11em;font-weight:normal;color:#555}blockquote{white-space:pre-wrap;overflow-wrap:anywhere;margin:1em 0;padding:.5em 1em;border-left:4px solid #999;background:#f6f6f6}\
mark{background:#ffe28a}code{font-size:.8em;overflow-wrap:anywhere}.caution{border:2px solid #111;padding:.5em 1em}";

pub(crate) fn report(request: &PacketRequest<'_>) -> String {
    let lead = request.lead;
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Lead {id}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Lead {id}</h1>\n<p class=\"caution\">{caution}</p>\n",
        id = lead.id,
        caution = escaped(CAUTION),
    );
    html.push_str(&overview(request));
    for (number, stored) in request.postings.iter().enumerate() {
        posting(&mut html, number + 1, stored, request);
    }
    links(&mut html, request);
    evidence(&mut html, request);
    html.push_str("<p>How to check this packet: see <code>how-to-check.txt</code> beside this folder.</p>\n</body>\n</html>\n");
    html
}

fn overview(request: &PacketRequest<'_>) -> String {
    let lead = request.lead;
    let mut rows = String::new();
    rows += &row("Prepared by", request.prepared_by);
    rows += &row("Approved by", request.approved_by);
    rows += &row("Desk", request.desk);
    rows += &row("Built", &utc(request.built_at));
    rows += &row("Score", &format!("{} of 100, {}", lead.score.value(), lead.band.name()));
    rows += &row("First captured", &utc(lead.opened_at));
    for decision in &lead.decisions {
        let words = format!(
            "{} by {}, {}: {}",
            decision.verdict,
            decision.by,
            utc(decision.at),
            decision.reason
        );
        rows += &row("Decision", &words);
    }
    for note in &lead.notes {
        rows += &row("Note", &format!("{}, {}: {}", note.by, utc(note.at), note.text));
    }
    rows += &row("Rule set", &request.rule_set.to_string());
    format!("<table>\n{rows}</table>\n")
}

/// To the second, as people read it; the exact times are in the data.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn posting(html: &mut String, number: usize, stored: &StoredPosting, request: &PacketRequest<'_>) {
    let posting = &stored.posting;
    let assessment = &stored.assessment;
    let spans = |field| {
        let of_field = move |span: &&domain::Span| span.field == field;
        assessment.findings.iter().flat_map(|finding| finding.spans()).filter(of_field)
    };
    let _ = writeln!(html, "<h2>Posting {number}</h2>");
    let language = assessment.language.or(posting.language).map_or("und", Language::code);
    let title = posting.title.as_deref().unwrap_or_default();
    let _ = writeln!(
        html,
        "<blockquote lang=\"{language}\"><strong>{}</strong>\n{}</blockquote>",
        marked(title, spans(Field::Title)),
        marked(&posting.text, spans(Field::Text)),
    );
    let mut rows = String::new();
    let texts = [
        ("Address", posting.url.clone()),
        ("Author, as shown", posting.author.clone()),
        ("Employer, as stated", posting.employer.clone()),
        ("Places, as stated", (!posting.places.is_empty()).then(|| posting.places.join(", "))),
        ("Posted, as stated", posting.published_at.map(utc)),
        ("Captured", Some(utc(posting.captured_at))),
        ("Language", Some(language.to_owned())),
        ("Source", Some(posting.source.to_string())),
        ("Posting id", Some(posting.id.to_string())),
        ("Capture id", Some(posting.capture.to_string())),
    ];
    for (name, value) in texts {
        rows += &value.map(|value| row(name, &value)).unwrap_or_default();
    }
    for link in &posting.hidden_links {
        rows += &row("Link behind the words", link);
    }
    let _ = writeln!(html, "<table>\n{rows}</table>");
    reasons(html, "Why it was flagged", &assessment.findings, request);
    reasons(html, "What speaks against", &assessment.mitigations, request);
    contacts(html, &posting.contacts);
}

fn reasons(html: &mut String, heading: &str, findings: &[Finding], request: &PacketRequest<'_>) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(
        html,
        "<h3>{heading}</h3>\n<table>\n<tr><th scope=\"col\">Sign</th><th scope=\"col\">Quoted words</th><th scope=\"col\">Points</th><th scope=\"col\">Rule</th></tr>"
    );
    for finding in findings {
        let words = request.indicators.get(&finding.indicator);
        let title = words.map_or(finding.indicator.as_str(), |words| &words.title);
        let quotes: Vec<String> =
            finding.spans().iter().map(|span| format!("«{}»", escaped(&span.quote))).collect();
        let _ = writeln!(
            html,
            "<tr><td>{}<br><small>{}</small></td><td>{}</td><td class=\"points\">{:+.1}</td><td><code>{} v{}</code></td></tr>",
            escaped(title),
            escaped(words.map_or("", |words| &words.definition)),
            quotes.join("<br>"),
            finding.points,
            finding.rule,
            finding.version,
        );
    }
    html.push_str("</table>\n");
}

fn contacts(html: &mut String, contacts: &[Contact]) {
    if contacts.is_empty() {
        return;
    }
    html.push_str("<h3>Contacts, as published</h3>\n<table>\n");
    for contact in contacts {
        html.push_str(&row(&contact.value, &contact.span.quote));
    }
    html.push_str("</table>\n");
}

fn links(html: &mut String, request: &PacketRequest<'_>) {
    if request.links.is_empty() {
        return;
    }
    html.push_str("<h2>What ties the postings together</h2>\n<table>\n");
    for link in request.links {
        let quote = |span: &Option<domain::Span>| span.as_ref().map(|span| span.quote.clone());
        let words = match (link.kind, quote(&link.here), quote(&link.there)) {
            (domain::LinkKind::Person, ..) => format!("said by {}", link.value),
            (_, Some(here), Some(there)) => format!("«{here}» and «{there}»"),
            _ => link.value.clone(),
        };
        html.push_str(&row(&format!("{} and {}", link.from, link.to), &words));
    }
    html.push_str("</table>\n");
}

fn evidence(html: &mut String, request: &PacketRequest<'_>) {
    html.push_str("<h2>Evidence</h2>\n<table>\n");
    for snapshot in &request.lead.snapshots {
        let _ = writeln!(
            html,
            "<tr><td>evidence/{}</td><td><code>{}</code></td></tr>",
            escaped(&snapshot.file),
            snapshot.sha256.to_hex(),
        );
    }
    html.push_str("</table>\n");
}
