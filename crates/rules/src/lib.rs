//! Rule files to rule set to assessment; pure after loading.
