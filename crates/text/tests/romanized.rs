//! Ukrainian and Russian in Latin letters: told from all other languages, and read in Cyrillic.

#![allow(clippy::unwrap_used, reason = "tests")]

use domain::Language;
use proptest::prelude::*;
use text::{Folded, language};

const RUSSIAN: &str = "\
Rabota v Evrope, pasport u koordinatora, dokumenty ne nuzhny
Rabota Polsha ptitsefabrika, smena 12 ch, dengi v kontse srazu za vse mesiatsy, pishi v viber
Nuzhny devushki na rabotu v Germaniyu, zhilye besplatno
Srochno! Trebuyutsya devushki 18-25, zarplata ot 3000, pishite v lichku
rabota dlya devushek v Turtsii, opyt ne nuzhen, vyezd srazu
Ishchu lyudey na sklad v Chehii, prozhivanie platim, dokumenty sdelaem
Predlagaem rabotu za granitsey bez opyta i bez yazyka
Pasport otdaesh starshemu, dengi poluchish posle sezona
Nikomu ne govori kuda edesh, bilet kupim, potom otrabotaesh
devochki kto hochet zarabotat, pishite v telegu, vse besplatno
Eto ne eskort, rabota legkaya, platim kazhdyy den
Nujny devushki v klub, Kipr, jilye i bilet za nash schet
xoroshaya rabota v Polshe, zarplata 900 euro, vyezd kazhduyu nedelyu
Rabota na ferme v Ispanii, zhit budem v vagonchike, ezda besplatno, pishite
4to nuzhno dlya raboty: pasport i zhelanie, ostalnoe skazhem
Gruzchiki v Varshavu srochno, oplata ezhednevno, zvonite
Mozhno bez dokumentov, poka edesh my vse oformim, dengi na karту
Rabotaem bez vyhodnyh, no zarplatu platim vsegda
Dengi srazu, rabota prostaya: peredat paket v drugoy gorod, nikomu ne govori
Trebuetsya sidelka v Italiyu, zhilyo i pitanie nashi, pasport nuzhen
Privet vsem, zabyla pasport u sestry v Varshave, kto edet v Kishinev
Otdaem dogovor tolko na meste, ne bespokoytes, eto normalno
Kto ishchet rabotu v Anglii, pishite mne, pomozhem s vyezdom
Obeshchaem zarplatu ot 1500, koordinator vstretit i otvezet
Hozyain khoroshiy, zhilye na meste, vyezzhaem v subbotu
Rabota v Dubae dlya krasivyh devushek, bilet i viza nashi, podrobnosti lichno
Nuzhen voditel na odin raz, 2000 srazu, ne sprashivay chto vezem
Sdaem kvartiru v Kieve, tolko dlya semyi, bez zhivotnyh, zvonite
Ochen nuzhna rabota, ya umeyu gotovit, mozhno s prozhivaniem
Kak mozhno vernut pasport, esli ego zabral hozyain?";

const UKRAINIAN: &str = "\
Robota za kordonom, zhytlo bezkoshtovno
Robota v Polshchi, pasport u koordynatora, dosvidu ne treba
Potribni divchata na robotu v Turechchynu, zhytlo bezkoshtovno
Pratsya v Nimechchyni, hroshi shchodnya, pyshit v pryvat
Shukaiemo divchat 18-25, zarplata vid 2000 yevro, pyshit v dirket
Pasport viddaiesh starshomu, hroshi otrymaiesh pislia sezonu
Zabyraiemo pasporty na oformlennya, ne khvyliuites
vyizd kozhnoho tyzhnia, dosvid ne potriben, zhytlo ye
Nikomu ne kazhy kudy yidesh, kvytok kupymo, potim vidpratsiuiesh
Terminovo potribni lyudy na sklad, oplata shchotyzhnia, dzvonit
Proponuiemo robotu za kordonom bez dosvidu ta bez movy
Dogovir pidpyshemo na mistsi, hroshi na kartku
Tse ne eskort, robota lehka, platymo kozhnoho dnya
divchata khto khoche zarobyty pyshit v telehu, vse bezkoshtovno
Zaproshuyemo na robotu v Chekhiyu, zhytlo ta proyizd splachuyemo
Mozhna bez dokumentiv, vse oformymo, vyyizd u subotu
Robota na fermi v Ispanii, zhyty budemo u vahonchyku, hroshi naprykintsi
Shcho treba: pasport i bazhannia, reshtu rozkazhemo
Dopomozhemo vyyikhaty za kordon cherez lis, hroshi napered
Robota prosta: peredaty paket v inshe misto, 500 yevro odrazu, pyshy
Potribna dohlyadalnytsya v Italiyu, zhytlo i kharchuvannya nashi
Pryvit usim, khto yide do Varshavy u pyatnytsyu, vizmete pasazhyra
Hospodar dobryi, zhytlo na mistsi, pratsiuiemo bez vykhidnykh
Koordynator zustrine i vidveze, telefon treba viddaty
Yak povernuty pasport, yakshcho yoho zabrav hospodar
Duzhe potribna robota, vmiyu hotuvaty, mozhna z prozhyvannyam
Robota dlya divchat v Dubayi, kvytok i viza nashi, detali osobysto
Potriben vodii na odyn raz, hroshi odrazu, ne pytai shcho vezemo
Zdayemo kvartyru u Kyievi, tilky dlya simyi, dzvonit
Oplata 100 hryven za hodynu, vid 18 rokiv, pyshit";

