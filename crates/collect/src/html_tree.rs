use std::cell::Cell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::tree_builder::{TreeBuilder, TreeSink};
use html5ever::{TokenizerResult, tokenizer::TokenizerOpts, tree_builder::TreeBuilderOpts};
use scraper::{ElementRef, Html, HtmlTreeSink, Node};
use url::Url;

/// The deepest nesting that is read. Browsers flatten at 512 as well; pages made by people stay
/// under 60.
pub const MAX_DEPTH: usize = 512;
/// The most nodes (elements, texts, comments) that are read. A long page has some 20,000.
pub const MAX_NODES: usize = 300_000;
/// The most links that are read out of one text.
const MAX_ANCHORS: usize = 500;
/// How much is parsed between two looks at the tree. Small, because unclosed formatting elements
/// are repeated in each paragraph that follows them: what a piece can do grows with its square.
const PIECE: usize = 1024;

/// What all tags with very many attributes may cost: the parser compares each attribute of a tag
/// with all before it. One tag with 30,000 attributes, or a hundred with 3,000.
const MAX_COMPARISONS: usize = 500_000_000;

/// The mark-up is nested so deep or grows so large that reading it would hurt us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "mark-up is deeper than {MAX_DEPTH} elements, larger than {MAX_NODES} nodes, or has tags with tens of thousands of attributes"
)]
pub struct HtmlTooComplex;

/// Parses a page, or a piece of one. The tree is no deeper than [`MAX_DEPTH`], so that walking it
/// by recursion (which serialising does) cannot exhaust the stack.
pub fn parse_html(page: &str) -> Result<Html, HtmlTooComplex> {
    let tree =
        TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), TreeBuilderOpts::default());
    let tokenizer =
        Tokenizer::new(Watched { tree, tokens: Cell::new(0) }, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut rest = page;
    let mut nodes = 0;
    let mut open_tag = OpenTag::default();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        queue.push_back(StrTendril::from_slice(piece));
        while !matches!(tokenizer.feed(&queue), TokenizerResult::Done) {}
        open_tag.grow(piece, tokenizer.sink.tokens.get())?;
        nodes = check_new_nodes(&tokenizer.sink.tree.sink.0.borrow(), nodes)?;
        rest = after;
    }
    tokenizer.end();
    let html = tokenizer.sink.tree.sink.finish();
    check_new_nodes(&html, nodes)?;
    Ok(html)
}

/// Where the words of this element link to, in order, each once: absolute when `base` is known.
/// Places within the page and scripts are no links.
pub fn anchors(element: ElementRef<'_>, base: Option<&Url>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for anchor in element.descendants().filter_map(ElementRef::wrap) {
        if anchor.value().name() != "a" || found.len() >= MAX_ANCHORS {
            continue;
        }
        let Some(href) = anchor.attr("href") else { continue };
        if let Some(link) = link_target(href, base)
            && !found.contains(&link)
        {
            found.push(link);
        }
    }
    found
}

/// What relative addresses of a page are relative to, by what the page says and by its own address.
pub fn base_of(html: &Html, address: Option<Url>) -> Option<Url> {
    let mut elements = html.root_element().descendants().filter_map(ElementRef::wrap);
    let base = elements.find(|element| element.value().name() == "base");
    let href = base.and_then(|base| base.attr("href"));
    let stated = href.and_then(|href| match &address {
        Some(address) => address.join(href.trim()).ok(),
        None => Url::parse(href.trim()).ok(),
    });
    stated.or(address)
}

/// An `href` as an address: absolute when `base` is known, `None` for places within the page and
/// for scripts.
pub fn link_target(href: &str, base: Option<&Url>) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let parsed = match base {
        Some(base) => base.join(href),
        None => Url::parse(href),
    };
    let scheme = parsed.as_ref().map_or("", Url::scheme);
    if ["javascript", "data", "vbscript", "about", "blob"].contains(&scheme) {
        return None;
    }
    // An address that cannot be parsed is what a reader of the page is sent to all the same.
    Some(parsed.map_or_else(|_| href.to_owned(), String::from))
}

