//! Numbers and form as conditions: one invented rule at a time.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

use std::fs;

use sample::{quotes, rule_set};

/// Each text with what is quoted from it; nothing if the rule stays silent.
fn check(condition: &str, texts: &[(&str, &str)]) {
    let rule_set = rule_set("any", condition);
    for (text, expected) in texts {
        assert_eq!(quotes(&rule_set, text).0, *expected, "{condition} on `{text}`");
    }
}

#[test]
fn pay_is_held_against_the_wage_of_the_place() {
    check(
        "{any: [{fact: pay_ratio, from: 2.5}]}",
        &[
            ("Склад у Польщі, зп 3000 євро на місяць", "3000 євро на місяць"),
            ("Склад у Польщі, зп 1500 євро на місяць", ""),
            ("Стройка в Норвегии, зарплата 4000 евро", ""),
            ("Робота за кордоном, 250€/день", "250€/день"),
            ("Робота за кордоном, 60€/день", ""),
            ("Зарплата 30 000 грн", ""),
            ("Зарплата 80 000 грн", "80 000 грн"),
            ("Lucru în Olanda și Germania, 2500 euro pe lună", ""),
            ("Дубай, девушки, 5000$ в месяц", "5000$ в месяц"),
            ("Продам машину 5000$", ""),
            ("Зарплата 120 євро", ""),
        ],
    );
    check(
        "{any: [{fact: pay_month, from: 1000, to: 2000}]}",
        &[("зп 8 євро за годину", "8 євро за годину"), ("зп 900 євро", "")],
    );
    check(
        "{any: [{fact: pay_client, from: 1}]}",
        &[("100 евро за клиента", "100 евро за клиента"), ("100 евро в час", "")],
    );
}

#[test]
fn ages_hours_days_and_fees_are_compared() {
    check(
        "{any: [{fact: age_to, from: 18, to: 30}]}",
        &[
            ("Потрібні дівчата 18-25", "18-25"),
            ("Потрібні жінки 18-55", ""),
            ("Потрібні дівчата 18+", ""),
            ("femei, max 30 de ani", "30 de ani"),
        ],
    );
    check("{any: [{fact: age_from, to: 17}]}", &[("хлопці з 15 років", "15 років")]);
    check(
        "{any: [{fact: hours_per_day, from: 12}, {fact: days_per_week, from: 7}]}",
        &[
            ("графік по 14 годин", "14 годин"),
            ("по 8 часов, 7 дней в неделю", "7 дней в неделю"),
            ("по 8 часов, 5 дней в неделю", ""),
        ],
    );
    check(
        "{any: [{fact: fee, from: 50}]}",
        &[("застава 5000 грн", "5000 грн"), ("застава 500 грн", "")],
    );
}

#[test]
fn facts_stand_among_all_and_unless_like_words() {
    check(
        "{any: ['дівчат*'], all: [{fact: age_to, to: 30}], unless: [{fact: age_to, from: 26}]}",
        &[
            ("Потрібні дівчата 18-25", "дівчата | 18-25"),
            ("Потрібні дівчата 18-28", ""),
            ("Потрібні дівчата", ""),
        ],
    );
}

#[test]
fn form_is_quoted_where_it_shows() {
    check(
        "{any: [{signal: obfuscated, at_least: 2}]}",
        &[
            ("Рoбoта, п.а.с.п.о.р.т", "Рoбoта | п.а.с.п.о.р.т"),
            ("Рoбoта, паспорт", ""),
            ("Робота i життя, i все", ""),
        ],
    );
    check(
        "{any: [{signal: mixed_scripts}]}",
        &[("Рoбoта, п.а.с.п.о.р.т", "Рoбoта"), ("Linux адмін", "")],
    );
    check(
        "{any: [{signal: messenger_only}]}",
        &[
            ("Робота, пиши @olena_jobs", "@olena_jobs"),
            ("Робота, t.me/+AbCdEfGh1", "t.me/+AbCdEfGh1"),
            ("Робота, @olena_jobs або 067 123 45 67", ""),
            ("Робота, @olena_jobs, office@example.com", ""),
            ("Робота, дзвоніть", ""),
        ],
    );
}

#[test]
fn what_no_number_can_be_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "topic: sample
language: any
rules:
  - id: any.sample.one
    name: Sample
    indicator: excessive-pay
    status: test
    version: 1
    match:
      any:
        - fact: pay
          from: 1
        - fact: age_to
        - {fact: age_to, from: 30, to: 18}
        - {fact: age_to, from: many}
        - {fact: age_to, at_least: 1, from: 1}
        - signal: shouting
        - {signal: obfuscated, at_least: 0}
        - {fact: pay_ratio, from: 2}
        - {quote: x}
    why: w
    known_gaps: g
    triage: [q]
    examples: [{text: t}]
    counter_examples: [{text: t, because: b}]
";
    for (path, bytes) in rules::RuleSet::builtin_files() {
        if !path.contains('/') && path != "wages.yaml" {
            fs::write(folder.path().join(path), bytes).unwrap();
        }
    }
    fs::write(folder.path().join("wages.yaml"), "as_of: x\nabroad: -1\n").unwrap();
    fs::create_dir(folder.path().join("any")).unwrap();
    fs::write(folder.path().join("any/sample.yaml"), rule).unwrap();
    let problems = rules::check(folder.path()).unwrap();
    let told: Vec<String> = problems.iter().map(|problem| format!("{problem}\n")).collect();
    insta::assert_snapshot!(told.concat());
}