#[test]
fn such_texts_are_told_from_their_first_words() {
    let mut wrong = Vec::new();
    for (expected, texts) in [(Language::Ru, RUSSIAN), (Language::Uk, UKRAINIAN)] {
        assert_eq!(texts.lines().count(), 30);
        for text in texts.lines() {
            let told = language(&Folded::new(text), None);
            if told != Some(expected) {
                wrong.push(format!("{told:?}: {text}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn they_are_read_in_cyrillic_and_every_word_leads_back() {
    let text = "Rabota v Evrope! Pasport u koordinatora, den'gi srazu. Pishi @rabota_pl t.me/rabota 300 euro";
    let folded = Folded::new(text);
    let words: Vec<&str> = folded.tokens().iter().map(|token| folded.word(token)).collect();
    assert_eq!(
        words.join(" "),
        "работа в европе паспорт у координатора деньги сразу пиши rabota pl t me rabota 300 euro"
    );
    let typed: Vec<&str> =
        folded.tokens().iter().map(|token| &text[token.from as usize..token.to as usize]).collect();
    assert_eq!(typed[..8].join(" "), "Rabota v Evrope Pasport u koordinatora den'gi srazu");
    let at = folded.text().find("координатора").unwrap();
    assert_eq!(&text[folded.original_range(at..at + "координатора".len())], "koordinatora");
    assert_ne!(folded.tokens()[0].sentence, folded.tokens()[3].sentence);
}

#[test]
fn other_languages_are_left_alone() {
    for text in [
        "Work in Europe, passport with the coordinator, documents not needed",
        "Praca w Niemczech, zakwaterowanie za darmo, nie trzeba doświadczenia, proszę dzwonić",
        "Muncă în Germania, cazare gratuită, nu cerem experiență, scrie în privat",
        "Arbeit in Polen, Unterkunft kostenlos, keine Erfahrung nötig",
        "Práce v Německu, ubytování zdarma, bez praxe, dobrá mzda, kdo má zájem pište",
        "Posao u Nemackoj, smestaj besplatan, bez iskustva, plata na ruke, zovite",
        "Lucru in Polonia, dokumenty nu trebuie, robota usoara",
        "Robota jest dobra, praca bez kosztow, dokumenty w porzadku, na rano",
        "Робота в Польщі, pasport u koordinatora",
        "Rabota",
        "",
    ] {
        assert_eq!(Folded::new(text).romanized(), None, "{text}");
    }
}

proptest! {
    /// Whatever stands between such words, every place leads back to whole characters, in order.
    #[test]
    fn every_place_leads_back(
        pieces in proptest::collection::vec(
            prop_oneof![
                4 => proptest::sample::select(RUSSIAN.split_whitespace().collect::<Vec<_>>())
                    .prop_map(str::to_owned),
                1 => "\\PC{0,6}",
                1 => proptest::sample::select(vec!["4", "'", "’", "@", "\n", "\u{301}", "ß", "t.me/x"])
                    .prop_map(str::to_owned),
            ],
            0..30,
        ),
        gap in proptest::sample::select(vec![" ", " ", ""]),
    ) {
        let text = format!("rabota dlya devushek dengi {}", pieces.join(gap));
        let folded = Folded::new(&text);
        let mut end = 0;
        for token in folded.tokens() {
            let (from, to) = (token.from as usize, token.to as usize);
            prop_assert!(text.get(from..to).is_some_and(|typed| !typed.is_empty()));
            prop_assert!(from >= end, "{from} {end}");
            prop_assert!(!folded.word(token).is_empty());
            end = to;
        }
        for (at, c) in folded.text().char_indices() {
            let range = folded.original_range(at..at + c.len_utf8());
            prop_assert!(text.get(range).is_some());
        }
    }
}