/// The tree builder, with a count of what went in.
struct Watched {
    tree: TreeBuilder<<HtmlTreeSink as TreeSink>::Handle, HtmlTreeSink>,
    tokens: Cell<u64>,
}

impl TokenSink for Watched {
    type Handle = <HtmlTreeSink as TreeSink>::Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Self::Handle> {
        // Complaints come in the midst of a tag; all other tokens say that the last tag is over.
        if !matches!(token, Token::ParseError(_)) {
            self.tokens.set(self.tokens.get() + 1);
        }
        self.tree.process_token(token, line)
    }

    fn end(&self) {
        self.tree.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.tree.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// How many attributes the tag that is being read can have: between them stands a blank, a slash or
/// a quote.
#[derive(Default)]
struct OpenTag {
    tokens: u64,
    separators: usize,
    comparisons: usize,
}

impl OpenTag {
    fn grow(&mut self, piece: &str, tokens: u64) -> Result<(), HtmlTooComplex> {
        if self.tokens != tokens {
            self.tokens = tokens;
            self.separators = 0;
        }
        let separators = piece.bytes().filter(|b| b" \t\n\r\x0c/\"'".contains(b)).count();
        self.comparisons += separators * self.separators;
        self.separators += separators;
        if self.comparisons > MAX_COMPARISONS { Err(HtmlTooComplex) } else { Ok(()) }
    }
}

/// Looks at the nodes that came since `seen`; gives how many there are now.
fn check_new_nodes(html: &Html, seen: usize) -> Result<usize, HtmlTooComplex> {
    let nodes = html.tree.nodes();
    let now = nodes.len();
    if now > MAX_NODES {
        return Err(HtmlTooComplex);
    }
    for node in nodes.rev().take(now - seen) {
        let element = matches!(node.value(), Node::Element(_));
        if element && node.ancestors().nth(MAX_DEPTH).is_some() {
            return Err(HtmlTooComplex);
        }
    }
    Ok(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(fragment: &str) -> Vec<String> {
        let html = parse_html(fragment).unwrap();
        anchors(html.root_element(), Some(&Url::parse("https://example.org/a/b").unwrap()))
    }

    #[test]
    fn links_are_absolute_each_once_and_scripts_are_none() {
        let found = links(
            "<a href='../c'>1</a> <a href='/c'>2</a> <a href='#top'>3</a> \
             <a href='javascript:x()'>4</a> <a href='tg://resolve?domain=x'>5</a> <a>6</a>\
             <a href='http://[broken'>7</a>",
        );
        assert_eq!(found, ["https://example.org/c", "tg://resolve?domain=x", "http://[broken"]);
    }

    #[test]
    fn a_page_is_read_the_same_in_pieces_as_at_once() {
        let page = "<p>Їжак &amp; їжачиха <b>й</b>".repeat(500);
        assert_eq!(parse_html(&page).unwrap().html(), Html::parse_document(&page).html());
    }

    #[test]
    fn mark_up_that_would_hurt_is_refused() {
        let unclosed: String = (0..20_000).map(|n| format!("<b id={n}>")).collect();
        for hostile in [
            "<div>".repeat(200_000),
            "<font>".repeat(200_000),
            "<table><td>".repeat(50_000),
            "<svg>".repeat(200_000),
            format!("{unclosed}{}", "<p>".repeat(100_000)),
            "<i></p>".repeat(400_000),
        ] {
            assert_eq!(parse_html(&hostile).err(), Some(HtmlTooComplex), "{}", &hostile[..20]);
        }
    }

    #[test]
    fn a_tag_with_endless_attributes_is_refused_and_a_large_picture_is_not() {
        let attributes: String = (0..100_000).map(|n| format!(" a{n:x}")).collect();
        assert!(parse_html(&format!("<p{attributes}>x</p>")).is_err());
        let picture = format!(
            "<img src='data:image/png;base64,{}'>",
            "iVBORw0KGgoAAAANSUhEUgAAAAoAA/9k".repeat(30_000)
        );
        assert!(parse_html(&picture).is_ok());
    }

    #[test]
    fn a_long_flat_page_is_read() {
        let rows = "<tr><td>1<td>2".repeat(20_000);
        assert!(parse_html(&format!("<table>{rows}</table>")).is_ok());
    }
}
