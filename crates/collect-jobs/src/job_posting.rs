use std::collections::BTreeMap;

use collect::{Images, Markup, stated_time};
use domain::{Language, Pay};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use crate::json_ld::{field, nodes_by_id, nodes_of_type};
use crate::stated_pay::stated_pay;

/// A schema.org `JobPosting` (<https://schema.org/JobPosting>) with what we use of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct JobPosting {
    pub(crate) identifier: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) title: Option<String>,
    /// The description, then whatever is stated apart from it: duties, skills, benefits, contacts.
    pub(crate) text: String,
    pub(crate) employer: Option<String>,
    pub(crate) places: Vec<String>,
    pub(crate) pay: Option<Pay>,
    pub(crate) published: Option<Timestamp>,
    pub(crate) language: Option<Language>,
    pub(crate) hidden_links: Vec<String>,
    pub(crate) images: Vec<String>,
}

/// Fields whose words belong to the ad, in the order in which they are read after the description.
const TEXT_FIELDS: [&str; 13] = [
    "responsibilities",
    "qualifications",
    "skills",
    "educationRequirements",
    "experienceRequirements",
    "physicalRequirement",
    "workHours",
    "jobBenefits",
    "benefits",
    "incentiveCompensation",
    "incentives",
    "specialCommitments",
    "applicationContact",
];

/// Parts of one ad's text; each is compared with those before it.
const MAX_PARTS: usize = 200;

/// All job postings among these values, in order.
pub(crate) fn job_postings(values: &[Value], base: Option<&Url>) -> Vec<JobPosting> {
    let reader = Reader { by_id: nodes_by_id(values), base };
    let nodes = nodes_of_type(values, "JobPosting");
    nodes.into_iter().map(|node| reader.job_posting(node)).collect()
}

struct Reader<'v> {
    by_id: BTreeMap<&'v str, &'v Value>,
    base: Option<&'v Url>,
}

impl<'v> Reader<'v> {
    fn job_posting(&self, node: &'v Value) -> JobPosting {
        let salary = self.first(node, "baseSalary").or_else(|| self.first(node, "estimatedSalary"));
        let currency = self.first(node, "salaryCurrency").and_then(|value| self.line(value));
        let pay = salary.and_then(|salary| stated_pay(salary, currency, &|v| self.line(v)));
        let description = self.first(node, "description");
        let html = description.and_then(|value| self.markup(value));
        JobPosting {
            identifier: self.identifier(node),
            url: self.first(node, "url").and_then(|value| self.address(value)),
            title: ["title", "name"]
                .into_iter()
                .find_map(|name| self.line(self.first(node, name)?)),
            text: self.text(node, salary.filter(|_| pay.is_none())),
            employer: self.first(node, "hiringOrganization").and_then(|value| self.name(value)),
            places: self.places(node),
            pay,
            published: self
                .first(node, "datePosted")
                .and_then(|value| stated_time(&self.line(value)?)),
            language: self.first(node, "inLanguage").and_then(|value| self.language(value)),
            hidden_links: html.map_or(Vec::new(), |html| self.links(html)),
            images: self.images(node, html),
        }
    }

    /// `description`, and each other part that it does not hold already.
    fn text(&self, node: &'v Value, unread_salary: Option<&'v Value>) -> String {
        let mut parts = Vec::new();
        for value in self.all(node, "description") {
            parts.extend(self.markup(value).map(text_of));
        }
        let fields = TEXT_FIELDS.iter().flat_map(|name| self.all(node, name));
        for value in fields.chain(unread_salary) {
            parts.extend(self.paragraphs(value));
        }
        let mut text = String::new();
        for part in parts.iter().take(MAX_PARTS) {
            let part = part.trim();
            if part.is_empty() || squeezed(&text).contains(&squeezed(part)) {
                continue;
            }
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(part);
        }
        text
    }

    /// The words of a text, a term, a requirement or a contact point.
    fn paragraphs(&self, value: &'v Value) -> Vec<String> {
        if let Some(markup) = self.markup(value) {
            return vec![text_of(markup)];
        }
        let fields = ["name", "description", "termCode", "telephone", "email", "url"];
        fields.iter().filter_map(|field| self.line(self.first(value, field)?)).collect()
    }

    fn identifier(&self, node: &'v Value) -> Option<String> {
        let value = self.first(node, "identifier")?;
        self.line(value).or_else(|| self.line(self.first(value, "value")?))
    }

