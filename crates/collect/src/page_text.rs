//! The words of a page that a person came for, without its menus.

use scraper::{ElementRef, Html};

use crate::plain_text;

/// Parts of a page that are about the site.
const NO_WORDS: [&str; 14] = [
    "nav", "footer", "aside", "script", "style", "noscript", "template", "svg", "iframe", "object",
    "select", "button", "head", "dialog",
];
const NO_WORDS_ROLES: [&str; 5] = ["navigation", "banner", "contentinfo", "search", "menu"];
/// A main part with fewer letters is an empty frame that a script would fill.
const FEWEST_LETTERS: usize = 80;

/// The page's own headline: what it hands to other sites, else its title.
pub(crate) fn page_title(html: &Html) -> Option<String> {
    let elements = || html.root_element().descendants().filter_map(ElementRef::wrap);
    let handed = elements().find_map(|element| {
        let is_title =
            element.value().name() == "meta" && element.attr("property") == Some("og:title");
        if is_title { element.attr("content").map(str::to_owned) } else { None }
    });
    let title = || elements().find(|element| element.value().name() == "title");
    let title = handed.or_else(|| Some(title()?.text().collect()))?;
    let words: Vec<&str> = title.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The readable words: of the page's one main part if it has one, else of all of it.
pub(crate) fn page_text(mut html: Html) -> String {
    let gone: Vec<_> = html
        .root_element()
        .descendants()
        .filter_map(ElementRef::wrap)
        .filter(|element| is_about_the_site(*element))
        .map(|element| element.id())
        .collect();
    for id in gone {
        if let Some(mut node) = html.tree.get_mut(id) {
            node.detach();
        }
    }
    let main = only(&html, |element| {
        element.value().name() == "main" || element.attr("role") == Some("main")
    });
    let main = main.or_else(|| only(&html, |element| element.value().name() == "article"));
    let words = main.map(|main| plain_text(&main.inner_html()));
    let has_words =
        |words: &String| words.chars().filter(|c| c.is_alphabetic()).count() >= FEWEST_LETTERS;
    match words.filter(has_words) {
        Some(words) => words,
        None => plain_text(&html.root_element().inner_html()),
    }
}

fn is_about_the_site(element: ElementRef<'_>) -> bool {
    let is_hidden = element.attr("hidden").is_some()
        || element.attr("aria-hidden") == Some("true") && element.value().name() != "body";
    NO_WORDS.contains(&element.value().name())
        || element.attr("role").is_some_and(|role| NO_WORDS_ROLES.contains(&role))
        || is_hidden
}

/// The element for which this holds, when it is the only one.
fn only(html: &Html, wanted: impl Fn(ElementRef<'_>) -> bool) -> Option<ElementRef<'_>> {
    let mut found = html
        .root_element()
        .descendants()
        .filter_map(ElementRef::wrap)
        .filter(|element| wanted(*element));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_html;

    fn check(page: &str, title: Option<&str>, text: &str) {
        let html = parse_html(page).unwrap();
        assert_eq!(page_title(&html).as_deref(), title, "{page}");
        assert_eq!(page_text(html), text, "{page}");
    }

    #[test]
    fn menus_and_footers_are_left_out() {
        check(
            "<title> Work \n abroad</title><nav>Home</nav><div role=banner>Log in</div>\
             <h1>Packers</h1><p>Papers done</p><script>x</script><footer>About us</footer>",
            Some("Work abroad"),
            "Packers\nPapers done",
        );
        check("<p hidden>no</p>yes<select><option>uk</select>", None, "yes");
    }

    #[test]
    fn one_main_part_with_words_is_what_a_person_came_for() {
        let words = "Пакувальниці на склад, житло безкоштовно, документи оформимо. ".repeat(2);
        let words = words.trim();
        check(&format!("<div>Ads</div><main>{words}</main>"), None, words);
        check(&format!("<div>Ads</div><article>{words}</article>"), None, words);
        let two = format!("<article>{words}</article><article>{words}</article>");
        check(&two, None, &format!("{words}\n{words}"));
        check(&format!("<main></main><div>{words}</div>"), None, words);
    }

    #[test]
    fn a_page_hands_its_headline_to_other_sites() {
        check(
            "<title>Board - Work</title><meta property='og:title' content='Packers'>x",
            Some("Packers"),
            "x",
        );
    }
}
