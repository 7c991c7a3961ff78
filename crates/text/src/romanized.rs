//! Ukrainian and Russian typed in Latin letters: "Rabota v Evrope, pasport u koordinatora". Such texts
//! are told by words that no language written in Latin letters has, and read in Cyrillic from there on,
//! word by word, with every letter leading back to the letters that it was typed with.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use domain::Language;

use crate::common_words::CommonWords;
use crate::fold::{Folded, Token, TokenKind};
use crate::from_latin;
use crate::letters::{is_apostrophe, is_cyrillic};
use crate::words::Piece;

/// Words among which one of its own must be, before anything else is looked at.
const FIRST_WORDS: usize = 24;
/// Words looked at to tell a text.
const MOST_WORDS: usize = 80;
/// Different words of its own that a text needs.
const OWN_WORDS: usize = 2;
/// One in so many words, at least, must speak for Cyrillic; those of its own count twice.
const ONE_IN: usize = 5;
/// The same where there are more words of its own.
const ONE_IN_MORE: usize = 9;

/// Words that are Russian, in one of the usual spellings.
const RUSSIAN: &str = "\
    kogda esli uzhe uje tozhe toje eshche eshe eshchyo budesh budut posle mozhem mozhesh mozhete \
    mojem hochesh khochesh hotite khotite hochet khochet zdes seychas sejchas seichas segodnya \
    segodnia voobshche voobsche pochemu svoyu svoey nashey nashem dazhe daje rebyata devchonki \
    devchata muzhchina zhenshchina zhenshchiny jenshiny lyubaya lubaya polnyy polnostyu vremya \
    vremia vecherom nochyu dnya mesyatsa rabotayu rabotaju rabotaet nedeli nedele chtoby chtobi \
    kotorye kotoraya nichego nikto nikogda vmeste tysyach tysyachi \
    rabota raboty rabotu rabote rabotoy rabotoi rabotat rabotaem rabotaet rabotali rabotal \
    nuzhny nuzhen nuzhna nuzhno nujny nujen nujna nujno deneg dengi dengami zarplatu zarplate \
    devushki devushka devushek devushkam devochki devochka zhilye zhilyo zhilje zhile zhilio \
    jilye jilyo vyezd viezd pishi pishite pishy zvoni zvonite lichku lichke chto kak eto etot \
    ili dlya dlja dlia tebya tebe ochen mozhno mojno srochno ezhednevno ejednevno chasov opyta \
    yazyk yazyka iazyk granitsu granicu granitsey granicey rubezhom evrope evropu evropy polshu \
    polshe germaniyu germaniya germanii italiyu ispaniyu turtsiyu otdaesh otdaete otdaem \
    zabiraem zabirayut trebuetsya trebuyutsya trebuetsia vakansiya vakansii ishchu ishu ishchem \
    ischem predlagayu predlagaem besplatnoe zaplatim platim platyat poluchish poluchaesh \
    zarabotok zarabotka podrabotka podrabotku otrabotaesh otrabotaete vsegda tolko skolko bolshe \
    menshe horosho khorosho khoroshaya horoshaya kazhdyy kazhdyi kazhdiy kazhdyj kazhduyu \
    nedelyu nedeliu nedelju mesyats mesiats mesyatsa mesyac chelovek lyudi lyudey liudi privet \
    zabyla edet poezdka poezdku proezd oplatim oplachivaem oplachivaetsya prozhivanie projivanie \
    smeny razdnyh khozyain hozyain khoziain nachalnik nachalnika brigadira starshego starshiy \
    podrobnosti podrobno lichno skazhem skazhu rasskazhu roditelyam roditeliam govori sprashivay \
    trebuem obeshchaem garantiruem oformlenie oformim krasivye krasivaya molodye \
    sovershennoletnie bystro bystrye legko srazu gorode ulitsa ulitse zhivem zhit zhivu uezzhaem \
    vyezzhaem zagran zagranpasport";

