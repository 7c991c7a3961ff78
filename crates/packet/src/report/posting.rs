//! One posting: its words with what was found in them, where it stood, why it was flagged.

use domain::{Field, Finding, Language, Span};

use super::Telling;
use crate::dossier::DisclosedPosting;
use crate::page::{Block, Line, Page, Run, code, marked, plain};

impl Telling<'_> {
    pub(super) fn posting(&self, page: &mut Page, number: usize, disclosed: &DisclosedPosting) {
        let words = self.dossier.words;
        let posting = &disclosed.stored.posting;
        let assessment = &disclosed.stored.assessment;
        let found = |field| {
            let of_field = move |span: &&Span| span.field == field;
            assessment.findings.iter().flat_map(|finding| finding.spans()).filter(of_field)
        };
        page.heading(2, format!("{} {number}", words.posting));
        let language = assessment.language.or(posting.language);
        let title = posting.title.as_deref().unwrap_or_default();
        page.heading(3, format!("{} ({})", words.original, words.language_name(language)));
        page.blocks.push(Block::Quotation {
            language: language.map_or("und", Language::code).to_owned(),
            title: marked(title, found(Field::Title)),
            text: marked(&posting.text, found(Field::Text)),
        });
        self.translations(page, posting);
        page.facts(self.origin(disclosed));
        self.reasons(page, &words.findings, &assessment.findings, true);
        self.reasons(page, &words.mitigations, &assessment.mitigations, false);
        self.picture(page, disclosed);
    }

    fn translations(&self, page: &mut Page, posting: &domain::Posting) {
        let words = self.dossier.words;
        let of_posting = self.dossier.cover.translation.iter();
        for translation in of_posting.filter(|translation| translation.posting == posting.id) {
            let language = words.language_name(Language::from_code(&translation.language));
            page.heading(3, format!("{} ({language})", words.translation));
            page.blocks.push(Block::Quotation {
                language: translation.language.clone(),
                title: Line::new(),
                text: plain(&translation.text),
            });
            page.paragraph(plain(format!(
                "{}: {}. {}: {}.",
                words.translator, translation.translator, words.method, translation.method
            )));
        }
    }

    fn origin(&self, disclosed: &DisclosedPosting) -> Vec<(String, Vec<Line>)> {
        let words = self.dossier.words;
        let posting = &disclosed.stored.posting;
        let mut rows: Vec<(String, Vec<Line>)> = Vec::new();
        let mut row = |name: &String, value: Option<Line>| {
            rows.extend(value.map(|value| (name.clone(), vec![value])));
        };
        row(&words.address, posting.url.as_ref().map(code));
        row(&words.author, posting.author.as_ref().map(plain));
        row(&words.employer, posting.employer.as_ref().map(plain));
        let places = posting.places.join(", ");
        row(&words.places, (!places.is_empty()).then(|| plain(places)));
        row(&words.posted, posting.published_at.map(|at| self.exact_moment(at)));
        row(&words.captured, Some(self.exact_moment(posting.captured_at)));
        row(&words.source, Some(plain(&disclosed.source)));
        row(&words.permanent_id, Some(code(&posting.key)));
        row(&words.posting_id, Some(code(posting.id.as_str())));
        row(&words.capture_id, Some(code(posting.capture.as_str())));
        for link in &posting.hidden_links {
            row(&words.hidden_link, Some(code(link)));
        }
        rows
    }

    /// Signs are numbered, for the frames on the picture of the page; what speaks against them is not.
    fn reasons(&self, page: &mut Page, heading: &String, findings: &[Finding], are_numbered: bool) {
        if findings.is_empty() {
            return;
        }
        let words = self.dossier.words;
        page.heading(3, heading);
        let rows = (1..).zip(findings).map(|(number, finding)| {
            let mut quotes = Line::new();
            for span in finding.spans() {
                if !quotes.is_empty() {
                    quotes.push(Run::Plain(" ".to_owned()));
                }
                quotes.push(Run::Quote(span.quote.clone()));
            }
            let points = format!("{:+.1}", finding.points).replace('-', "\u{2212}");
            let rule = format!("{} v{}", finding.rule, finding.version);
            let sign = self.sign(finding, are_numbered.then_some(number));
            vec![sign, quotes, plain(points), code(rule)]
        });
        let rows = rows.collect();
        page.table(&[&words.sign, &words.quoted, &words.points, &words.rule], rows);
    }

    /// The sign's title in the language of the report, its strength and where it is described.
    fn sign(&self, finding: &Finding, number: Option<usize>) -> Line {
        let words = self.dossier.words;
        let own = self.indicators.get(&finding.indicator);
        let title = words
            .indicator(&finding.indicator)
            .or(own.map(|own| own.title.as_str()))
            .unwrap_or(finding.indicator.as_str());
        let number = number.map(|number| format!("{number}. ")).unwrap_or_default();
        let mut line = vec![Run::Plain(number + title)];
        if words.language == crate::ReportLanguage::En
            && let Some(own) = own.filter(|own| !own.definition.is_empty())
        {
            line.push(Run::Small(own.definition.clone()));
        }
        if let Some(grounds) = self.handover.grounds.get(&finding.indicator) {
            let strength = match grounds.strength.as_str() {
                "weak" => words.strength_weak.as_str(),
                "medium" => &words.strength_medium,
                "strong" => &words.strength_strong,
                other => other,
            };
            if !strength.is_empty() {
                line.push(Run::Small(format!("{}: {strength}", words.strength)));
            }
            if !grounds.source.is_empty() {
                line.push(Run::Small(format!("{}: {}", words.published_in, grounds.source)));
            }
        }
        line
    }
}
