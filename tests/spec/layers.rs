//! The architecture: a module names only modules of the layers above it, sqlx stays in the store and actix in the web.

use std::fs;
use std::path::{Path, PathBuf};

/// From the top; modules of one line do not know each other.
const LAYERS: [&[&str]; 7] = [
    &["clock", "contact", "patience", "secret", "telemetry"],
    &["config", "content", "inquiry", "staff"],
    &["outbox"],
    &["store"],
    &["desk", "mail"],
    &["web"],
    &["cli"],
];

fn layer_of(module: &str) -> usize {
    LAYERS.iter().position(|line| line.contains(&module)).unwrap_or_else(|| panic!("{module} has no layer"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules of this crate that a text names, each as `crate::module`.
fn named(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let paths = code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>());
    paths.map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn modules_name_only_the_layers_above_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&src, &mut all);
    let mut broken = Vec::new();
    let mut uses = 0;
    for file in all {
        let inside = file.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        let module = inside.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for other in named(&text) {
            uses += 1;
            if other != module && layer_of(&other) >= layer_of(&module) {
                broken.push(format!("{inside} names {other}"));
            }
        }
        for (library, home) in [("sqlx", "store"), ("actix_web", "web"), ("lettre", "mail")] {
            let names_it =
                text.lines().any(|line| line.contains(&format!("{library}::")) && !line.trim_start().starts_with("//"));
            // The form accepts what the mail library can send to.
            let may = module == home || (library == "lettre" && module == "contact");
            if names_it && !may {
                broken.push(format!("{inside} names {library}"));
            }
        }
    }
    assert!(uses > 100, "the test reads the code");
    assert!(broken.is_empty(), "{broken:#?}");
}
