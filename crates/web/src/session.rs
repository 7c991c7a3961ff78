//! Sessions: who is logged in. Kept in memory alone, so a restart logs everybody out. The cookie
//! holds 256 random bits; we hold its SHA-256, so that no copy of our memory lets anybody in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{LeadId, Sha256};
use jiff::{SignedDuration, Timestamp};

use crate::{Randomness, random_word};

/// A session that is not used ends after so long.
const IDLE: SignedDuration = SignedDuration::from_mins(45);
/// Any session ends after so long.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// So often the cookie is changed for a new one.
const ROTATE: SignedDuration = SignedDuration::from_mins(20);
/// The old cookie is good for so long after that, for what was under way.
const GRACE: SignedDuration = SignedDuration::from_secs(30);
/// A pause of this length counts as a break.
const BREAK: SignedDuration = SignedDuration::from_mins(10);

/// One person logged in on one device.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) login: String,
    /// Must come with every form.
    pub(crate) csrf: String,
    begun: Timestamp,
    seen: Timestamp,
    rotated: Timestamp,
    /// The last break ended here.
    pub(crate) at_work_since: Timestamp,
    /// How many leads were looked at since the log-in, and how many of them are critical.
    pub(crate) exposure: Exposure,
    /// Set when the cookie was changed: until when the old one is good.
    ends: Option<Timestamp>,
}

/// How much of hard things somebody has looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exposure {
    pub(crate) leads: u64,
    pub(crate) critical: u64,
}

#[derive(Default)]
pub(crate) struct Sessions {
    by_digest: Mutex<BTreeMap<[u8; 32], Session>>,
    /// By the secret of the forms: the leads that were looked at, each with whether it is critical.
    /// Apart from the sessions, which are copied for every request.
    looked_at: Mutex<BTreeMap<String, BTreeMap<LeadId, bool>>>,
}

impl Sessions {
    /// Begins a session; gives its cookie.
    pub(crate) fn begin(&self, login: &str, random: &dyn Randomness, now: Timestamp) -> String {
        let cookie = random_word(random);
        let session = Session {
            login: login.to_owned(),
            csrf: random_word(random),
            begun: now,
            seen: now,
            rotated: now,
            at_work_since: now,
            exposure: Exposure::default(),
            ends: None,
        };
        let mut sessions = self.lock();
        sessions.retain(|_, session| session.is_good(now));
        sessions.insert(key(&cookie), session);
        let kept: BTreeSet<&str> = sessions.values().map(|session| &*session.csrf).collect();
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        looked_at.retain(|csrf, _| kept.contains(&**csrf));
        cookie
    }

    /// The session of a cookie, if it is good; and a new cookie when the old one has served its
    /// time.
    pub(crate) fn of(
        &self,
        cookie: &str,
        random: &dyn Randomness,
        now: Timestamp,
    ) -> Option<(Session, Option<String>)> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&key(cookie))?;
        if !session.is_good(now) {
            sessions.remove(&key(cookie));
            return None;
        }
        if now.duration_since(session.seen) >= BREAK {
            session.at_work_since = now;
        }
        session.seen = now;
        let due = session.ends.is_none() && now.duration_since(session.rotated) >= ROTATE;
        if !due {
            return Some((session.clone(), None));
        }
        session.ends = now.checked_add(GRACE).ok();
        let next = Session { rotated: now, ends: None, ..session.clone() };
        let cookie = random_word(random);
        sessions.insert(key(&cookie), next.clone());
        Some((next, Some(cookie)))
    }

    /// Whether the session whose forms carry this secret is still good.
    pub(crate) fn is_good(&self, csrf: &str, now: Timestamp) -> bool {
        self.lock().values().any(|session| session.csrf == csrf && session.is_good(now))
    }

    /// Counts a lead that was looked at, once however often.
    pub(crate) fn looked_at(&self, csrf: &str, lead: &LeadId, critical: bool) {
        let mut sessions = self.lock();
        let mut own = sessions.values_mut().filter(|session| session.csrf == csrf).peekable();
        if own.peek().is_none() {
            return;
        }
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let leads = looked_at.entry(csrf.to_owned()).or_default();
        let before = leads.insert(lead.clone(), critical);
        for session in own {
            let Exposure { leads, critical: grave } = &mut session.exposure;
            *leads += u64::from(before.is_none());
            *grave = (*grave + u64::from(critical)).saturating_sub(u64::from(before == Some(true)));
        }
    }

    /// A break was taken.
    pub(crate) fn took_break(&self, csrf: &str, now: Timestamp) {
        for session in self.lock().values_mut().filter(|session| session.csrf == csrf) {
            session.at_work_since = now;
        }
    }

    /// Ends this session, whichever of its cookies is shown.
    pub(crate) fn end(&self, csrf: &str) {
        self.lock().retain(|_, session| session.csrf != csrf);
    }

    /// Ends all sessions of a person.
    pub(crate) fn end_all_of(&self, login: &str) {
        self.lock().retain(|_, session| session.login != login);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], Session>> {
        self.by_digest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn is_good(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) < IDLE
            && now.duration_since(self.begun) < LONGEST
            && self.ends.is_none_or(|ends| now < ends)
    }

    /// How long somebody has been at work without a break.
    pub(crate) fn minutes_at_work(&self, now: Timestamp) -> i64 {
        now.duration_since(self.at_work_since).as_mins()
    }
}

