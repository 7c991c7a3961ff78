//! What warnings silence, and where words must stand: invented rules, one offer and one mitigation.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

const OFFER: &str = "{any: ['паспорт* ..2 у нас', 'знімемо дорогу з зарплати']}";

/// What is found, and what is silenced, by the offer's rule; `silences` as in YAML.
fn found(silences: &str, mitigation: &str, text: &str) -> (String, String) {
    let warning = format!("mitigation: news\n    silences: {silences}");
    let rules = [("indicator: retention", OFFER), (warning.as_str(), mitigation)];
    sample::quotes(&sample::rule_set_of("uk", &rules), text)
}

#[test]
fn a_warning_silences_what_it_quotes_and_nothing_else() {
    let silences = |text| found("[quotations]", "{any: [обережно]}", text);
    let both = |found: &str, silenced: &str| (found.to_owned(), silenced.to_owned());
    assert_eq!(
        silences("Обережно! Пишуть: «Паспорт буде у нас, знімемо дорогу з зарплати». Не їдьте."),
        both("", "Паспорт буде у нас | знімемо дорогу з зарплати")
    );
    assert_eq!(
        silences("Обережно, не спізнюйтесь. Паспорт буде у нас, вакансія «хостес»."),
        both("Паспорт буде у нас", "")
    );
    assert_eq!(silences("«Паспорт буде у нас» - так і пишуть."), both("Паспорт буде у нас", ""));
    assert_eq!(
        silences("«Обережно, шахраї. Паспорт буде у нас»"),
        both("Паспорт буде у нас", ""),
        "who quotes the warning too does not warn"
    );
    assert_eq!(
        silences("Обережно!\n> Паспорт буде у нас\nОсь так."),
        both("", "Паспорт буде у нас")
    );
}

#[test]
fn a_warning_silences_its_own_sentence() {
    let silences = |text| found("[sentence]", "{any: [обережно]}", text);
    let (found, silenced) = silences("Обережно з тими, де паспорт у нас. А паспорт буде у нас.");
    assert_eq!((found.as_str(), silenced.as_str()), ("паспорт буде у нас", "паспорт у нас"));
}

#[test]
fn unless_reaches_as_far_as_it_says() {
    let near = "слово паспорт один два";
    let far = "слово паспорт один два три чотири. Слово ні п'ять копія";
    for (within, found_near, found_far) in [
        ("", false, true),
        (", unless_within: posting", false, false),
        (", unless_within: 4", false, true),
        (", unless_within: 2", true, true),
    ] {
        let condition = format!("{{any: ['слово паспорт'], unless: [два, копія]{within}}}");
        let rules = sample::rule_set("uk", &condition);
        let found = |text: &str| !sample::quotes(&rules, text).0.is_empty();
        assert_eq!(found(near), found_near, "{within}");
        assert_eq!(found(&far.replace(" два", "")), found_far, "{within}");
    }
}

#[test]
fn words_of_a_question_are_told_from_the_same_words_elsewhere() {
    let rules = sample::rule_set("uk", "{any: ['забирають паспорт'], inside: question}");
    let found = |text| sample::quotes(&rules, text).0;
    assert_eq!(found("Там забирають паспорт, це нормально?"), "забирають паспорт");
    assert_eq!(found("Там забирають паспорт. Чому?"), "");
    assert_eq!(found("Питаєте? Так, забирають паспорт"), "");
    assert_eq!(found("А там забирають паспорт"), "");
    let rules = sample::rule_set("uk", "{any: ['забирають паспорт'], inside: quotation}");
    let found = |text| sample::quotes(&rules, text).0;
    assert_eq!(found("Кажуть: \"забирають паспорт\" і забирають паспорт"), "забирають паспорт");
    assert_eq!(found("забирають паспорт"), "");
}

#[test]
fn what_a_warning_quotes_does_not_undo_it() {
    let silences = |text| {
        found("[quotations]", "{any: [обережно], unless: [пишіть], unless_within: posting}", text).1
    };
    assert_eq!(silences("Обережно: «паспорт у нас, пишіть»"), "паспорт у нас");
    assert_eq!(silences("Обережно: «паспорт у нас». Пишіть"), "");
}

/// With the built-in pack: offers that pretend are flagged all the same (`!`), and posts that quote,
/// warn, report or ask are not (`-`).
#[test]
fn offers_that_pretend_are_told_from_posts_that_warn() {
    let rules = rules::RuleSet::builtin().unwrap();
    let wrong: Vec<String> = POSTS
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter_map(|line| {
            let (sign, post) = line.split_once(' ').unwrap();
            let folded = text::Folded::new(post);
            let subject = rules::Subject { title: None, text: (post, &folded), contacts: &[] };
            let score = rules::Assessor::new(&rules).assess(&subject, None).score.value();
            ((sign == "!") != (score >= 40)).then(|| format!("{score} {line}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const POSTS: &str = "
    ! Увага, ми не шахраї і не розвод! Робота в Польщі, паспорт зберігається у координатора до кінця контракту.
    ! Обережно, не спізнюйтесь на автобус. Паспорти здаєте коменданту, дорогу відпрацюєш за два місяці.
    ! Не вербуємо і не обманюємо: паспорт забираємо на час контракту, виходити за територію не можна.
    - Що насправді означають оголошення: «Паспорт побуде у нас, дорогу відпрацюєш». Не їдьте, дзвоніть 527.
    - Хочуть, щоб паспорт зберігався у координатора до кінця контракту, це нормально?
    - Кіберполіція попереджає: «здай картку в оренду» - це злочин.
    - Пишу, щоб інші знали: паспорт зберігався у координатора, мене не випускали, втекла вночі.
    ! Внимание, мы не мошенники, не развод! Работа в Польше, паспорт хранится у координатора до конца контракта.
    ! Осторожно, не опоздайте на автобус. Паспорта сдаете коменданту, дорогу отработаешь за два месяца.
    ! Не вербуем и не обманываем: паспорт забираем на время контракта, выходить за территорию нельзя.
    - Что на самом деле значат фразы: «Паспорт побудет у нас, дорогу отработаешь». Не едьте, звоните 527.
    - Хотят, чтобы паспорт хранился у координатора до конца контракта, это нормально?
    - Полиция предупреждает: «сдай карту в аренду и получай деньги» - это преступление.
    - Пишу, чтобы другие знали: паспорт хранился у координатора, меня не выпускали, сбежала ночью.
    ! Atenție, nu suntem escroci! Lucru în Germania, pașaportul rămâne la coordonator până la sfârșitul contractului.
    ! Nu facem trafic, stați liniștite: pașaportul îl ținem noi, drumul îl plătiți din salariu.
    - Recunoașteți? „Pașaportul rămâne la coordonator, drumul îl plătești din salariu”. Sunați la 112.
    - Vor să îmi ia pașaportul și să îl țină la coordonator, e legal?
    - Poliția avertizează: „pașaportul rămâne la coordonator” nu este o ofertă serioasă.
    ! Attention, we are not scammers! Work in Germany, your passport stays with the coordinator until the end of contract.
    ! Not trafficking, relax: the boss keeps your passport and you work off the ticket.
    - What these phrases really mean: \"your passport stays with the coordinator, you work off the ticket\". Call 112.
    - They want my passport to stay with the coordinator, is this legal?
    - Police warn: \"rent out your bank account\" is a crime.
";
