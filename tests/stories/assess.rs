//! `fusion assess`: the form that other programs rely on.

use serde_json::{Value, json};

use crate::desk::fusion_fed;

const AD: &str = "Паспорт залишається у координатора, дорогу відпрацюєте. Пишіть +380671234567";

fn assess(input: &str) -> Vec<Value> {
    fusion_fed(&["assess", "-"], input.as_bytes()).ended(0).lines()
}

#[test]
fn an_answer_has_the_promised_form() {
    let input = json!({"id": "x1", "text": AD, "region": "UA", "lang": "uk", "kind": "job_ad", "unknown": [1]});
    let answers = assess(&format!("{input}\n"));
    let answer = &answers[0];
    assert_eq!(answer["id"], "x1");
    assert_eq!(answer["lang"], "uk");
    assert!(answer["score"].as_u64().unwrap() >= 40, "{answer}");
    assert!(["medium", "high", "critical"].contains(&answer["band"].as_str().unwrap()));
    assert!(answer["rule_set"].as_str().unwrap().starts_with("sha256:"));
    let indicators: Vec<&Value> = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| &finding["indicator"])
        .collect();
    assert!(indicators.contains(&&json!("document-retention")), "{answer}");
    for finding in answer["findings"].as_array().unwrap() {
        assert!(finding["points"].as_f64().unwrap() > 0.0);
        for span in finding["spans"].as_array().unwrap() {
            let place =
                span["start"].as_u64().unwrap() as usize..span["end"].as_u64().unwrap() as usize;
            assert_eq!(&AD[place], span["quote"].as_str().unwrap());
        }
    }
    assert_eq!(answer["contacts"][0]["kind"], "phone");
    assert_eq!(answer["contacts"][0]["value"], "+380671234567");
    assert_eq!(answer["contacts"][0]["raw"], "+380671234567");
}

#[test]
fn a_bad_line_has_its_error_in_its_place_and_the_run_goes_on() {
    let lines = [
        "{\"id\":\"a\",\"text\":\"робота\"}",
        "no json",
        "{\"id\":\"b\"}",
        "{\"id\":\"c\",\"text\":\"work\"}",
    ];
    let answers = assess(&(lines.join("\n") + "\n"));
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0]["id"], "a");
    assert_eq!((&answers[1]["id"], &answers[1]["line"]), (&Value::Null, &json!(2)));
    assert_eq!((&answers[2]["id"], &answers[2]["line"]), (&json!("b"), &json!(3)));
    assert!(answers[2]["error"].as_str().unwrap().contains("text"));
    assert_eq!(answers[3]["id"], "c");
}

#[test]
fn one_thread_and_many_say_the_same_in_the_same_order() {
    let samples = include_str!("../../fixtures/demo/postings.ndjson");
    let mut input = String::new();
    for round in 0..20 {
        for (number, line) in samples.lines().enumerate() {
            let sample: Value = serde_json::from_str(line).unwrap();
            let row = json!({"id": format!("{round}-{number}"), "title": sample["title"], "text": sample["text"]});
            input += &format!("{row}\n");
        }
    }
    let run =
        |threads| fusion_fed(&["assess", "--threads", threads], input.as_bytes()).ended(0).out;
    let one = run("1");
    assert_eq!(one.lines().count(), samples.lines().count() * 20);
    assert!(one == run("4"), "more threads gave another answer");
}

#[test]
fn a_line_without_end_and_bytes_that_are_no_text_are_errors_in_place() {
    let mut input = vec![b'x'; 9 * 1024 * 1024];
    input.extend(b"\n{\"id\":\"\xff\"}\n{\"id\":\"ok\",\"text\":\"a\"}");
    let answers = fusion_fed(&["assess"], &input).ended(0).lines();
    assert_eq!(answers.len(), 3);
    assert!(answers[0]["error"].as_str().unwrap().contains("longer"));
    assert!(answers[1]["error"].as_str().unwrap().contains("UTF-8"));
    assert_eq!(answers[2]["id"], "ok");
}
