//! What is read out of numbers, by the words around them.

use proptest::prelude::*;

use super::*;

/// Facts in short: `pay 1500-2000 EUR/month`, `age 18-25`, `hours 12`, `days 6`, `fee 100 EUR`.
fn read(text: &str) -> Vec<String> {
    let folded = Folded::new(text);
    let mut found = Vec::new();
    facts(&folded, &mut found);
    let money = |money: &Money| {
        let high = (money.high != money.low).then(|| format!("-{}", money.high));
        let period = money.period.map(|period| format!("/{period:?}").to_lowercase());
        let (high, period) = (high.unwrap_or_default(), period.unwrap_or_default());
        format!("{}{high} {}{period}", money.low, money.currency.code())
    };
    let limit = |age: Option<u8>| age.map(|age| age.to_string()).unwrap_or_default();
    found
        .iter()
        .map(|fact| match &fact.kind {
            FactKind::Pay(pay) => format!("pay {}", money(pay)),
            FactKind::Fee(fee) => format!("fee {}", money(fee)),
            FactKind::Age { from, to } => format!("age {}-{}", limit(*from), limit(*to)),
            FactKind::HoursPerDay(hours) => format!("hours {hours}"),
            FactKind::DaysPerWeek(days) => format!("days {days}"),
        })
        .collect()
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, expected)| {
            let found = read(text).join(", ");
            (found != *expected).then(|| format!("{text}\n    {found}\n    {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "text, found, expected\n{}", wrong.join("\n"));
}

#[test]
fn pay_is_read_with_currency_and_period() {
    check(&[
        ("зп від 1500 євро на місяць", "pay 1500 EUR/month"),
        ("Дівчата, 200€/день", "pay 200 EUR/day"),
        ("€100-150 pe zi, munca usoara", "pay 100-150 EUR/day"),
        ("зарплата 1500+ евро", "pay 1500 EUR"),
        ("оплата 3к евро в месяц", "pay 3000 EUR/month"),
        ("зарплата 2-3k $", "pay 2000-3000 USD"),
        ("5 тис. грн за зміну", "pay 5000 UAH/day"),
        ("зарплата 3,5 тис. зл. в місяць", "pay 3500 PLN/month"),
        ("salariu 3.000 € pe luna", "pay 3000 EUR/month"),
        ("salariu de la 1.000 la 2.500 de euro net pe lună", "pay 1000-2500 EUR/month"),
        ("заробіток від 3 000 до 5 000 доларів", "pay 3000-5000 USD"),
        ("платим 40 баксов в час", "pay 40 USD/hour"),
        ("ставка 31.40 PLN brutto za godzinę", "pay 31.4 PLN/hour"),
        ("Hourly rate 31.40 PLN gross", "pay 31.4 PLN/hour"),
        ("earn 500$ per week", "pay 500 USD/week"),
        ("оператор чату, 1800$ ставка + бонуси", "pay 1800 USD"),
        ("2.800 $ + comision din sume", "pay 2800 USD"),
        ("$2500 + % з кожного", "pay 2500 USD"),
        ("3500$+5%, cazare", "pay 3500 USD"),
        ("телефон за 300 € + чохол", ""),
        ("15-20 mii lei pe saptamina", "pay 15000-20000 RON/week"),
        ("£120 a day cash", "pay 120 GBP/day"),
        ("2000 грн щодня", "pay 2000 UAH/day"),
        ("дохід 5000$ за контракт", "pay 5000 USD/contract"),
        ("9000 евро за 3 месяца", "pay 3000 EUR/month"),
        ("100 евро за клиента", "pay 100 EUR/client"),
        ("0,5 євро за кг", "pay 0.5 EUR/piece"),
        ("Зарплата в месяц от 1000 евро", "pay 1000 EUR/month"),
        ("за годину 28 злотих", "pay 28 PLN/hour"),
        ("14 Euro pro Stunde", "pay 14 EUR/hour"),
        ("Gehalt 2.800 € im Monat", "pay 2800 EUR/month"),
        ("робота на складі, від 2000€", "pay 2000 EUR"),
        ("з/п 25 000 – 30 000 грн", "pay 25000-30000 UAH"),
        ("зарплата 60 000 р.", "pay 60000 RUB"),
        ("1️⃣5️⃣0️⃣0️⃣ € в месяц", "pay 1500 EUR/month"),
        ("€1500-€2000 per month", "pay 1500-2000 EUR/month"),
        ("USD 2000 per month", "pay 2000 USD/month"),
        ("Зарплата 100 $ 200 $", "pay 100 USD"),
    ]);
}

#[test]
fn money_that_is_no_pay_is_told_apart() {
    check(&[
        ("Застава 200 євро повертається", "fee 200 EUR"),
        ("за оформлення документів 150 євро", "fee 150 EUR"),
        ("предоплата 5000 рублей", "fee 5000 RUB"),
        ("taxa de 100 de euro", "fee 100 EUR"),
        ("a deposit of $300", "fee 300 USD"),
        ("Гуртожиток 550 злотих на місяць", ""),
        ("cazare la căsuțe cu 105 euro pe săptămână", ""),
        ("бонус 500 євро", ""),
        ("штраф 1000 євро", ""),
        ("Продам велосипед 300 €", ""),
        ("тел. 067 123 45 67, 1500", ""),
        ("раз на тиждень 8 годин, 200 людей", ""),
    ]);
}

#[test]
fn ages_are_ranges_or_limits() {
    check(&[
        ("Потрібні дівчата 18-25", "age 18-25"),
        ("дівчат від 18 до 30 років", "age 18-30"),
        ("девушки с 18 до 27 лет", "age 18-27"),
        ("вік до 35", "age -35"),
        ("жінок до 35 років", "age -35"),
        ("дівчата 18+", "age 18-"),
        ("fete 16-17 ani", "age 16-17"),
        ("girls under 25", ""),
        ("girls under 25 years", "age -25"),
        ("femei, max 30 de ani", "age -30"),
        ("Frauen zwischen 20 und 30 Jahren", ""),
        ("women between 18 and 30", "age 18-30"),
        ("dziewczyny 18-30 lat", "age 18-30"),
        ("досвід від 3 до 5 років", ""),
        ("опыт работы от 15 лет", ""),
        ("компанія 20 років на ринку", ""),
        ("набираємо 18-25 осіб", ""),
        ("хлопці з 15 років", "age 15-"),
        ("з 18 до 25 квітня", ""),
        ("18-25 °C", ""),
    ]);
}

#[test]
fn hours_and_days_are_read_where_work_is_meant() {
    check(&[
        ("Збір ягід, графік по 14 годин", "hours 14"),
        ("робота 12-14 годин на день", "hours 12"),
        ("Munca 12h/zi", "hours 12"),
        ("12 hour shifts", "hours 12"),
        ("смены по 12 часов", "hours 12"),
        ("рабочий день 16 часов", "hours 16"),
        ("ture de 12 ore", "hours 12"),
        ("14 godzin dziennie", "hours 14"),
        ("16 hours a day", "hours 16"),
        ("графік 12/7", "hours 12, days 7"),
        ("підтримка працює 24/7", ""),
        ("працюємо з 6 до 22", "hours 16"),
        ("Рабочий день с 06:00 до 22:30", "hours 16.5"),
        ("Program 08:00-20:00", "hours 12"),
        ("нічна зміна 20:00 - 08:00", "hours 12"),
        ("графік 7/0", "days 7"),
        ("Робота 6/1, харчування", "days 6"),
        ("7 днів на тиждень", "days 7"),
        ("6 zile pe săptămână", "days 6"),
        ("7 days a week", "days 7"),
        ("7 zile din 7", "days 7"),
        ("графік 2/2", ""),
        ("дзвоніть з 8 до 22", ""),
        ("40 годин на тиждень", ""),
        ("20 годин на тиждень", ""),
        ("12/7/2024", ""),
        ("приїдемо за 12 годин", ""),
    ]);
}

#[test]
fn facts_lead_back_to_the_words_that_say_them() {
    for (text, quote) in [
        ("Оплата €100-150 на день, робота", "€100-150 на день"),
        ("зп 1500 € !", "1500 €"),
        ("дівчат від 18 до 30 років!", "18 до 30 років"),
        ("Munca 12h/zi.", "12h/zi"),
        ("Застава 2️⃣0️⃣0️⃣ євро", "2️⃣0️⃣0️⃣ євро"),
    ] {
        let mut found = Vec::new();
        facts(&Folded::new(text), &mut found);
        let quotes: Vec<&str> = found.iter().map(|fact| &text[fact.range.clone()]).collect();
        assert_eq!(quotes, [quote], "{text}");
    }
}

proptest! {
    #[test]
    fn facts_of_any_text_lie_in_it(
        pieces in prop::collection::vec(
            prop_oneof![
                2 => "[0-9]{1,4}",
                1 => "[ /.,:+€$–-]{1,2}",
                2 => prop::sample::select(vec![
                    " від ", " до ", "к", " тис. ", " євро ", "год", " на ", "день ", " місяць", "зп ",
                    "18-25", " років", "дівчат ", "графік ", "по ", " за ", "de ", "la ", "ani",
                ]).prop_map(str::to_owned),
                1 => "\\PC{0,4}",
            ],
            0..24,
        ),
    ) {
        let text = pieces.concat();
        let folded = Folded::new(&text);
        let mut found = Vec::new();
        facts(&folded, &mut found);
        for fact in &found {
            prop_assert!(text.get(fact.range.clone()).is_some_and(|quote| !quote.is_empty()));
            let (first, last) = fact.tokens;
            prop_assert!(first <= last && (last as usize) < folded.tokens().len());
            let tokens = &folded.tokens()[first as usize..=last as usize];
            prop_assert_eq!(tokens[0].sentence, tokens[tokens.len() - 1].sentence);
        }
        prop_assert!(found.is_sorted_by(|a, b| a.tokens.0 <= b.tokens.0));
    }
}
