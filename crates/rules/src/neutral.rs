//! Fairness: no rule may fire on origin, nationality, religion, gender or language alone. All rules
//! are run on sentences that hold nothing else.

use std::collections::BTreeSet;

use text::Folded;

use crate::matching::Matcher;
use crate::problem::{Problems, code};
use crate::read::yaml::shortened;
use crate::rule_set::RuleSet;
use crate::scan::Subject;

/// Words of one language that say who somebody is, parted by commas, and words between them.
struct Neutral {
    /// "she is", "we are"
    openings: &'static str,
    /// woman, man, girl
    genders: &'static str,
    /// Ukrainian, Roma
    nationalities: &'static str,
    /// "from Moldova"
    origins: &'static str,
    /// Muslim, Orthodox
    religions: &'static str,
    /// "speaks Romanian"
    languages: &'static str,
    and: &'static str,
}

const NEUTRAL: [Neutral; 6] = [
    Neutral {
        openings: "вона, він, ми, це",
        genders: "жінка, чоловік, дівчина, хлопець, жінки, чоловіки, дівчата, хлопці, жінок, \
            дівчат",
        nationalities: "українка, українець, українки, українців, молдованка, молдованин, румунка, \
            румун, росіянка, росіянин, полька, поляк, німець, циганка, ром, роми, єврейка, \
            єврей, турок, араб, грузин, узбек, в'єтнамець, китаєць, індус, африканець",
        origins: "з України, з Молдови, з Румунії, з Росії, з Польщі, з Німеччини, з Туреччини, \
            з Африки, з Азії, з Донбасу, з Одеси",
        religions: "мусульманка, мусульманин, православна, православний, католик, протестант, \
            юдей, буддист, атеїст, іслам, християнка",
        languages: "українською, російською, румунською, англійською, польською, говорить \
            українською, говорить російською, румунська мова, рідна мова українська",
        and: "і",
    },
    Neutral {
        openings: "она, он, мы, это",
        genders: "женщина, мужчина, девушка, парень, женщины, мужчины, девушки, парни, женщин, \
            девушек",
        nationalities: "украинка, украинец, украинки, украинцев, молдаванка, молдаванин, румынка, \
            румын, русская, русский, полька, поляк, немец, цыганка, рома, еврейка, еврей, \
            турок, араб, грузин, узбек, вьетнамец, китаец, индус, африканец, славянка, \
            славянки",
        origins: "из Украины, из Молдовы, из Румынии, из России, из Польши, из Германии, из \
            Турции, из Африки, из Азии, с Донбасса, из Одессы",
        religions: "мусульманка, мусульманин, православная, православный, католик, протестант, \
            иудей, буддист, атеист, ислам, христианка",
        languages: "по-украински, по-русски, по-румынски, по-английски, говорит по-русски, русский \
            язык, родной язык украинский",
        and: "и",
    },
    Neutral {
        openings: "ea este, el este, suntem, aceasta este",
        genders: "femeie, bărbat, fată, băiat, femei, bărbați, fete, băieți",
        nationalities: "româncă, român, românce, români, moldoveancă, moldovean, ucraineancă, \
            ucrainean, ucrainence, ucraineni, rusoaică, rus, poloneză, german, romă, rom, \
            romi, evreică, evreu, turc, arab, maghiară, chinez, african",
        origins: "din România, din Moldova, din Ucraina, din Rusia, din Polonia, din Germania, \
            din Turcia, din Africa, din Asia, din Iași, din Chișinău",
        religions: "musulmană, musulman, ortodoxă, ortodox, catolic, protestant, evreu, budist, \
            ateu, islam, creștină",
        languages: "vorbește română, vorbește ucraineană, vorbește rusă, limba română, limba \
            engleză, limba maternă ucraineană",
        and: "și",
    },
    Neutral {
        openings: "she is, he is, we are, this is",
        genders: "a woman, a man, a girl, a boy, women, men, girls, boys, ladies, female, male",
        nationalities: "Ukrainian, Ukrainians, Moldovan, Romanian, Russian, Polish, German, Roma, \
            Gypsy, Jewish, Turkish, Arab, Georgian, Uzbek, Vietnamese, Chinese, Indian, \
            African, Nigerian, Slavic, Eastern European",
        origins: "from Ukraine, from Moldova, from Romania, from Russia, from Poland, from \
            Germany, from Turkey, from Africa, from Asia, from Odesa, refugee from Ukraine",
        religions: "Muslim, Orthodox, Catholic, Protestant, Jewish, Buddhist, atheist, Islam, \
            Christian, Hindu",
        languages: "speaks Ukrainian, speaks Russian, speaks Romanian, speaks no English, native \
            language Ukrainian, Russian speaking",
        and: "and",
    },
    Neutral {
        openings: "ona jest, on jest, jesteśmy",
        genders: "kobieta, mężczyzna, dziewczyna, chłopak, kobiety, mężczyźni, dziewczyny",
        nationalities: "Ukrainka, Ukrainiec, Ukrainki, Mołdawianka, Rumunka, Rumun, Rosjanka, Polka, \
            Polak, Niemiec, Romka, Rom, Żydówka, Turek, Arab, Gruzin",
        origins: "z Ukrainy, z Mołdawii, z Rumunii, z Rosji, z Polski, z Niemiec, z Afryki, z \
            Azji",
        religions: "muzułmanka, prawosławna, katolik, protestant, żyd, buddysta, ateista, islam",
        languages: "mówi po ukraińsku, mówi po rosyjsku, mówi po polsku, język ukraiński",
        and: "i",
    },
    Neutral {
        openings: "sie ist, er ist, wir sind",
        genders: "eine Frau, ein Mann, ein Mädchen, ein Junge, Frauen, Männer, Mädchen",
        nationalities: "Ukrainerin, Ukrainer, Moldauerin, Rumänin, Rumäne, Russin, Polin, Deutsche, \
            Romni, Roma, Jüdin, Türke, Araber, Georgier",
        origins: "aus der Ukraine, aus Moldau, aus Rumänien, aus Russland, aus Polen, aus \
            Deutschland, aus Afrika, aus Asien",
        religions: "Muslimin, orthodox, katholisch, evangelisch, jüdisch, buddhistisch, Atheist, \
            Islam",
        languages: "spricht Ukrainisch, spricht Russisch, spricht Rumänisch, Muttersprache \
            Ukrainisch",
        and: "und",
    },
];

