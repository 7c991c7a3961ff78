//! What a negator reaches, sentence by sentence: `+` the words are asserted, `-` they are denied.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

/// Holds one rule of broad phrases against a table of sentences.
fn table(language: &str, phrases: &str, sentences: &str) {
    let rules = sample::rule_set(language, &format!("{{any: [{phrases}]}}"));
    let wrong: Vec<String> = sentences
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter_map(|line| {
            let (sign, text) = line.split_once(' ').unwrap();
            let text = text.replace("\\n", "\n");
            let (asserted, denied) = sample::quotes(&rules, &text);
            let found = match (asserted.is_empty(), denied.is_empty()) {
                (false, true) => "+",
                (true, false) => "-",
                (false, false) => "both",
                (true, true) => "nothing",
            };
            (found != sign).then(|| format!("{line}  -> {found}: `{asserted}` `{denied}`"))
        })
        .collect();
    assert!(wrong.is_empty(), "{language}\n{}", wrong.join("\n"));
}

#[test]
fn ukrainian() {
    table(
        "uk",
        r#""паспорт~ ..3 (забира~|зберіга~|залиша~|лиша~)", "(забира~|трима~|бер~|беремо) ..1 (паспорт~|документ~)", "паспорт~ ..2 у (нас|координатора|старшого)", "(застав~noun|завдат~noun|завдаток|штраф~noun|телефон~noun)""#,
        "
        + Паспорт зберігається у координатора.
        + Документи не потрібні, паспорт у координатора.
        + Без документів, паспорт не потрібен, забираємо паспорт на оформлення.
        + Алкоголь не вживаємо, паспорт у старшого.
        + Досвід не потрібен - паспорти забираємо на дві доби
        + Ми не шахраї! Паспорт забираємо на реєстрацію.
        + Тут не курорт але паспорти забирає комендант.
        + Паспорт у нас не проблема.
        + Не лише забираємо паспорт, а й телефон.
        + Паспорт у координатора, не хвилюйтесь.
        + Вихідних ні\\nПаспорт у старшого
        + не п'ємо ❗ штраф 100 євро
        + Ніяких проблем: паспорт у нас.
        + Якщо не відпрацюєш місяць, паспорт залишається у нас.
        + Мова не обов'язкова; застава 200 євро
        - Ми не забираємо паспорт.
        - Ніколи не забираємо паспорти
        - Паспорт ніхто не забирає
        - Паспорт у нас не забирають.
        - Паспорт не зберігається у координатора
        - Застава не потрібна.
        - Застава — не потрібна.
        - Заставу ми не беремо
        - Штрафи відсутні
        - Без застави!
        - Ні застави, ні штрафів.
        - Не тримаємо документи, телефони або завдаток.
        - Немає ні штрафів ні застав
        - Ніхто не буде забирати паспорт.
        - Ми не\\nзабираємо паспорт
        - Неправда, ніби ніхто не каже, що не забираємо паспорт
        - Мы не забираємо паспорт
        - Никто не забирає паспорт
        ",
    );
}

#[test]
fn russian() {
    table(
        "ru",
        r#""паспорт~ ..3 (забира~|хран~|оста~|оставля~)", "(забира~|держ~|бер~) ..1 (паспорт~|документ~)", "паспорт~ ..2 у (нас|координатора|старшего)", "(залог~noun|предоплат~noun|штраф~noun|телефон~noun)""#,
        "
        + Паспорт хранится у координатора.
        + Документы не нужны, паспорт у координатора.
        + Без документов, виза не требуется, забираем паспорт на оформление.
        + Не пьем, паспорт у старшего.
        + Опыт не нужен - паспорта забирают на два дня
        + Мы не мошенники! Паспорт забираем на регистрацию.
        + Тут не курорт но паспорт забирает комендант.
        + Паспорт у нас не проблема.
        + Не только забираем паспорт, но и телефон.
        + Паспорт у координатора, не волнуйтесь.
        + Паспорт у координатора нет проблем
        + Выходных нет\\nПаспорт у старшего
        + не пьем ❗ штраф 100 евро
        + Если не отработаешь месяц, паспорт остается у нас.
        + Язык не обязателен; залог 200 евро
        - Мы не забираем паспорт.
        - Никогда не забираем паспорта
        - Паспорт никто не забирает
        - Паспорт у нас не забирают.
        - Паспорт не хранится у координатора
        - Залог не нужен.
        - Залог — не нужен.
        - Предоплату мы не берем
        - Штрафы отсутствуют
        - Без предоплаты!
        - Ни залога, ни штрафов.
        - Не держим документы, телефоны или залог.
        - Никто не будет забирать паспорт.
        - Мы не\\nзабираем паспорт
        - Неправда никто не говорит, что не забираем паспорт
        - Ми ніколи не забираем паспорт
        - Ніхто забирать паспорт не стане
        ",
    );
}

