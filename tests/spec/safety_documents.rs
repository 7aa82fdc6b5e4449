//! The documents about safety are true: docs/asvs.md has every row and names tests that exist, the threat model too, the
//! rules of the form are those of the code, and what the program is built from is as SECURITY.md says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use backwise::inquiry::{LONGEST_BEST_TIME, LONGEST_MESSAGE, LONGEST_NAME, LONGEST_NOTE};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

/// Each test that a text names as `file.rs::name`; one that does not exist fails.
fn tests_named_in(text: &str, place: &str) -> Vec<String> {
    let named: Vec<String> =
        text.split('`').skip(1).step_by(2).filter(|code| code.contains(".rs::")).map(str::to_owned).collect();
    for test in &named {
        let (file, name) = test.split_once("::").unwrap();
        assert!(read(file).contains(&format!("fn {name}(")), "{place} names {test}, which does not exist");
    }
    named
}

/// The level of every id of levels 1 and 2.
fn required() -> BTreeMap<String, u8> {
    let text = include_str!("asvs.txt");
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    let pairs = lines.flat_map(|(level, ids)| ids.split(' ').map(move |id| (id.to_owned(), level.parse().unwrap())));
    let required: BTreeMap<String, u8> = pairs.collect();
    assert_eq!(required.len(), 253);
    required
}

struct Row {
    id: String,
    level: u8,
    state: String,
}

/// The rows of docs/asvs.md, each checked for what its state must say.
fn rows() -> Vec<Row> {
    let text = read("docs/asvs.md");
    let lines = text.lines().filter(|line| line.starts_with("| v5.0.0-"));
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, level, asked, state, proof] = cells.as_slice() else { panic!("five cells: {line}") };
        let tests = tests_named_in(proof, id).len();
        let says_enough = match *state {
            "met" | "not applicable" => tests > 0,
            "NOT MET" => proof.len() > 5,
            _ => false,
        };
        assert!(says_enough && asked.len() > 5, "{line}");
        let id = id.strip_prefix("v5.0.0-").unwrap().to_owned();
        Row { id, level: level.parse().unwrap(), state: (*state).to_owned() }
    });
    rows.collect()
}

#[test]
fn the_asvs_document_is_whole_and_names_tests_that_exist() {
    let rows = rows();
    let mut required = required();
    let mut seen = BTreeMap::new();
    for row in &rows {
        assert_eq!(seen.insert(row.id.clone(), ()), None, "{} stands there twice", row.id);
        match required.remove(&row.id) {
            Some(level) => assert_eq!(row.level, level, "{}", row.id),
            None => assert_eq!(row.level, 3, "{}", row.id),
        }
    }
    assert!(required.is_empty(), "without a row: {:?}", required.keys());
}

#[test]
fn the_sums_of_the_asvs_document_are_those_of_its_rows() {
    let (rows, text) = (rows(), read("docs/asvs.md"));
    for level in 1..=3 {
        let of = |state: &str| rows.iter().filter(|row| row.level == level && row.state == state).count();
        let (met, without, missing) = (of("met"), of("not applicable"), of("NOT MET"));
        let line = format!("| {level} | {met} | {without} | {missing} | {} |", met + without + missing);
        assert!(text.contains(&line), "the sums should say {line}");
    }
}