fn key(cookie: &str) -> [u8; 32] {
    *Sha256::of(cookie.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Counting;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    #[test]
    fn a_session_ends_when_it_is_left_alone_and_at_the_end_of_the_day() {
        let (sessions, random) = (Sessions::default(), Counting::default());
        let cookie = sessions.begin("olena", &random, at(0));
        assert!(sessions.of("another", &random, at(0)).is_none());
        assert!(sessions.of(&cookie, &random, at(1)).is_some());
        assert!(sessions.of(&cookie, &random, at(46)).is_none(), "left alone for 45 minutes");

        let mut cookie = sessions.begin("olena", &random, at(0));
        for minute in (10..720).step_by(10) {
            let (_, next) = sessions.of(&cookie, &random, at(minute)).unwrap();
            cookie = next.unwrap_or(cookie);
        }
        assert!(sessions.of(&cookie, &random, at(720)).is_none(), "after 12 hours");
    }

    #[test]
    fn the_cookie_changes_and_the_old_one_is_good_for_what_was_under_way() {
        let (sessions, random) = (Sessions::default(), Counting::default());
        let cookie = sessions.begin("olena", &random, at(0));
        assert!(sessions.of(&cookie, &random, at(19)).unwrap().1.is_none());
        let (session, next) = sessions.of(&cookie, &random, at(21)).unwrap();
        let next = next.expect("a new cookie");
        assert!(sessions.of(&cookie, &random, at(21)).unwrap().1.is_none());
        assert!(sessions.of(&cookie, &random, at(22)).is_none(), "the old one is no good any more");
        assert_eq!(sessions.of(&next, &random, at(22)).unwrap().0.csrf, session.csrf);
        sessions.end(&session.csrf);
        assert!(sessions.of(&next, &random, at(22)).is_none());
    }

    #[test]
    fn a_lead_counts_once_and_stays_counted_when_the_cookie_changes() {
        let (sessions, random) = (Sessions::default(), Counting::default());
        let cookie = sessions.begin("olena", &random, at(0));
        let csrf = sessions.of(&cookie, &random, at(0)).unwrap().0.csrf;
        let lead = |n: u32| LeadId::new(format!("l-{n:024x}")).unwrap();
        for (number, critical) in [(1, true), (2, false), (1, true), (2, true)] {
            sessions.looked_at(&csrf, &lead(number), critical);
        }
        sessions.looked_at("somebody else's", &lead(3), true);
        let next = sessions.of(&cookie, &random, at(21)).unwrap().1.expect("a new cookie");
        sessions.looked_at(&csrf, &lead(4), false);
        let Exposure { leads, critical } = sessions.of(&next, &random, at(21)).unwrap().0.exposure;
        assert_eq!((leads, critical), (3, 2));
    }

    #[test]
    fn a_pause_of_ten_minutes_is_a_break() {
        let (sessions, random) = (Sessions::default(), Counting::default());
        let cookie = sessions.begin("olena", &random, at(0));
        let minutes = |minute| {
            sessions.of(&cookie, &random, at(minute)).unwrap().0.minutes_at_work(at(minute))
        };
        assert_eq!(minutes(9), 9);
        assert_eq!(minutes(18), 18);
        assert_eq!(minutes(19 + 9), 0);
    }
}
