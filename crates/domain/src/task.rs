//! What people mean to do about a lead. A task is a remark that begins with `[ ] `, as lists of tasks
//! are written everywhere; it is done when a later remark says `[x] ` and the same words. So it is in
//! the custody log, in packets and on the command line like any other remark.

use crate::{Lead, Note};

const OPEN: &str = "[ ] ";
const DONE: &str = "[x] ";

/// Something that is to be done about a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task<'l> {
    /// What.
    pub text: &'l str,
    /// The remark that set it.
    pub set: &'l Note,
    /// The remark that says that it is done.
    pub done: Option<&'l Note>,
}

/// What a remark says about a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskNote<'n> {
    /// It is to be done.
    Set(&'n str),
    /// It is done.
    Done(&'n str),
}

impl<'n> TaskNote<'n> {
    /// What a remark's text says about a task; `None` if it is a remark and no more.
    pub fn of(text: &'n str) -> Option<Self> {
        let set = text.strip_prefix(OPEN).map(|text| Self::Set(text.trim()));
        set.or_else(|| text.strip_prefix(DONE).map(|text| Self::Done(text.trim())))
    }

    /// The remark's text.
    pub fn to_text(self) -> String {
        match self {
            Self::Set(text) => format!("{OPEN}{}", text.trim()),
            Self::Done(text) => format!("{DONE}{}", text.trim()),
        }
    }
}

impl Lead {
    /// All tasks, in order of time. The same words set again once they are done are a new one.
    pub fn tasks(&self) -> Vec<Task<'_>> {
        let mut tasks: Vec<Task<'_>> = Vec::new();
        for note in &self.notes {
            match TaskNote::of(&note.text) {
                Some(TaskNote::Set(text)) if open(&mut tasks, text).is_none() => {
                    tasks.push(Task { text, set: note, done: None });
                }
                Some(TaskNote::Done(text)) => {
                    open(&mut tasks, text).into_iter().for_each(|task| task.done = Some(note));
                }
                _ => {}
            }
        }
        tasks
    }

    /// How many tasks wait to be done.
    pub fn open_tasks(&self) -> usize {
        self.tasks().iter().filter(|task| task.done.is_none()).count()
    }
}

fn open<'t, 'l>(tasks: &'t mut [Task<'l>], text: &str) -> Option<&'t mut Task<'l>> {
    tasks.iter_mut().find(|task| task.done.is_none() && task.text == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Band, LeadId, Score, Spread};

    fn lead(notes: &[&str]) -> Lead {
        let id: LeadId = "l-0123456789abcdef01234567".parse().unwrap();
        let founder = id.founder().unwrap();
        let at = "2026-11-28T10:00:00Z".parse().unwrap();
        let note =
            |text: &&str| Note { by: "Ana".into(), at, text: (*text).into(), lead: id.clone() };
        Lead {
            postings: vec![founder.clone()],
            strongest: founder,
            highest: Score::from_probability(0.5),
            score: Score::from_probability(0.5),
            band: Band::Medium,
            reasons: Vec::new(),
            spread: Spread::default(),
            opened_at: at,
            claimed_by: None,
            claim: None,
            decisions: Vec::new(),
            notes: notes.iter().map(note).collect(),
            snapshots: Vec::new(),
            revisits: Vec::new(),
            images: Vec::new(),
            stylesheets: Vec::new(),
            told_apart: false,
            id,
        }
    }

    fn tasks(notes: &[&str]) -> Vec<(String, bool)> {
        let lead = lead(notes);
        lead.tasks().iter().map(|task| (task.text.to_owned(), task.done.is_some())).collect()
    }

    #[test]
    fn a_task_is_open_until_somebody_says_that_it_is_done() {
        assert_eq!(
            tasks(&["a remark", "[ ] call the inspectorate"]),
            [("call the inspectorate".into(), false)]
        );
        assert_eq!(tasks(&["[ ] a", "[ ] b", "[x] a"]), [("a".into(), true), ("b".into(), false)]);
        assert_eq!(lead(&["[ ] a", "[ ] b", "[x] a"]).open_tasks(), 1);
    }

    #[test]
    fn the_same_words_are_one_task_until_they_are_done() {
        assert_eq!(tasks(&["[ ] a", "[ ] a "]), [("a".into(), false)]);
        assert_eq!(tasks(&["[ ] a", "[x] a", "[ ] a"]), [("a".into(), true), ("a".into(), false)]);
    }

    #[test]
    fn what_was_never_set_is_not_done_and_a_bracket_is_no_task() {
        for notes in [&["[x] a"][..], &["[] a"], &["a [ ] b"], &["[X] a"]] {
            assert_eq!(tasks(notes), [], "{notes:?}");
        }
        for text in [TaskNote::Set("a"), TaskNote::Done("a")] {
            assert_eq!(TaskNote::of(&text.to_text()), Some(text));
        }
    }
}
