//! Whose key opens a desk.

use super::*;

#[test]
fn another_key_opens_the_desk_and_no_evidence_is_written() {
    let (key, next, recovery) = (Outside::new(), Outside::new(), Outside::new());
    let desk = filled(key.desk());
    let before = contents(desk.path());
    let names = [next.names.clone(), recovery.names.clone()].concat();
    drop(key.vault(desk.path()).opened_by(names.clone()).unwrap());
    assert_eq!(contents(desk.path()), before);
    for good in [&next, &recovery] {
        assert_eq!(verify_vault(&good.vault(desk.path()), Depth::Digests).faults, []);
    }
    let error = Vault::open(desk.path(), Some(&key.path)).unwrap_err().to_string();
    let words = [&names[0], &names[1], &key.names[0], key.path.to_str().unwrap()];
    assert!(words.iter().all(|word| error.contains(*word)), "{error}");
}

#[test]
fn whoever_has_no_key_is_told_which_it_is() {
    let key = Outside::new();
    let desk = filled(key.desk());
    let said = |key: Option<&Path>| Vault::open(desk.path(), key).unwrap_err().to_string();
    let needed = said(None);
    assert!(needed.contains(&key.names[0]) && needed.contains("FUSION_EVIDENCE_KEY"), "{needed}");
    let elsewhere = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = elsewhere.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let secret = fs::read_to_string(&key.path).unwrap();
    let secret = secret.lines().last().unwrap();
    for (path, words) in [
        (elsewhere.path().join("nowhere"), "cannot read the key"),
        (file("empty", "# a comment\n\n"), "holds no key"),
        (file("public", &key.names[0]), "line 1 of"),
        (file("torn", &secret[..40]), "AGE-SECRET-KEY-1..., as age-keygen writes it"),
        (file("locked", "age-encryption.org/v1\n-> scrypt"), "locked with a passphrase"),
    ] {
        let error = said(Some(&path));
        assert!(error.contains(words) && !error.contains('\n'), "{error}");
        assert!(!error.contains(&secret[20..40]), "a secret is repeated");
    }
    // A file of age-keygen with more than one key.
    let more = file("more", &format!("# created: 2026\n{}\n{secret}\n", other_secret()));
    Vault::open(desk.path(), Some(&more)).unwrap();
}

fn other_secret() -> String {
    let other = fs::read_to_string(Outside::new().path).unwrap();
    other.lines().last().unwrap().to_owned()
}

#[test]
fn a_key_in_the_desk_s_folder_is_refused_by_whatever_name() {
    let key = Outside::new();
    let desk = filled(key.desk());
    let inside = desk.path().join("keys/mine");
    fs::copy(&key.path, &inside).unwrap();
    let mut ways = vec![inside.clone(), desk.path().join("custody/../keys/mine")];
    #[cfg(unix)]
    {
        let link = key.path.with_file_name("link");
        std::os::unix::fs::symlink(&inside, &link).unwrap();
        ways.push(link);
    }
    for way in ways {
        let error = Vault::open(desk.path(), Some(&way)).unwrap_err().to_string();
        assert!(error.contains("lies in the desk's folder"), "{error}");
    }
    let error = EvidenceKey::make(&desk.path().join("new.key"), desk.path()).unwrap_err();
    assert!(error.to_string().contains("lies in the desk's folder"), "{error}");
    assert!(!desk.path().join("new.key").exists());
    let error = EvidenceKey::make(&key.path, desk.path()).unwrap_err();
    assert!(error.to_string().contains("is there already"), "{error}");
}

/// Everything that is not the keyring's own secret can be read and written by who has the folder.
#[test]
fn a_keyring_that_somebody_else_wrote_is_refused() {
    let key = Outside::new();
    let desk = filled(key.desk());
    let path = desk.path().join("keys/at-rest.json");
    let text = fs::read_to_string(&path).unwrap();
    let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
    // Anybody can encrypt data keys for a public key.
    let theirs = tempfile::tempdir().unwrap();
    drop(vault(theirs.path()).sealing_for(key.names.clone()).unwrap());
    let theirs = fs::read_to_string(theirs.path().join("keys/at-rest.json")).unwrap();
    let theirs: serde_json::Value = serde_json::from_str(&theirs).unwrap();
    let changed = |name: &str, value: serde_json::Value| {
        let mut changed = whole.clone();
        changed[name] = value;
        serde_json::to_string_pretty(&changed).unwrap()
    };
    let half = &text[..text.len() / 2];
    for forged in [
        changed("seals_with", serde_json::Value::Null),
        changed("seals_with", "0123456789abcdef".into()),
        changed("for", serde_json::json!([])),
        changed("locked", theirs["locked"].clone()),
        changed("locked", "".into()),
        changed("tag", theirs["tag"].clone()),
        half.to_owned(),
        String::new(),
    ] {
        fs::write(&path, &forged).unwrap();
        let error = Vault::open(desk.path(), Some(&key.path)).unwrap_err().to_string();
        assert!(error.contains("is not as it was written"), "{error}");
    }
    fs::write(&path, changed("format", 2.into())).unwrap();
    let error = Vault::open(desk.path(), Some(&key.path)).unwrap_err().to_string();
    assert!(error.contains("newer fusion (format 2)"), "{error}");
    // Without it nothing opens, and all of it is named.
    fs::remove_file(&path).unwrap();
    let report = verify_vault(&vault(desk.path()), Depth::Digests);
    for (file, _) in contents(desk.path()) {
        let named = report.faults.iter().find(|fault| Path::new(&fault.file) == file);
        assert!(named.unwrap().what.contains("keys/at-rest.json"), "{:?}", report.faults);
    }
    let standing = AtRest::of(desk.path()).unwrap().unwrap();
    assert_eq!((standing.keys.len(), standing.waiting), (0, 2));
}
