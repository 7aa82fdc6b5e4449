//! Makes what the program carries with it: every file of `content/`, as a table of relative path and text, and the picture
//! for links to the site.

#[path = "build/picture.rs"]
mod picture;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let (Some(root), Some(out)) = (env::var_os("CARGO_MANIFEST_DIR"), env::var_os("OUT_DIR")) else {
        return Err(io::Error::other("cargo sets CARGO_MANIFEST_DIR and OUT_DIR"));
    };
    let (root, out) = (Path::new(&root), Path::new(&out));
    picture::draw(root, out)?;
    embed_content(&root.join("content"), out)
}

/// Writes `content_files.rs`: `FILES`, sorted by path, without the README, which is for the people who edit.
fn embed_content(folder: &Path, out: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    walk(folder, &mut files)?;
    files.sort();
    let mut table = String::from(
        "/// Relative path and text of every built-in content file.\npub static FILES: &[(&str, &str)] = &[\n",
    );
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let relative = relative_path(folder, &file)?;
        if relative != "README.md" {
            // Debug output of a string is a valid literal of it, whatever characters the path holds.
            let absolute = file.display().to_string();
            writeln!(table, "    ({relative:?}, include_str!({absolute:?})),").map_err(io::Error::other)?;
        }
    }
    table.push_str("];\n");
    fs::write(out.join("content_files.rs"), table)
}

/// Every `.md` and `.toml` file below `folder`.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            walk(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "md" || extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}

/// The path with `/` between its parts on every system.
fn relative_path(folder: &Path, file: &Path) -> io::Result<String> {
    let relative = file.strip_prefix(folder).map_err(io::Error::other)?;
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    Ok(parts.join("/"))
}
