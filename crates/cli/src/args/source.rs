use clap::Args as ClapArgs;
use domain::{Selectors, Source, Wanted};

/// How a source is walked and read, where its kind leaves that open.
#[derive(Debug, ClapArgs)]
pub(crate) struct SourceReading {
    /// Links to fetch from a listing, as a regular expression on their path
    #[arg(long, value_name = "REGEX")]
    follow: Option<String>,
    /// Where a page says what (kind page), as in title=h1; can be given several times, for link,
    /// next, item, title, text, employer, pay, place, date
    #[arg(long, value_name = "FIELD=CSS", value_parser = selector)]
    selector: Vec<(String, String)>,
    /// The NAME of the environment variable that holds an API key, as in app_key=DESK_KEY
    #[arg(long, value_name = "KEY=VARIABLE", value_parser = key)]
    key: Vec<(String, String)>,
    /// Which column of a table holds what (kinds csv and parquet), as in text=Description or
    /// text=duties+conditions; can be given several times
    #[arg(long, value_name = "FIELD=HEADER", value_parser = super::column)]
    column: Vec<(String, String)>,
    /// What is kept of a stream (kind jetstream), as in words=робота; can be given several times, for
    /// words, accounts, languages, collections, and once for seconds and messages of a walk
    #[arg(long, value_name = "FIELD=VALUE", value_parser = wanted)]
    want: Vec<(String, String)>,
}

impl SourceReading {
    /// The source, walked and read so.
    pub(crate) fn of(&self, source: Source) -> anyhow::Result<Source> {
        let stated = self.selector.iter().map(|(field, css)| (field.clone(), css.as_str().into()));
        let stated: serde_json::Map<_, _> = stated.collect();
        let selectors: Box<Selectors> = serde_json::from_value(stated.into())?;
        let keys = self.key.iter().cloned().collect();
        let columns = self.column.iter().cloned().collect();
        let wanted = Box::new(wanted_of(&self.want)?);
        Ok(Source { follow: self.follow.clone(), selectors, keys, columns, wanted, ..source })
    }
}

fn selector(text: &str) -> Result<(String, String), String> {
    let (field, css) = text.split_once('=').ok_or("say it as FIELD=CSS, as in title=h1")?;
    let one = serde_json::json!({ field.trim(): css.trim() });
    if serde_json::from_value::<Selectors>(one).is_err() {
        return Err("a field is link, next, item, title, text, employer, pay, place or date".into());
    }
    Ok((field.trim().to_owned(), css.trim().to_owned()))
}

fn wanted(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("say it as FIELD=VALUE, as in words=робота")?;
    let one = (field.trim().to_owned(), value.trim().to_owned());
    match wanted_of(std::slice::from_ref(&one)) {
        Ok(_) => Ok(one),
        Err(error) => Err(format!(
            "{error}; a field is words, accounts, languages, collections, seconds or messages"
        )),
    }
}

/// Fields that are said several times are lists.
fn wanted_of(stated: &[(String, String)]) -> Result<Wanted, serde_json::Error> {
    let mut fields = serde_json::Map::new();
    for (field, value) in stated {
        let list = || serde_json::Value::Array(Vec::new());
        match value.parse::<u64>() {
            Ok(number) if ["seconds", "messages"].contains(&field.as_str()) => {
                fields.insert(field.clone(), number.into());
            }
            _ => {
                if let Some(list) = fields.entry(field.clone()).or_insert_with(list).as_array_mut()
                {
                    list.push(value.clone().into());
                }
            }
        }
    }
    serde_json::from_value(fields.into())
}

fn key(text: &str) -> Result<(String, String), String> {
    let (name, variable) =
        text.split_once('=').ok_or("say it as KEY=VARIABLE, as in app_key=DESK_KEY")?;
    Ok((name.trim().to_owned(), variable.trim().to_owned()))
}
