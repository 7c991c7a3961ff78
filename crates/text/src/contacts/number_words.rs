//! Words that say a number, in the languages of the ads.

/// The value of a number word in Ukrainian, Russian, Romanian or English, which [`plain`] has read.
pub(super) fn value_of(word: &str) -> Option<u32> {
    const ONES: [&[&str]; 10] = [
        &["нуль", "ноль", "zero"],
        &["один", "одна", "одно", "unu", "una", "one"],
        &["два", "дві", "две", "doi", "doua", "two"],
        &["три", "trei", "three"],
        &["чотири", "четыре", "patru", "four"],
        &["п'ять", "пять", "cinci", "five"],
        &["шість", "шесть", "sase", "six"],
        &["сім", "семь", "sapte", "seven"],
        &["вісім", "восемь", "opt", "eight"],
        &["дев'ять", "девять", "noua", "nine"],
    ];
    const TEENS: [&[&str]; 10] = [
        &["десять", "zece", "ten"],
        &["одинадцять", "одиннадцать", "unsprezece", "eleven"],
        &["дванадцять", "двенадцать", "doisprezece", "douasprezece", "twelve"],
        &["тринадцять", "тринадцать", "treisprezece", "thirteen"],
        &["чотирнадцять", "четырнадцать", "paisprezece", "fourteen"],
        &["п'ятнадцять", "пятнадцать", "cincisprezece", "fifteen"],
        &["шістнадцять", "шестнадцать", "saisprezece", "sixteen"],
        &["сімнадцять", "семнадцать", "saptesprezece", "seventeen"],
        &["вісімнадцять", "восемнадцать", "optsprezece", "eighteen"],
        &["дев'ятнадцять", "девятнадцать", "nouasprezece", "nineteen"],
    ];
    const TENS: [&[&str]; 8] = [
        &["двадцять", "двадцать", "douazeci", "twenty"],
        &["тридцять", "тридцать", "treizeci", "thirty"],
        &["сорок", "patruzeci", "forty"],
        &["п'ятдесят", "пятьдесят", "cincizeci", "fifty"],
        &["шістдесят", "шестьдесят", "saizeci", "sixty"],
        &["сімдесят", "семьдесят", "saptezeci", "seventy"],
        &["вісімдесят", "восемьдесят", "optzeci", "eighty"],
        &["дев'яносто", "девяносто", "nouazeci", "ninety"],
    ];
    const HUNDREDS: [&[&str]; 9] = [
        &["сто"],
        &["двісті", "двести"],
        &["триста"],
        &["чотириста", "четыреста"],
        &["п'ятсот", "пятьсот"],
        &["шістсот", "шестьсот"],
        &["сімсот", "семьсот"],
        &["вісімсот", "восемьсот"],
        &["дев'ятсот", "девятьсот"],
    ];
    let tables: [(&[&[&str]], u32, u32); 4] =
        [(&ONES, 0, 1), (&TEENS, 10, 1), (&TENS, 20, 10), (&HUNDREDS, 100, 100)];
    tables.iter().find_map(|(table, from, step)| {
        let place = table.iter().position(|words| words.contains(&word))?;
        Some(from + step * place as u32)
    })
}

/// In lower case, without the marks of Romanian letters, with one sign for the apostrophe.
pub(super) fn plain(word: &str) -> String {
    let letters = word.chars().flat_map(char::to_lowercase);
    let letters = letters.filter(|c| !is_combining(*c)).map(|c| match c {
        'ă' | 'â' => 'a',
        'î' => 'i',
        'ș' | 'ş' => 's',
        'ț' | 'ţ' => 't',
        '’' | 'ʼ' => '\'',
        c => c,
    });
    letters.collect()
}

pub(super) fn is_combining(c: char) -> bool {
    ('\u{300}'..'\u{370}').contains(&c)
}
