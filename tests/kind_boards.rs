//! The invented sites of job boards: what each system answers, with the same ads.

use serde_json::{Value, json};

use crate::kinds::{Answer, escaped, html, json_of};

/// Ads of each board.
pub const ADS: usize = 12;

/// The answer of whichever system has this address.
pub fn answer(path: &str, texts: &[String]) -> Option<Answer> {
    let number = path.rsplit('/').next().and_then(|last| last.parse::<usize>().ok());
    let number = number.filter(|number| (1..=ADS).contains(number));
    match path {
        "/v1/boards/robota/jobs" => Some(greenhouse(texts)),
        "/v0/postings/robota" => Some(lever(texts)),
        "/posting-api/job-board/robota" => Some(ashby(texts)),
        "/v1/companies/robota/postings" => Some(smartrecruiters(texts)),
        "/v1/api/jobs/pl/search/1" => Some(adzuna(texts)),
        "/method/wall.get" => Some(wall(texts)),
        "/board" => Some(html(&(1..=ADS).fold(String::new(), |list, number| {
            list + &format!("<a class=job href=\"/board/{number}\">{number}</a>")
        }))),
        _ if path.starts_with("/board/") => {
            let text = escaped(&texts[number?]);
            Some(html(&format!("<h1>Offer</h1><div class=words>{text}</div>")))
        }
        _ if path.starts_with("/v1/companies/robota/postings/") => {
            let number = number?;
            let sections =
                json!({"jobDescription": {"title": "Job", "text": escaped(&texts[number])}});
            let ad = json!({"id": number.to_string(), "name": "Offer", "releasedDate": day(number),
                "jobAd": {"sections": sections}});
            Some(json_of(&ad))
        }
        _ => None,
    }
}

fn day(number: usize) -> String {
    format!("2026-03-{number:02}T10:00:00.000Z")
}

fn ads(ad: impl Fn(usize) -> Value) -> Vec<Value> {
    (1..=ADS).map(ad).collect()
}

fn greenhouse(texts: &[String]) -> Answer {
    let jobs = ads(|number| {
        json!({"id": number, "title": "Offer", "updated_at": day(number),
            "absolute_url": format!("https://boards.greenhouse.io/robota/jobs/{number}"),
            "content": escaped(&texts[number])})
    });
    json_of(&json!({"jobs": jobs, "meta": {"total": ADS}}))
}

fn lever(texts: &[String]) -> Answer {
    json_of(&Value::from(ads(|number| {
        json!({"id": format!("ad-{number}"), "text": "Offer", "createdAt": 1_772_000_000_000_u64,
            "descriptionPlain": texts[number], "description": escaped(&texts[number]),
            "hostedUrl": format!("https://jobs.lever.co/robota/ad-{number}")})
    })))
}

fn ashby(texts: &[String]) -> Answer {
    let jobs = ads(|number| {
        json!({"id": format!("ad-{number}"), "title": "Offer", "isListed": true,
            "descriptionHtml": escaped(&texts[number]), "descriptionPlain": texts[number],
            "publishedAt": day(number), "jobUrl": format!("https://jobs.ashbyhq.com/robota/ad-{number}")})
    });
    json_of(&json!({"apiVersion": "1", "jobs": jobs}))
}

fn smartrecruiters(_texts: &[String]) -> Answer {
    let content = ads(
        |number| json!({"id": number.to_string(), "name": "Offer", "releasedDate": day(number)}),
    );
    json_of(&json!({"offset": 0, "limit": 100, "totalFound": ADS, "content": content}))
}

fn adzuna(texts: &[String]) -> Answer {
    let results = ads(|number| {
        json!({"id": number.to_string(), "title": "Offer", "description": escaped(&texts[number]),
            "created": day(number), "redirect_url": format!("https://www.adzuna.pl/details/{number}")})
    });
    json_of(&json!({"count": ADS, "results": results}))
}

fn wall(texts: &[String]) -> Answer {
    let items = ads(|number| {
        json!({"id": number, "owner_id": -12, "from_id": -12, "date": 1_772_000_000 + number * 60,
            "text": texts[number]})
    });
    json_of(&json!({"response": {"count": ADS, "items": items}}))
}
