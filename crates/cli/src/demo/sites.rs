//! The invented sample sites: a feed, a job board and two channels, rendered from
//! `fixtures/demo/postings.ndjson`. Pure: a path in, an answer out.

use std::fmt::Write as _;

use serde::Deserialize;

const POSTINGS: &str = include_str!("../../../../fixtures/demo/postings.ndjson");
const JOBS_PER_LISTING: usize = 12;
const POSTS_PER_PAGE: usize = 15;

/// One invented posting.
#[derive(Debug, Deserialize)]
pub(crate) struct Sample {
    /// Where it stands.
    site: Site,
    language: String,
    #[serde(default)]
    title: String,
    text: String,
    #[serde(default)]
    employer: Option<String>,
    #[serde(default)]
    place: Option<String>,
    published_at: String,
    /// Whether a reviewer would want to see it; used by the story that checks the demo.
    #[cfg_attr(not(test), expect(dead_code, reason = "the demo itself must not know the answer"))]
    #[serde(default)]
    pub(crate) lead: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Site {
    Feed,
    Board,
    ChannelUk,
    ChannelRo,
}

/// The two channels' names.
const CHANNELS: [(&str, Site); 2] =
    [("robota_zrazok", Site::ChannelUk), ("lucru_exemplu", Site::ChannelRo)];

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

/// All sample sites.
pub(crate) struct Sites {
    samples: Vec<Sample>,
}

impl Sites {
    pub(crate) fn load() -> anyhow::Result<Self> {
        let samples: Result<_, _> = POSTINGS.lines().map(serde_json::from_str).collect();
        Ok(Self { samples: samples? })
    }

    /// How many postings the sites show.
    pub(crate) fn postings(&self) -> usize {
        self.samples.len()
    }

    fn of(&self, site: Site) -> Vec<&Sample> {
        self.samples.iter().filter(|sample| sample.site == site).collect()
    }

    /// What the sites answer to a GET of this path and query.
    pub(crate) fn answer(&self, target: &str) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path == "/robots.txt" {
            return text("User-agent: *\nDisallow: /board/staff/\n");
        }
        if path == "/feed.xml" {
            return Answer {
                status: 200,
                content_type: "application/rss+xml; charset=utf-8",
                body: self.feed(),
            };
        }
        if path == "/board" {
            let page = query.strip_prefix("page=").and_then(|page| page.parse().ok()).unwrap_or(1);
            return html(self.listing(page));
        }
        if let Some(number) =
            path.strip_prefix("/board/jobs/").and_then(|n| n.parse::<usize>().ok())
        {
            return self.job(number).map_or_else(not_found, html);
        }
        if let Some(name) = path.strip_prefix("/s/") {
            let before = query.strip_prefix("before=").and_then(|number| number.parse().ok());
            let channel = CHANNELS.iter().find(|(channel, _)| *channel == name);
            return channel
                .map_or_else(not_found, |(name, site)| html(self.channel(name, *site, before)));
        }
        not_found()
    }

    fn feed(&self) -> String {
        let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>Sample jobs</title>\
             <link>https://jobs.example/</link><description>Invented ads</description>\n"
            .to_owned();
        for (number, sample) in self.of(Site::Feed).iter().enumerate() {
            let _ = writeln!(
                xml,
                "<item><guid isPermaLink=\"false\">ad-{number}</guid><link>https://jobs.example/ad/{number}</link><title>{}</title>\
                 <pubDate>{}</pubDate><description>{}</description></item>",
                escaped(&sample.title),
                rfc2822(&sample.published_at),
                escaped(&paragraphs(&sample.text)),
            );
        }
        xml + "</channel></rss>\n"
    }

    fn listing(&self, page: usize) -> String {
        let jobs = self.of(Site::Board);
        let first = (page.max(1) - 1) * JOBS_PER_LISTING;
        let mut links = String::new();
        for (number, sample) in jobs.iter().enumerate().skip(first).take(JOBS_PER_LISTING) {
            let _ = writeln!(
                links,
                "<li><a href=\"/board/jobs/{}\">{}</a></li>",
                number + 1,
                escaped(&sample.title)
            );
        }
        if page == 1 {
            links += "<li><a href=\"/board/staff/jobs/1\">For staff</a></li>\n<li><a href=\"/board/jobs/9999\">Taken down</a></li>\n";
        }
        if first + JOBS_PER_LISTING < jobs.len() {
            let _ = writeln!(
                links,
                "<li><a rel=\"next\" href=\"/board?page={}\">Next</a></li>",
                page + 1
            );
        }
        page_of("en", "Sample board", &format!("<ul>\n{links}</ul>"))
    }