#[test]
fn the_threat_model_names_tests_that_exist() {
    let text = read("docs/threat-model.md");
    assert!(tests_named_in(&text, "docs/threat-model.md").len() > 30);
    for part in [
        "## What flows where",
        "## Who is trusted with what",
        "## Threats",
        "## What is not defended",
        "## Who sees which field",
        "## Keys and algorithms",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn the_rules_of_the_form_are_written_down_as_they_are() {
    let text = read("docs/rules.md");
    for (words, number) in [
        ("`name` | required, 1 to {} characters", LONGEST_NAME),
        ("`message` | required, 1 to {} characters", LONGEST_MESSAGE),
        ("`best_time` | optional, up to {} characters", LONGEST_BEST_TIME),
        ("a note or a reply | {} characters", LONGEST_NOTE),
    ] {
        let words = words.replace("{}", &number.to_string());
        assert!(text.contains(&words), "docs/rules.md does not say: {words}");
    }
    let forms = read("src/inquiry/form.rs");
    let fields = forms.split("pub struct InquiryForm {").nth(1).unwrap().split('}').next().unwrap();
    for field in fields.lines().filter_map(|line| line.trim().strip_prefix("pub ")) {
        let name = field.split(':').next().unwrap();
        assert!(text.contains(&format!("`{name}`")), "{name} has no rule");
    }
}

#[test]
fn every_password_field_hides_and_takes_what_is_pasted() {
    let mut fields = 0;
    for entry in fs::read_dir(root().join("templates/desk")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("onpaste") && !text.to_lowercase().contains("secret question"));
        for input in text.split("<input").skip(1).filter_map(|rest| rest.split('>').next()) {
            if ["\"current\"", "\"password\"", "\"password_again\""]
                .iter()
                .any(|name| input.contains(&format!("name={name}")))
            {
                fields += 1;
                assert!(input.contains("type=\"password\""), "{input}");
                let helped = ["current-password", "new-password"]
                    .iter()
                    .any(|kind| input.contains(&format!("autocomplete=\"{kind}\"")));
                assert!(helped && !input.contains("maxlength") && !input.contains("readonly"), "{input}");
            }
        }
    }
    assert!(fields >= 5, "{fields}");
}

/// Each page behind the door has the layout's header, and that has the way out.
#[test]
fn every_page_of_the_desk_can_be_left() {
    let layout = read("templates/desk/layout.html");
    let way_out = layout.split("<form method=\"post\" action=\"/admin/logout\"").nth(1).unwrap();
    assert!(way_out.split("</form>").next().unwrap().contains(">Sign out</button>"));
    for entry in fs::read_dir(root().join("templates/desk")).unwrap() {
        let path = entry.unwrap().path();
        let (name, text) =
            (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap());
        let is_page = text.contains("{% extends \"desk/layout.html\" %}");
        let is_before_the_door = ["sign_in", "second_step", "welcome"].iter().any(|before| name.starts_with(before));
        let hides_it = text.contains("{% block top %}") && !text.contains("action=\"/admin/logout\"");
        assert!(!is_page || is_before_the_door || !hides_it, "{name} hides the way out");
    }
}

#[test]
fn no_code_of_ours_is_unsafe() {
    assert!(read("Cargo.toml").contains("unsafe_code = \"forbid\""));
    let mut files = 0;
    let mut folders = vec![root().join("src"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files += 1;
                let text = fs::read_to_string(&path).unwrap();
                for word in ["fn", "impl", "{"] {
                    let unsafe_word = format!("{} {word}", "unsafe");
                    assert!(!text.contains(&unsafe_word), "{}", path.display());
                }
            }
        }
    }
    assert!(files > 80);
}

#[test]
fn the_supply_chain_is_told_as_it_is_checked() {
    let lock = read("Cargo.lock");
    let sources: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("source = ")).collect();
    assert!(sources.len() > 200);
    assert!(sources.iter().all(|source| *source == "\"registry+https://github.com/rust-lang/crates.io-index\""));
    let script = read("scripts/supply-chain");
    for part in
        ["cargo deny --locked check licenses bans sources", "check advisories", "cargo cyclonedx", "NOT CHECKED"]
    {
        assert!(script.contains(part), "{part}");
    }
    let told = read("SECURITY.md");
    for part in ["`scripts/supply-chain`", "within 7 days", "within 30", "every 3 months"] {
        assert!(told.contains(part), "{part}");
    }
    assert!(Path::new(&root().join("deny.toml")).exists());
}