#[test]
fn romanian() {
    table(
        "ro",
        r#""(pasapo*|acte~) ..3 (raman~|pastr~|tin~|opri~)", "(luam|retinem|pastram|oprim) ..2 (pasapo*|acte~|buletin~)", "pasapo* ..2 la (noi|coordonator*|sef*)", "(garanti~|avans~|amen*|telefo*)""#,
        "
        + Pașaportul rămâne la coordonator.
        + Actele nu sunt necesare, pașaportul la noi.
        + Nu bem, pașaportul la șef.
        + Fără experiență, reținem pașaportul pentru viză.
        + Nu cerem limbă - păstrăm pașapoartele două zile
        + Nu suntem escroci! Reținem pașaportul pentru înregistrare.
        + Nu e vacanță dar oprim buletinul la birou.
        + Pașaportul la noi, nu e problemă.
        + Pașaportul la noi nu e problemă
        + Nu doar păstrăm pașaportul, ci și telefonul.
        + Pașaportul la coordonator, nu vă îngrijorați.
        + Concediu nu\\nPașaportul la șef
        + nu bem ❗ amendă 100 euro
        + Dacă nu lucrezi o lună, pașaportul rămâne la noi.
        + Nu cerem CV; garanție 200 euro
        - Nu luăm pașaportul.
        - Noi niciodată nu reținem actele
        - Pașaportul nu rămâne la coordonator
        - Pasaportul la noi nu se ține.
        - Garanția nu se cere.
        - Avansul — nu se cere.
        - Garanție nu percepem
        - Amenzi nu există
        - Fără avans!
        - Nici garanție, nici amenzi.
        - Nu luăm pașapoarte, telefoane sau garanții.
        - Nimeni nu oprește actele, nu reținem acte
        - Nu\\nluăm pașaportul
        - Nu este adevărat, că reținem pașaportul
        - Nu e nicio garanție
        ",
    );
}

#[test]
fn english() {
    table(
        "en",
        r#""(keep~|hold~|tak~|take) ..2 (passport~|documents)", "passport~ ..3 (kept|held|stay~|taken)", "passport~ ..2 with (us|boss|the boss|coordinator)", "(deposit~|fine|fines|fee|fees|phone~)""#,
        "
        + Passports are kept by the coordinator.
        + No experience, passport stays with boss.
        + Documents not needed, passport with us.
        + We do not drink, passport with the boss.
        + Language not required - we keep passports for two days
        + We are not scammers! We keep your passport for registration.
        + This is not a holiday but we keep passports.
        + Passport with us not a problem.
        + No problem: passport with us.
        + We not only keep your passport, we help you.
        + Passport with coordinator, don't worry.
        + Alcohol not allowed\\nPassport with boss
        + not for drinkers ❗ fine 100 euro
        + If you do not finish the month, the passport stays with us.
        + English not needed; deposit 200 euro
        - We don't keep your passport.
        - We never ever take passports
        - Passports are never kept.
        - No passports are kept.
        - The passport does not stay with us
        - A deposit is not required.
        - Deposit: not required
        - Fees are never charged
        - Without deposit!
        - Neither deposits nor fees.
        - We don't take passports, phones or deposits.
        - Nobody will take your passport.
        - We do not\\nkeep passports
        - It isn't true that we keep passports
        - No deposit, no fees, no fines.
        ",
    );
}

#[test]
fn polish() {
    table(
        "pl",
        r#""(zabieramy|zatrzymujemy|trzymamy) ..1 (paszport*|dokument*)", "paszport* ..2 u (nas|szefa)", "(kaucj*|zaliczk*|telefon*)""#,
        "
        + Paszport zostaje u nas.
        + Dokumenty niepotrzebne, doświadczenie nie jest wymagane, paszport u nas
        + Nie pijemy, paszport u szefa.
        + To nie wakacje ale paszport u szefa
        + Nie tylko zabieramy paszport
        - Nie zabieramy paszportów.
        - Kaucja nie jest wymagana.
        - Bez kaucji!
        - Nie zatrzymujemy dokumentów, telefonów ani kaucji.
        - Nieprawda, nigdy nie zabieramy paszportów
        ",
    );
}

#[test]
fn german() {
    table(
        "de",
        r#""(behalten|nehmen) ..2 (pass|passe|papiere|dokumente)", "pass ..2 bei (uns|chef)", "(kaution*|vorschuss|handys)""#,
        "
        + Wir behalten den Pass.
        + Keine Erfahrung, Pass bleibt bei uns.
        + Kein Problem: Pass bei uns
        + Wir trinken nicht, Kaution 200 Euro
        + Das ist nicht Urlaub aber der Pass bleibt bei uns
        - Wir behalten nie Papiere, Kaution wird nicht verlangt.
        - Kaution wird nicht verlangt.
        - Ohne Kaution!
        - Wir nehmen keine Pässe, Handys oder Kautionen.
        ",
    );
}