/// Words that are Ukrainian.
const UKRAINIAN: &str = "\
    dopomozhemo dopomozhut viddaty zabraty zustrine zustrinut vyyikhaty vyikhaty treba tilky \
    pratsya pratsia pratsi pratsiuiemo pratsyuyemo robotoyu robotoiu zhytlo jytlo zhytla \
    bezkoshtovno bezkoshtovne bezkoshtovnyi kordonom potribni potriben potribna potribno \
    divchata divchyna divchyny divchat hroshi groshi hroshey groshey hroshei shcho scho yakshcho \
    iakshcho tse pyshit pyshy telefonuite telefonuyte dzvonit dzvoni mozhna dosvidu dosvid \
    tyzhden misyats misyatsya misiats misiatsia hodyn godyn hryven viddaiesh viddaesh viddayesh \
    zabyraiemo zabyrayemo zabyrayut zabyraiut poyizdka poizdka vyizd vyyizd vyyizdu viyizd \
    ukrainky ukrayinky yevropi yevropu polshchi polshchu polschi polschu nimechchyni nimechchynu \
    dohovir dogovir dohovoru zarobitok zarobitku zarobyty pidrobitok shukayu shukaiu shukaiemo \
    shukayemo zaproshuiemo zaproshuyemo proponuiemo proponuyemo vymoh vymog shchodnya shchodnia \
    schodnya shchotyzhnia budemo duzhe tilky skilky bilshe menshe lyudy liudy pryvit usim vsim \
    khto hto yide idemo doroha dorohu proyizd proizd splachuiemo oplachuiemo oplachuyemo \
    prozhyvannya prozhyvannia kharchuvannya kharchuvannia harchuvannya zmina zminy hospodarya \
    starshoho starshogo povidom napyshy napyshit batkam kazhy kazhit vikom rokiv krasyvi krasyva \
    molodi shvydko odrazu potim misti vulytsya zhyty zhyvemo yidemo vyizhdzhaiemo moyi tvoyi \
    tvoi nashi nashykh nashyh yoho jogo";

/// Small words of both, which other languages have as well.
const SMALL: &str = "\
    v na ne i za do s k po u z ta bez ot o a my vy nas vas ya ty on ona vse no ni da net kuda \
    gde robota roboty robotu roboti pasport pasporta pasporty pasportu dokumenty dokumentov \
    dokumentiv zarplata oplata besplatno telegram viber detey iz koordinatora koordynatora \
    dogovor dogovora kto poka smena potom grafik hrafik pitanie klient detali yak vid gorod vsem \
    bude";

/// Whether one of the first words is Russian or Ukrainian: all that is asked of most texts.
fn begins_so(folded: &Folded) -> bool {
    let words = folded.tokens().iter().filter(|token| token.kind == TokenKind::Word);
    words.take(FIRST_WORDS).any(|token| own_words().points(folded.word(token)).is_some())
}

fn own_words() -> &'static CommonWords {
    static WORDS: LazyLock<CommonWords> = LazyLock::new(|| {
        let [russian, ukrainian] = [RUSSIAN, UKRAINIAN].map(split);
        CommonWords::of(&[(Language::Ru, &russian), (Language::Uk, &ukrainian)], 1)
    });
    &WORDS
}

fn small_words() -> &'static CommonWords {
    static WORDS: LazyLock<CommonWords> =
        LazyLock::new(|| CommonWords::of(&[(Language::Ru, &split(SMALL))], 1));
    &WORDS
}

