//! What words mean beside numbers, in the languages of the ads.

use std::sync::LazyLock;

use super::{Currency, Period};

/// What a word means beside a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    Currency(Currency),
    Thousand,
    Period(Period),
    /// The same as one word: `щодня`, `hourly`.
    Each(Period),
    /// `на`, `за`, `per`: what follows may be a period.
    Per,
    One,
    From,
    To,
    /// Wages.
    Pay,
    /// Work: not pay, but near it a sum with a limit is pay.
    Work,
    /// What a worker is made to pay for the job.
    Fee,
    /// What money is paid for besides: rent, bonus, fine.
    Cost,
    Years,
    /// `р`: `18-25 р.`, `20000 р.`
    YearsOrRoubles,
    AgeWord,
    /// People who are sought.
    Person,
    Experience,
    /// The plan of a working day or week.
    Schedule,
    Rest,
    Call,
}

/// What is paid on top of a base: a share of what is sold, or tips.
const SHARES: &[&str] = &[
    "процент",
    "проценти",
    "проценты",
    "відсоток",
    "відсотки",
    "бонус",
    "бонуси",
    "бонусы",
    "чай",
    "чаеві",
    "чайові",
    "чаевые",
    "комісія",
    "комиссия",
    "commission",
    "bonus",
    "bonuses",
    "tips",
    "percent",
    "comision",
    "comisioane",
    "bonusuri",
    "bacsis",
    "procent",
    "procente",
    "prowizja",
    "napiwki",
    "provision",
    "trinkgeld",
];

/// Whether a word means a share that is paid on top of a base.
pub(super) fn is_share_of_profit(word: &str) -> bool {
    SHARES.contains(&word)
}

