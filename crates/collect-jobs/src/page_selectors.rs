use collect::plain_text;
use domain::Source;
use scraper::{ElementRef, Selector};

/// Longer ones are no selectors that a person wrote.
const MAX_LENGTH: usize = 1000;

/// The selectors of a source, ready to look with.
pub(crate) struct PageSelectors {
    pub(crate) link: Option<Selector>,
    pub(crate) next: Option<Selector>,
    pub(crate) item: Option<Selector>,
    pub(crate) title: Option<Selector>,
    pub(crate) text: Option<Selector>,
    pub(crate) employer: Option<Selector>,
    pub(crate) pay: Option<Selector>,
    pub(crate) place: Option<Selector>,
    pub(crate) date: Option<Selector>,
    pub(crate) image: Option<Selector>,
}

impl PageSelectors {
    /// The selectors of a source, or what is wrong with them, in one sentence.
    pub(crate) fn of(source: &Source) -> Result<Self, String> {
        let stated = &source.selectors;
        if stated.text.is_none() {
            return Err("kind `page` needs to be told where the words of an ad are, \
                        as in selectors.text = \".description\""
                .to_owned());
        }
        let mut parsed = std::collections::BTreeMap::new();
        for (name, css) in stated.named() {
            parsed.insert(name, selector(name, css)?);
        }
        let mut take = |name| parsed.remove(name);
        Ok(Self {
            link: take("link"),
            next: take("next"),
            item: take("item"),
            title: take("title"),
            text: take("text"),
            employer: take("employer"),
            pay: take("pay"),
            place: take("place"),
            date: take("date"),
            image: take("image"),
        })
    }
}

fn selector(name: &str, css: &str) -> Result<Selector, String> {
    let shown: String = css.chars().take(80).collect();
    let refused = |why: &str| Err(format!("selectors.{name} `{shown}` is no CSS selector: {why}"));
    if css.len() > MAX_LENGTH {
        return refused("it is too long");
    }
    Selector::parse(css).or_else(|error| {
        let why: Vec<String> =
            error.to_string().lines().map(|line| line.trim().to_owned()).collect();
        refused(&why.join(" "))
    })
}

/// The elements that a selector finds below this one, without those inside of others.
pub(crate) fn found<'p>(root: ElementRef<'p>, selector: Option<&Selector>) -> Vec<ElementRef<'p>> {
    let mut found: Vec<ElementRef<'p>> = Vec::new();
    let Some(selector) = selector else { return found };
    for element in root.select(selector) {
        // In page order the outer one comes first, and all that is inside of it right behind it.
        let inside = found
            .last()
            .is_some_and(|outer| element.ancestors().any(|ancestor| ancestor.id() == outer.id()));
        if !inside {
            found.push(element);
        }
    }
    found
}

/// The words of an element on one line; blank ones are none.
pub(crate) fn line(element: ElementRef<'_>) -> Option<String> {
    let text = match element.attr("content") {
        Some(content) => content.to_owned(),
        None => plain_text(&element.inner_html()),
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}
