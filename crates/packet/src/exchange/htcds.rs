//! Rows for case management in the field names of the Human Trafficking Case Data Standard 2.0
//! (IOM). A posting is no case and its readers are no victims: only the fields that the words of an
//! offer can fill are there, and none of the fields about a person. `docs/exchange/htcds.schema.json`
//! describes a row.

use domain::{ContactKind, PostingKind};

use super::table;
use crate::dossier::{DisclosedPosting, Dossier};
use crate::{Handover, PacketError};

const HEAD: [&str; 22] = [
    "org_Name",
    "cas_CaseNumber",
    "cas_Status",
    "cas_ReferringOrganisation",
    "cas_IncomingReferralDate",
    "vic_MethodOfRecruitment",
    "vic_RecruitmentWebsitesAndApps",
    "MethodsOfControlDebtBondage",
    "MethodsOfControlTakesEarnings",
    "MethodsOfControlThreats",
    "MethodsOfControlFalsePromises",
    "MethodsOfControlRestrictsMovement",
    "MethodsOfControlExcessiveWorkingHours",
    "MethodsOfControlWithholdsDocuments",
    "MethodsOfControlOther",
    "vic_TypeOfLabourExploitation",
    "vic_TypeOfSexExploitation",
    "per_RoleInProcess",
    "hte_Type",
    "hte_Date",
    "hte_Description",
    "fusion_Basis",
];

/// Signs that announce a way of control, by the column that it goes into.
const CONTROL: [(&str, &[&str]); 8] = [
    ("MethodsOfControlDebtBondage", &["recruitment-debt"]),
    ("MethodsOfControlTakesEarnings", &["wage-withholding"]),
    ("MethodsOfControlThreats", &["leaving-penalty"]),
    (
        "MethodsOfControlFalsePromises",
        &[
            "excessive-pay",
            "vague-duties",
            "modelling-casting-lure",
            "romance-lure",
            "marriage-offer",
        ],
    ),
    ("MethodsOfControlRestrictsMovement", &["movement-restriction", "phone-restriction"]),
    ("MethodsOfControlExcessiveWorkingHours", &["excessive-hours", "domestic-servitude"]),
    ("MethodsOfControlWithholdsDocuments", &["document-retention"]),
    (
        "MethodsOfControlOther",
        &["secrecy-instruction", "authority-fear", "delete-messages", "border-coaching"],
    ),
];

const LABOUR: [(&str, &[&str]); 3] = [
    ("Begging", &["forced-begging"]),
    ("DomesticWork", &["domestic-servitude"]),
    ("IllicitActivities", &["drug-courier", "money-mule", "scam-centre"]),
];

const SEX: [(&str, &[&str]); 1] = [("RemoteInteractiveServices", &["webcam-studio"])];

const APPS: [(&str, &str); 5] = [
    ("telegram:", "Telegram"),
    ("whatsapp:", "WhatsApp"),
    ("viber:", "Viber"),
    ("instagram:", "Instagram"),
    ("facebook:", "Facebook"),
];

pub(super) fn rows(dossier: &Dossier<'_>, handover: &Handover<'_>) -> Result<Vec<u8>, PacketError> {
    let rows = dossier.postings.iter().map(|posting| row(dossier, handover, posting));
    table(&HEAD, rows.collect())
}

fn row(dossier: &Dossier<'_>, handover: &Handover<'_>, posting: &DisclosedPosting) -> Vec<String> {
    let read = &posting.stored.posting;
    let findings = &posting.stored.assessment.findings;
    let shows =
        |signs: &[&str]| findings.iter().any(|finding| signs.contains(&finding.indicator.as_str()));
    let named = |kinds: &[(&str, &[&str])]| {
        let named = kinds.iter().filter(|(_, signs)| shows(signs)).map(|(name, _)| *name);
        named.collect::<Vec<_>>().join(";")
    };
    let method = match read.kind {
        PostingKind::JobAd => "Job offer/advertisement",
        PostingKind::SocialPost => "Internet (social media, online advertisement)",
        PostingKind::Tip => "Unknown",
    };
    let signs: Vec<&str> = findings.iter().map(|finding| finding.indicator.as_str()).collect();
    let day = |at: jiff::Timestamp| at.strftime("%Y-%m-%d").to_string();
    let mut row = vec![
        dossier.desk.to_owned(),
        format!("{}/{}", dossier.lead.id, read.id),
        "ClosedReferred".to_owned(),
        dossier.desk.to_owned(),
        day(dossier.built_at),
        method.to_owned(),
        apps(posting),
    ];
    row.extend(CONTROL.iter().map(|(_, signs)| shows(signs).to_string()));
    row.extend([
        named(&LABOUR),
        named(&SEX),
        "RecruiterOrIntermediary".to_owned(),
        "Recruitment".to_owned(),
        day(read.published_at.unwrap_or(read.captured_at)),
        format!("Public posting; signs found in its words: {}", signs.join(", ")),
        format!(
            "words of an offer, not the experience of a person; graded {} {}{}",
            handover.grading.scheme,
            handover.grading.source(),
            handover.grading.information()
        ),
    ]);
    row
}

/// The messengers by which the posting asks to be reached. Masked accounts name none.
fn apps(posting: &DisclosedPosting) -> String {
    let contacts = posting.stored.posting.contacts.iter();
    let of_apps = contacts
        .filter(|contact| matches!(contact.kind, ContactKind::Handle | ContactKind::Invite));
    let mut apps: Vec<&str> = of_apps
        .filter_map(|contact| {
            let found = APPS.iter().find(|(prefix, _)| contact.value.starts_with(prefix));
            found.map(|(_, app)| *app)
        })
        .collect();
    apps.sort_unstable();
    apps.dedup();
    apps.join(";")
}