/// Words, and with a star beginnings of words, folded; the first that fits counts.
const WORDS: &[(Mark, &str)] = &[
    (
        Mark::Currency(Currency::Eur),
        "євро евро еуро ойро єврів євриків евриков eur euro euros euroiv",
    ),
    (
        Mark::Currency(Currency::Usd),
        "долар* доллар* дол долл бакс* зелених зеленых зелені зеленью usd usdt dolar* dollar* \
         bucks baks* уе",
    ),
    (Mark::Currency(Currency::Gbp), "фунт* gbp pound* quid lire funt*"),
    (Mark::Currency(Currency::Chf), "франк* chf franc* frank*"),
    (Mark::Currency(Currency::Uah), "грн гривен* гривн* гривень гривня uah hrn hryvn* griven* grn"),
    (Mark::Currency(Currency::Ron), "ron lei leu лей леїв леев леи леї"),
    (Mark::Currency(Currency::Mdl), "mdl"),
    (Mark::Currency(Currency::Pln), "зл злот* pln zl zlot*"),
    (Mark::Currency(Currency::Rub), "руб рубл* rub rubl* rur rouble* тр"),
    (Mark::Currency(Currency::Czk), "крон* czk kc koron* kron* korun*"),
    (Mark::Currency(Currency::Huf), "форинт* huf forint*"),
    (Mark::Currency(Currency::Bgn), "лев лева левів левов bgn leva"),
    (Mark::Currency(Currency::Try), "лір лири ліри лир try tl"),
    (Mark::Currency(Currency::Aed), "дирхам* aed dirham*"),
    (Mark::Currency(Currency::Ils), "шекел* ils nis shekel*"),
    (Mark::Currency(Currency::Nok), "nok"),
    (Mark::Currency(Currency::Sek), "sek"),
    (Mark::Currency(Currency::Dkk), "dkk"),
    (
        Mark::Thousand,
        "к k т тис тисяч* тыс тысяч* косарів косар* mii mie tys tysiac* tysiec* thousand \
         tausend",
    ),
    (
        Mark::Period(Period::Hour),
        "год годину година години годин годинн* час часа часов часовая часовой часовые ч h \
         hour hours hr hrs ora ore godzin* godz stunde stunden std stundige",
    ),
    (
        Mark::Period(Period::Day),
        "день дня дні днів дней дни добу доба доби сутки сутк* зміну зміна зміни змін змінам \
         смену смена смены смен сменам ніч ночь ночі ночи вечір вечер day days night nights \
         shift shifts zi ziua zile noapte noaptea seara tura ture schimb schimburi dzien dni \
         dniowk* noc zmiane zmiana zmiany tag tage tagen nacht schicht schichten",
    ),
    (
        Mark::Period(Period::Week),
        "тиждень тижня тижні тижнів неделю неделя недели недель нед week weeks wk saptamana \
         saptamani saptamina saptamini sapt tydzien tygodniu tygodnia tygodni woche wochen",
    ),
    (
        Mark::Period(Period::Month),
        "місяць місяця місяці місяців міс мсц месяц месяца месяцев мес month months mo mth \
         luna luni miesiac miesiaca miesiacu miesiecy mies monat monate monats",
    ),
    (Mark::Period(Period::Year), "рік annum year an anul rok roku jahr"),
    (
        Mark::Period(Period::Contract),
        "контракт контракту контракта сезон сезону сезона вахту вахта поїздку поездку рейс \
         contract contractul season sezon sezonul trip kontrakt",
    ),
    (
        Mark::Period(Period::Client),
        "клієнта клієнт клієнтку гостя зустріч виклик візит сеанс клиента клиент встречу \
         вызов визит client clientul intalnire intalnirea visit kunde kunden klienta termin \
         spotkanie",
    ),
    (
        Mark::Period(Period::Piece),
        "кг кілограм килограм ящик метр м м2 кв посилку доставку замовлення заказ штуку шт kg \
         box piece parcel delivery lada cutie bucata stuck kiste paczke sztuke закладку \
         закладка",
    ),
    (Mark::Each(Period::Hour), "щогодини щогодинн* погодинн* почасов* hourly orar godzinow*"),
    (Mark::Each(Period::Day), "щодня щоденно ежедневно daily zilnic dziennie taglich"),
    (
        Mark::Each(Period::Month),
        "щомісяця щомісячн* ежемесячн* monthly lunar lunara miesieczn* monatlich*",
    ),
    (Mark::Each(Period::Year), "yearly annual annually pa річна"),
    (Mark::Per, "на в у за pe per a na w za pro im je la und"),
    (
        Mark::One,
        "одну один одна кожен кожну каждый каждую каждая one every each fiecare o jeden jedna \
         kazdy kazda jede робочий робочу рабочий рабочую нічну ночную",
    ),
    (
        Mark::From,
        "від от з із зі с со from de od ab von between min minim minimum мін мин мінімум \
         минимум вже уже starting incepand peste over понад более більше",
    ),
    (
        Mark::To,
        "до to till until pana do bis under max maxim maximum макс максимум below sub по \
         unter ponizej",
    ),
    (
        Mark::Pay,
        "зп зарплат* зарплатн* оплат* платим* платят* платят плачу плат* виплат* выплат* \
         дохід доход* доход заробіт* заробля* заробити зароби заробит* заработ* зарабат* \
         ставк* оклад* гонорар* винагород* вознагражд* отримува* отриму* получа* salar* \
         salari* plata platim platesc venit* castig* remunera* pay pays paid wage* salary \
         earn* rate rates income payment compensation zarob* wynagrodz* stawk* pensj* placa \
         placimy gehalt lohn verdien* rabot* zarplat* oplat*",
    ),
    (
        Mark::Work,
        "робот* роботі працю* праця праці ваканс* работ* lucru lucr* munca job jobs work* \
         vacancy vacanc* angaj* praca prace pracy pracu* arbeit* stelle",
    ),
    (
        Mark::Fee,
        "застав* залог* депозит* предоплат* передоплат* внесок внеск* взнос* комісі* комисси* \
         оформлен* посередн* посреднич* taxa taxe comision* garanti* depozit* deposit* fee \
         fees upfront prepay* prepaid kaucj* zaliczk* prowizj* kaution gebuhr* vorkasse \
         страховий страховой",
    ),
    (
        Mark::Cost,
        "житло проживан* гуртожит* кімнат* оренд* аренд* хостел* харчуван* питани* жиль* \
         общежити* комнат* квартир* бонус* премі* преми* штраф* пеня ціна цена цін* цен* \
         вартість стоимость коштує стоит кредит* позик* займ* борг* долг* знижк* скидк* приз* \
         виграш* rent* housing accommodation room rooms bonus* fine fines penalty price* \
         cost* costs loan loans debt discount prize budget turnover chirie cazare* camera \
         prima prime amenda penalizare penalitate pret pretul imprumut credit* mieszkani* \
         zakwaterowan* kwater* premi* kara kary cena koszt* pozyczk* miete unterkunft zimmer \
         pramie* strafe preis* kost* аванс* avans* advance* допомог* помощ* ajutor обсяг* \
         оборот* бюджет* прибут* прибыл* чек revenue sales funding raised donat* збір сбор \
         збор* квиток билет* ticket* bilet* виз* віз* visa viza",
    ),
    (
        Mark::Years,
        "років року роки рочк* лет года годиков ani years yo y lat letn* jahre jahren vars*",
    ),
    (Mark::YearsOrRoubles, "р рр"),
    (Mark::AgeWord, "вік віком віці віку возраст* varsta varste age aged ages wiek wieku alter"),
    (
        Mark::Person,
        "дівчат* дівчин* дівч* жін* хлопц* хлопч* чоловік* чоловіч* підліт* школяр* студент* \
         кандидат* осіб особа люд* молод* девуш* девчат* девчон* женщ* парн* мужчин* подрост* \
         школьн* человек fete fetele fata femei femeie baieti barbati tineri tinere candidat* \
         persoane girl* woman women lad* guy* men male* female* boys boy teen* candidate* \
         people young kobiet* dziewczyn* mezczyzn* osob* osoby mlod* frau* madchen manner \
         junge* personen танцівниц* танцовщиц* хостес* hostes* модел* model* няня нян* \
         dansatoare dancer*",
    ),
    (
        Mark::Experience,
        "досвід* опыт* стаж* experien* doswiadczen* erfahrung* vechime гаранті* гарантия \
         ринку рынке market warranty існу* существ* history",
    ),
    (
        Mark::Schedule,
        "графік* график* розклад режим змінн* сменн* program programul programu schedule \
         grafik* rozklad arbeitszeit* рабочее робочі",
    ),
    (Mark::Rest, "відпоч* отдых* сну сна rest sleep pauza odpoczynk* pause через"),
    (
        Mark::Call,
        "дзвон* дзвін* телефон* звон* тел call* phone sunati suna telefon* dzwon* anruf* \
         зателефон* приймаємо прием прийом відчинен* открыт* open магазин* доставк*",
    ),
];