    fn places(&self, node: &'v Value) -> Vec<String> {
        let mut places: Vec<String> = Vec::new();
        let located = self.all(node, "jobLocation").filter_map(|value| self.place(value));
        let from = self.all(node, "applicantLocationRequirements");
        let from = from.filter_map(|value| self.name(value));
        let remote = self.all(node, "jobLocationType").filter_map(|value| self.line(value));
        for place in located.chain(from).chain(remote) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    /// A place's address as one line, else its name.
    fn place(&self, value: &'v Value) -> Option<String> {
        if let Some(line) = self.line(value) {
            return Some(line);
        }
        let address = self.first(value, "address").unwrap_or(value);
        if let Some(line) = self.line(address) {
            return Some(line);
        }
        let fields = ["streetAddress", "addressLocality", "addressRegion", "addressCountry"];
        let parts: Vec<String> =
            fields.iter().filter_map(|field| self.name(self.first(address, field)?)).collect();
        if parts.is_empty() { self.name(value) } else { Some(parts.join(", ")) }
    }

    fn name(&self, value: &'v Value) -> Option<String> {
        let named = || {
            let names = ["name", "legalName", "alternateName"];
            names.into_iter().find_map(|name| self.line(self.first(value, name)?))
        };
        self.line(value).or_else(named)
    }

    fn language(&self, value: &'v Value) -> Option<Language> {
        let code = ["alternateName", "identifier"];
        let code = code.into_iter().find_map(|name| self.line(self.first(value, name)?));
        Language::from_code(&self.line(value).or(code)?)
    }

    fn address(&self, value: &'v Value) -> Option<String> {
        let address = match value {
            Value::String(address) => address.clone(),
            _ => match value.get("@href").or_else(|| value.get("@id")) {
                Some(href) => href.as_str()?.to_owned(),
                None => self.line(value)?,
            },
        };
        collect::link_target(&address, self.base)
    }

    /// The pictures of the ad and of its description, without the employer's logo, which many pages
    /// state as the ad's.
    fn images(&self, node: &'v Value, description: Option<&'v str>) -> Vec<String> {
        let employer = self.first(node, "hiringOrganization");
        let logos = employer.into_iter().flat_map(|employer| self.all(employer, "logo"));
        let logos: Vec<String> = logos.filter_map(|logo| self.image(logo)).collect();
        let mut images = Images::default();
        let stated = self.all(node, "image").filter_map(|image| self.image(image));
        stated.for_each(|address| images.add(&address, self.base));
        if let Some(html) = description {
            stated_markup(html).add_images(&mut images, self.base);
        }
        let mut images = images.into_vec();
        images.retain(|image| !logos.contains(image));
        images
    }

    /// An address, or an `ImageObject` that has one.
    fn image(&self, value: &'v Value) -> Option<String> {
        let of_object = ["contentUrl", "url"].into_iter().find_map(|name| self.first(value, name));
        self.address(of_object.unwrap_or(value))
    }

    fn links(&self, html: &str) -> Vec<String> {
        Markup::Html(html.to_owned()).links(self.base)
    }

    /// Text on one line.
    fn line(&self, value: &'v Value) -> Option<String> {
        let line = match value {
            Value::Number(number) => number.to_string(),
            _ => one_line(&text_of(self.markup(value)?)),
        };
        (!line.is_empty()).then_some(line)
    }

    /// A string, which in practice is HTML, or a text property of microdata.
    fn markup(&self, value: &'v Value) -> Option<&'v str> {
        match value {
            Value::String(text) => Some(text),
            Value::Object(fields) => {
                fields.get("@html").or_else(|| fields.get("@value")).and_then(Value::as_str)
            }
            _ => None,
        }
    }

    fn first(&self, node: &'v Value, name: &str) -> Option<&'v Value> {
        self.all(node, name).next()
    }

    /// The values of a field, under its short or its full name, with references followed.
    fn all<'s>(
        &'s self,
        node: &'v Value,
        name: &str,
    ) -> impl Iterator<Item = &'v Value> + use<'s, 'v> {
        let values = match field(node, name) {
            Some(Value::Array(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        values.iter().map(|value| self.followed(value))
    }

    fn followed(&self, value: &'v Value) -> &'v Value {
        match value.as_object() {
            Some(fields) if fields.len() == 1 => {
                let id = fields.get("@id").and_then(Value::as_str);
                id.and_then(|id| self.by_id.get(id).copied()).unwrap_or(value)
            }
            _ => value,
        }
    }
}

fn text_of(markup: &str) -> String {
    stated_markup(markup).text()
}

/// HTML as structured data states it: often escaped twice, once for the page, once more by whoever
/// wrote the script.
pub(crate) fn stated_markup(markup: &str) -> Markup {
    let once = || Markup::Html(markup.to_owned());
    let is_escaped = !markup.contains('<') && markup.contains("&lt;") && markup.contains("&gt;");
    if is_escaped { Markup::Html(once().text()) } else { once() }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}
