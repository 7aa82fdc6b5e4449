//! The documents are true: every key and command is told, every link leads somewhere, defaults are those of the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use backwise::config::Config;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn the_readme_tells_every_key_and_no_other() {
    let readme = read("README.md");
    let table = readme.split("## Configuration").nth(1).unwrap().split("## Operating").next().unwrap();
    for key in Config::keys() {
        assert!(table.contains(&format!("`{key}`")), "{key} is not told");
    }
    for told in table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect::<Vec<_>>())
    {
        assert!(Config::keys().contains(&told), "{told} is no key");
    }
}

#[test]
fn the_settings_shown_in_the_readme_are_valid() {
    let readme = read("README.md");
    let settings = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let config = Config::from_parts(settings, []).unwrap();
    assert_eq!(config.server.public_url.as_deref(), Some("https://clinic.example"));
}

#[test]
fn the_readme_tells_every_command() {
    let readme = read("README.md");
    let help = Command::new(env!("CARGO_BIN_EXE_backwise")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = commands.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let mut count = 0;
    for name in names {
        assert!(readme.contains(&format!("`backwise {name}")), "{name} is not told");
        count += 1;
    }
    assert!(count >= 7, "{count}");
}

fn markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !["target", "data", ".git", "node_modules"].iter().any(|name| path.ends_with(name)) {
            markdown(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut files = Vec::new();
    markdown(&root(), &mut files);
    let mut links = 0;
    for file in files.iter().filter(|file| !file.starts_with(root().join("content/techniques"))) {
        let text = fs::read_to_string(file).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let is_ours = !target.starts_with(['/', '#', '<']) && !target.contains(':') && !target.is_empty();
            if is_ours {
                links += 1;
                let path = file.parent().unwrap().join(target.split('#').next().unwrap());
                assert!(path.exists(), "{} links to {target}", file.display());
            }
        }
    }
    assert!(links > 5);
}