fn split(list: &'static str) -> Vec<&'static str> {
    list.split_ascii_whitespace().collect()
}

/// The language of a text in Latin letters that is meant in Cyrillic ones.
pub(crate) fn told(folded: &Folded) -> Option<Language> {
    if !begins_so(folded) {
        return None;
    }
    let (mut seen, mut speaking, mut cyrillic) = (0, 0, 0);
    let (mut russian, mut ukrainian) = (BTreeSet::new(), BTreeSet::new());
    for token in folded.tokens().iter().filter(|token| token.kind == TokenKind::Word) {
        let word = folded.word(token);
        if word.chars().next().is_some_and(is_cyrillic) {
            cyrillic += 1;
            continue;
        }
        seen += 1;
        let points = own_words().points(word).copied();
        let is = |language: Language| points.is_some_and(|points| points[language as usize] > 0);
        let ends_ukrainian = points.is_none() && ends_in(word, UKRAINIAN_ENDS);
        if is(Language::Ru) {
            russian.insert(word);
        }
        if is(Language::Uk) || ends_ukrainian {
            ukrainian.insert(word);
        }
        speaking += match points {
            Some(_) => 2,
            None if ends_ukrainian => 2,
            None if small_words().points(word).is_some() || sounds_slavic(word) => 1,
            None => 0,
        };
        if seen == MOST_WORDS {
            break;
        }
    }
    let own = russian.union(&ukrainian).count();
    let one_in = if own > OWN_WORDS { ONE_IN_MORE } else { ONE_IN };
    if own < OWN_WORDS || cyrillic * 2 > seen || speaking * one_in < seen * 2 {
        return None;
    }
    Some(if ukrainian.len() > russian.len() { Language::Uk } else { Language::Ru })
}

/// Endings that only Ukrainian words have.
const UKRAINIAN_ENDS: &[&str] = &["nnya", "nnia", "iemo", "yemo", "ykh", "oho", "ytsya", "ytsia"];

fn ends_in(word: &str, ends: &[&str]) -> bool {
    word.len() > 4 && ends.iter().any(|end| word.ends_with(end))
}

/// Endings and letters together that words of languages with a Latin alphabet seldom have.
fn sounds_slavic(word: &str) -> bool {
    const ENDS: &[&str] =
        &["iya", "aya", "uyu", "ayut", "aiut", "yayut", "etsya", "etsia", "shchi", "yye", "oye"];
    ends_in(word, ENDS) || word.contains("shch") || word.contains("zh")
}

/// Words that are the same in any letters, and that others look for in Latin ones.
const KEPT: &[&str] = &["euro", "eur", "usd", "gbp", "pln", "ron", "mdl", "zl", "sms", "cv", "pdf"];

impl Folded {
    /// Folds the text anew, with its words read in Cyrillic. Addresses and handles stay as they are.
    pub(crate) fn read_in_cyrillic(&mut self, original: &str, language: Language) {
        let before = std::mem::take(self);
        let (mut typed, mut word) = (Vec::new(), Vec::new());
        let mut end = 0;
        let mut tokens = before.tokens().iter().peekable();
        while let Some(token) = tokens.next() {
            self.copy(&before, end..token.start as usize);
            let mut last = token;
            // `4to`, `4asov`: a word that begins with a digit for a letter.
            if before.word(token) == "4"
                && let Some(next) =
                    tokens.next_if(|next| next.from == token.to && next.kind == TokenKind::Word)
            {
                last = next;
            }
            end = last.end as usize;
            let is_number = last.kind == TokenKind::Number;
            if is_number || is_kept(&before, last, original) {
                self.copy_token(&before, token);
                if last != token {
                    self.copy_token(&before, last);
                }
                continue;
            }
            typed.clear();
            typed.extend(letters(original, token.from as usize, last.to as usize));
            from_latin::cyrillic(&typed, language, &mut word);
            if word.is_empty() {
                self.copy_token(&before, last);
                continue;
            }
            let start = self.text().len();
            word.iter().for_each(|piece| self.put(*piece));
            let to = word.last().map_or(last.to, |piece| piece.to.max(last.to));
            self.push_again(last, start, token.from, to);
        }
        self.copy(&before, end..before.text().len());
        self.end_romanized(language);
    }

    fn copy_token(&mut self, before: &Folded, token: &Token) {
        let start = self.text().len();
        self.copy(before, token.start as usize..token.end as usize);
        self.push_again(token, start, token.from, token.to);
    }

    fn copy(&mut self, before: &Folded, range: std::ops::Range<usize>) {
        let Some(text) = before.text().get(range.clone()) else { return };
        for (at, c) in text.char_indices() {
            let at = range.start + at;
            let from = before.original_range(at..at + c.len_utf8());
            self.put(Piece { c, from: from.start as u32, to: from.end as u32 });
        }
    }
}

/// Numbers, words in Cyrillic, money, and the parts of addresses and handles.
fn is_kept(folded: &Folded, token: &Token, original: &str) -> bool {
    let word = folded.word(token);
    let before = original[..token.from as usize].chars().next_back();
    let mut after = original[token.to as usize..].chars();
    let (next, second) = (after.next(), after.next());
    !word.starts_with(|c: char| c.is_ascii_lowercase())
        || KEPT.contains(&word)
        || matches!(before, Some('@' | '/' | '_' | '#' | '='))
        || matches!(next, Some('@' | '_' | '/' | '='))
        || (next == Some('.')
            && second.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
        || (before == Some('.')
            && original[..token.from as usize - 1].ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// The letters of a word as they were typed, in lower case, and the soft sign behind it.
fn letters(original: &str, from: usize, to: usize) -> impl Iterator<Item = Piece> + '_ {
    let mut after = original[to..].char_indices();
    let soft_sign = after.next().filter(|(_, c)| is_apostrophe(*c));
    let is_quoted = original[..from].ends_with(is_apostrophe);
    let goes_on = after.next().is_some_and(|(_, c)| c.is_alphabetic());
    let soft_sign = soft_sign.filter(|_| !is_quoted && !goes_on);
    let word = original[from..to].char_indices().map(move |(at, c)| (from + at, c));
    let soft_sign = soft_sign.map(|(_, c)| (to, c));
    word.chain(soft_sign).filter(|(_, c)| c.is_alphanumeric() || is_apostrophe(*c)).filter_map(
        |(at, c)| {
            let (from, to) = (at as u32, (at + c.len_utf8()) as u32);
            c.to_lowercase().next().map(|c| Piece { c, from, to })
        },
    )
}