    /// Odd pages carry JSON-LD, even ones microdata.
    fn job(&self, number: usize) -> Option<String> {
        let jobs = self.of(Site::Board);
        let sample = *jobs.get(number.checked_sub(1)?)?;
        let employer = sample.employer.as_deref().unwrap_or("");
        let place = sample.place.as_deref().unwrap_or("");
        let day = sample.published_at.get(..10).unwrap_or_default();
        let body = if number % 2 == 1 {
            let data = serde_json::json!({
                "@context": "https://schema.org", "@type": "JobPosting",
                "identifier": { "@type": "PropertyValue", "name": "board", "value": format!("job-{number}") },
                "title": sample.title, "description": paragraphs(&sample.text), "datePosted": day,
                "hiringOrganization": { "@type": "Organization", "name": employer },
                "jobLocation": { "@type": "Place", "address": { "@type": "PostalAddress", "addressLocality": place } },
            });
            let data = data.to_string().replace("</", "<\\/");
            format!(
                "<script type=\"application/ld+json\">{data}</script>\n<h1>{}</h1>",
                escaped(&sample.title)
            )
        } else {
            format!(
                "<div itemscope itemtype=\"https://schema.org/JobPosting\"><h1 itemprop=\"title\">{}</h1>\
                 <meta itemprop=\"identifier\" content=\"job-{number}\"><time itemprop=\"datePosted\" datetime=\"{day}\">{day}</time>\
                 <div itemprop=\"hiringOrganization\" itemscope itemtype=\"https://schema.org/Organization\"><span itemprop=\"name\">{}</span></div>\
                 <div itemprop=\"jobLocation\" itemscope itemtype=\"https://schema.org/Place\"><span itemprop=\"address\">{}</span></div>\
                 <div itemprop=\"description\">{}</div></div>",
                escaped(&sample.title),
                escaped(employer),
                escaped(place),
                paragraphs(&sample.text),
            )
        };
        Some(page_of(&sample.language, &sample.title, &body))
    }

    fn channel(&self, name: &str, site: Site, before: Option<usize>) -> String {
        let posts = self.of(site);
        let end = before.map_or(posts.len(), |number| number.saturating_sub(1)).min(posts.len());
        let start = end.saturating_sub(POSTS_PER_PAGE);
        let mut body =
            String::from("<section class=\"tgme_channel_history js-message_history\">\n");
        if start > 0 {
            let _ = writeln!(
                body,
                "<div class=\"tgme_widget_message_centered js-messages_more_wrap\"><a href=\"/s/{name}?before={0}\" class=\"tme_messages_more js-messages_more\" data-before=\"{0}\"></a></div>",
                start + 1
            );
        }
        for (index, sample) in posts.iter().enumerate().take(end).skip(start) {
            let number = index + 1;
            let _ = writeln!(
                body,
                "<div class=\"tgme_widget_message_wrap js-widget_message_wrap\"><div class=\"tgme_widget_message text_not_supported_wrap js-widget_message\" data-post=\"{name}/{number}\">\
                 <div class=\"tgme_widget_message_bubble\"><div class=\"tgme_widget_message_author accent_color\"><a class=\"tgme_widget_message_owner_name\" href=\"https://t.me/{name}\"><span dir=\"auto\">{name}</span></a></div>\
                 <div class=\"tgme_widget_message_text js-message_text\" dir=\"auto\">{text}</div>\
                 <div class=\"tgme_widget_message_footer compact js-message_footer\"><div class=\"tgme_widget_message_info short js-message_info\"><span class=\"tgme_widget_message_views\">{views}</span>\
                 <span class=\"tgme_widget_message_meta\"><a class=\"tgme_widget_message_date\" href=\"https://t.me/{name}/{number}\"><time datetime=\"{date}\" class=\"time\">00:00</time></a></span></div></div></div></div></div>",
                text = escaped(&sample.text).replace('\n', "<br/>"),
                views = 100 + number * 7,
                date = sample.published_at,
            );
        }
        page_of(
            &posts.first().map_or(String::new(), |post| post.language.clone()),
            name,
            &(body + "</section>"),
        )
    }
}

fn text(body: &str) -> Answer {
    Answer { status: 200, content_type: "text/plain; charset=utf-8", body: body.to_owned() }
}

fn html(body: String) -> Answer {
    Answer { status: 200, content_type: "text/html; charset=utf-8", body }
}

fn not_found() -> Answer {
    Answer {
        status: 404,
        content_type: "text/plain; charset=utf-8",
        body: "nothing here\n".to_owned(),
    }
}

fn page_of(language: &str, title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n{body}\n</body></html>\n",
        escaped(title)
    )
}

fn paragraphs(text: &str) -> String {
    text.lines().fold(String::new(), |html, line| html + "<p>" + &escaped(line) + "</p>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn rfc2822(time: &str) -> String {
    let parsed: Result<jiff::Timestamp, _> = time.parse();
    parsed.map_or_else(
        |_| String::new(),
        |time| time.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sites_are_as_large_and_as_ordinary_as_promised() {
        let sites = Sites::load().unwrap();
        assert!(sites.postings() >= 120, "{} postings", sites.postings());
        assert!(sites.of(Site::Board).len() >= 40);
        let leads = sites.samples.iter().filter(|sample| sample.lead).count();
        assert!(leads * 3 < sites.postings(), "{leads} of them are leads");
        for language in ["uk", "ru", "ro", "en"] {
            assert!(
                sites.samples.iter().any(|sample| sample.language == language),
                "none in {language}"
            );
        }
    }

    #[test]
    fn the_sites_answer() {
        let sites = Sites::load().unwrap();
        for path in [
            "/robots.txt",
            "/feed.xml",
            "/board",
            "/board?page=2",
            "/board/jobs/1",
            "/board/jobs/2",
            "/s/robota_zrazok",
            "/s/lucru_exemplu?before=9",
        ] {
            assert_eq!(sites.answer(path).status, 200, "{path}");
        }
        assert_eq!(sites.answer("/board/jobs/9999").status, 404);
    }
}