/// Entries that a lookup compares at most is small when a bucket holds words of two same letters.
const BUCKETS: usize = 512;

struct Entry {
    text: &'static str,
    is_stem: bool,
    mark: Mark,
}

static TABLE: LazyLock<Vec<Vec<Entry>>> = LazyLock::new(|| {
    let mut table: Vec<Vec<Entry>> = (0..BUCKETS).map(|_| Vec::new()).collect();
    for (mark, words) in WORDS {
        for word in words.split(' ') {
            let (text, is_stem) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
            table[bucket(text)].push(Entry { text, is_stem, mark: *mark });
        }
    }
    // Whole words go before beginnings of words, and longer ones before shorter.
    for entries in &mut table {
        entries.sort_by_key(|entry| (entry.is_stem, std::cmp::Reverse(entry.text.len())));
    }
    table
});

/// By the first two letters; words of one letter by that.
fn bucket(word: &str) -> usize {
    let mut chars = word.chars();
    let first = chars.next().map_or(0, |c| c as usize);
    let second = chars.next().map_or(0, |c| c as usize);
    (first * 31 + second) % BUCKETS
}

/// What a folded word means beside a number.
pub(super) fn mark(word: &str) -> Mark {
    let entries = &TABLE[bucket(word)];
    let fits = |entry: &&Entry| match entry.is_stem {
        true => word.starts_with(entry.text),
        false => word == entry.text,
    };
    entries.iter().find(fits).map_or(Mark::None, |entry| entry.mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_are_written_as_folding_leaves_them_and_stand_once() {
        let mut seen = std::collections::BTreeMap::new();
        for (mark, words) in WORDS {
            for word in words.split(' ') {
                let text = word.trim_end_matches('*');
                assert_eq!(crate::fold_word(text), text, "under {mark:?}");
                let before = seen.insert(word, *mark);
                assert_eq!(before, None, "`{word}` under {mark:?}");
            }
        }
    }
}
