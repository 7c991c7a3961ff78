//! Pure text work: folding with offset map, language, contacts.
