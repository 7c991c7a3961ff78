use std::path::Path;

use rules::RuleSet;

use crate::PipelineError;

const SOURCES: &str = include_str!("sources.example.toml");

/// Makes a new desk: settings, commented example sources, the built-in rules, and `data/` for the
/// files that people bring in and take out. The folder may exist; a desk in it may not.
pub fn init(dir: &Path, name: &str, contact: &str) -> Result<(), PipelineError> {
    let settings = dir.join("fusion.toml");
    if settings.exists() {
        return Err(PipelineError::Refused(format!("{} is a desk already", dir.display())));
    }
    make(&dir.join("data"))?;
    write(&dir.join("sources.toml"), SOURCES.as_bytes())?;
    for (path, bytes) in RuleSet::builtin_files() {
        let path = dir.join("rules").join(path);
        make(path.parent().unwrap_or(dir))?;
        write(&path, bytes)?;
    }
    // Last, since this file is what makes the folder a desk.
    write(&settings, settings_text(name, contact).as_bytes())
}

fn settings_text(name: &str, contact: &str) -> String {
    let (name, contact) = (toml::Value::from(name), toml::Value::from(contact));
    format!(
        "# A fusion desk. Everything it keeps is in this folder.\n\
         format = {format}\n\n\
         [desk]\n\
         # Shown in packets.\n\
         name = {name}\n\
         # An e-mail address or web page where a site's owner reaches a person.\n\
         # It is sent with every request; `fusion scan` does not start without it.\n\
         contact = {contact}\n\n\
         [polite]\n\
         # Least pause between two requests to one host, in milliseconds.\n\
         min_delay_ms = 2000\n\
         # Most requests to one host on one day (UTC), all runs together.\n\
         max_requests_per_host = 5000\n\n\
         [schedule]\n\
         # When `fusion scan --due` walks sources that name no schedule: five fields of cron.\n\
         default = \"0 */6 * * *\"\n\
         # The time zone that schedules are meant in.\n\
         time_zone = \"UTC\"\n\
         # Each source starts up to so many minutes late, so that they do not start together.\n\
         jitter_minutes = 10\n\n\
         [snapshot]\n\
         # Whether a browser takes a picture of the page of each flagged posting: off, auto (the first\n\
         # Chromium or Chrome on the path) or a browser's file. It has no network and runs no script.\n\
         browser = \"off\"\n\
         # How many hours after its capture the page of a flagged posting is asked for again, while its\n\
         # lead is neither dismissed nor referred; then at each multiple of the last. [] for never.\n\
         again_after_h = [24, 72, 168]\n\
         # Whether the pictures that a flagged posting shows, and the stylesheets of its page, are\n\
         # fetched and kept with it: up to eight of each, from wherever they lie, under the same rules\n\
         # as pages.\n\
         media = true\n\n\
         [evidence]\n\
         # After how many days `fusion serve` and `fusion scan --watch` read all evidence again, a\n\
         # little at a time, and tell what is not as it was written. 0 for never.\n\
         rehash_days = 30\n\n\
         [retention]\n\
         # For how many days what is kept. Leads that are not decided or on hold stay.\n\
         # `fusion retention run --dry-run` shows what is past its time, without --dry-run it goes.\n\
         # What no rule flagged, from its capture on.\n\
         clear_days = 90\n\
         # Decided leads, from when they were decided or last seen.\n\
         dismissed_days = 180\n\
         monitored_days = 730\n\
         escalated_days = 3650\n\
         referred_days = 3650\n\
         # Let `fusion serve` and `fusion scan --watch` do it once a day.\n\
         automatic = false\n\n\
         # Tell your own people of each critical lead while `fusion serve` runs: ids and a link, no word\n\
         # of a posting. The webhook is signed with the secret in the variable that secret_env names.\n\
         # [notify]\n\
         # webhook = \"https://hooks.example.org/fusion\"\n\
         # secret_env = \"FUSION_WEBHOOK_SECRET\"\n\
         # mail_to = [\"someone@example.org\"]\n\
         # mail_from = \"fusion@example.org\"\n\n\
         [packet]\n\
         # The language of reports: uk, ro, ru or en.\n\
         language = \"en\"\n\
         # How the receiving police grade: 3x5x2, 4x4 or admiralty.\n\
         grading = \"4x4\"\n\
         # How far a packet may travel: RED, AMBER+STRICT, AMBER, GREEN, CLEAR.\n\
         tlp = \"AMBER+STRICT\"\n\
         # After how many days a recipient is to delete a packet.\n\
         retention_days = 365\n\
         # The zone that times are shown in beside UTC.\n\
         time_zone = \"UTC\"\n\
         # Whom to turn to when somebody may be in danger: call and check before you write it here.\n\
         routes = []\n",
        format = crate::DESK_FORMAT
    )
}

fn make(dir: &Path) -> Result<(), PipelineError> {
    std::fs::create_dir_all(dir).map_err(PipelineError::file("make", dir))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PipelineError> {
    std::fs::write(path, bytes).map_err(PipelineError::file("write", path))
}
