//! The Nu checker, run once over a folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Where scripts/test puts its tools.
pub fn tools() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools");
    PathBuf::from(std::env::var("TEST_TOOLS").unwrap_or_else(|_| default.to_owned()))
}

/// Everything that it finds in the files of a folder: errors and warnings, each on a line with its file.
pub fn findings(folder: &Path) -> Vec<String> {
    let jar = tools().join("node_modules/vnu-jar/build/dist/vnu.jar");
    let output = Command::new("java")
        .args(["-Xss2m", "-jar"])
        .arg(jar)
        .args(["--format", "json", "--exit-zero-always", "--also-check-css"])
        .arg(folder)
        .output()
        .expect("java: run scripts/test once");
    let report: Value = serde_json::from_slice(&output.stderr)
        .unwrap_or_else(|_| panic!("vnu: run scripts/test once: {}", String::from_utf8_lossy(&output.stderr)));
    report["messages"].as_array().unwrap().iter().filter(|message| !is_known(message)).map(line).collect()
}

/// What the checker does not know yet, each with the standard that does.
fn is_known(message: &Value) -> bool {
    // CSS Scroll Snap Module Level 2, CSS Form Control Styling Module Level 1.
    const KNOWN: [&str; 2] =
        ["Property “scroll-initial-target” doesn't exist", "Property “field-sizing” doesn't exist"];
    let words = message["message"].as_str().unwrap_or_default();
    KNOWN.iter().any(|known| words.contains(known))
}

fn line(message: &Value) -> String {
    let text = |key: &str| message[key].as_str().unwrap_or_default();
    let file = text("url").rsplit('/').next().unwrap_or_default();
    let kind = if message["subType"].is_string() { text("subType") } else { text("type") };
    format!("{file}:{} {kind}: {} {}", message["lastLine"], text("message"), text("extract"))
}