/// Reports each rule that fires on a neutral sentence, once, with the shortest such sentence.
pub(crate) fn run(rule_set: &RuleSet, problems: &mut Problems) {
    let mut matcher = Matcher::new(&rule_set.compiled);
    let mut folded = Folded::default();
    let mut reported = BTreeSet::new();
    let mut sentences: Vec<String> = NEUTRAL.iter().flat_map(Neutral::sentences).collect();
    sentences.sort_by_key(|sentence| sentence.chars().count());
    for sentence in sentences {
        folded.refold(&sentence);
        let subject = Subject { title: None, text: (&sentence, &folded), contacts: &[] };
        for matched in matcher.matches(subject) {
            if matched.spans.is_empty() || !reported.insert(matched.rule) {
                continue;
            }
            let rule = &rule_set.rules[matched.rule];
            problems.enter_file(&rule.file);
            problems.enter_rule(Some(rule.id.as_str()));
            let message = format!("fires on who somebody is, in `{}`", shortened(&sentence));
            problems.report(code::UNFAIR, rule.line, message);
        }
    }
}

impl Neutral {
    /// Every word alone and behind every opening, every gender with every other word, and whole
    /// sentences of all kinds of words.
    fn sentences(&self) -> Vec<String> {
        let (openings, genders) = (items(self.openings), items(self.genders));
        let kinds = [self.nationalities, self.origins, self.religions, self.languages].map(items);
        let mut sentences = Vec::new();
        for word in kinds.iter().flatten().chain(&genders) {
            sentences.push((*word).to_owned());
            sentences.extend(openings.iter().map(|opening| format!("{opening} {word}.")));
        }
        for gender in &genders {
            for word in kinds.iter().flatten() {
                sentences.push(format!("{gender} {word}"));
                sentences.push(format!("{word} {gender}"));
            }
        }
        let longest = kinds.iter().map(Vec::len).max().unwrap_or(0);
        for index in 0..longest {
            let pick = |words: &Vec<&'static str>| words[index % words.len()];
            let [nationality, origin, religion, language] = kinds.each_ref().map(pick);
            let (opening, gender, and) = (pick(&openings), pick(&genders), self.and);
            sentences.push(format!(
                "{opening} {gender} {origin}, {nationality} {and} {religion}, {language}."
            ));
        }
        for kind in kinds.iter().chain([&genders]) {
            sentences.push(kind.join(", "));
            sentences.push(kind.join(&format!(" {} ", self.and)));
        }
        sentences
    }
}

fn items(words: &'static str) -> Vec<&'static str> {
    words.split(", ").collect()
}
