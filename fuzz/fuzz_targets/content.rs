//! Any text in the place of one content file: pages without foreign elements, or faults of one line each.
#![no_main]

use std::collections::BTreeMap;

use backwise::content::{Content, SINGLE};
use libfuzzer_sys::fuzz_target;

/// Beside the files that make one thing each: one that replaces a built-in one, and new ones.
const OTHERS: [&str; 4] = ["techniques/swedish.md", "techniques/new.md", "conditions/new.toml", "replies/new.md"];

fuzz_target!(|text: &str| {
    let Some(choice) = text.chars().next() else { return };
    let mut files = SINGLE.into_iter().chain(OTHERS).cycle();
    let Some(file) = files.nth(choice as usize % (SINGLE.len() + OTHERS.len())) else { return };
    let own = BTreeMap::from([(file.to_owned(), text[choice.len_utf8()..].to_owned())]);
    match Content::with_files(own) {
        Ok(content) => {
            let article = content.article();
            for section in [article.what_it_is(), article.how_it_may_help(), article.contact_us(), article.which_technique()]
            {
                only_ours(section.html().as_str());
            }
            for page in [content.comparison(), content.suitability(), content.privacy(), content.accessibility()] {
                page.sections().iter().for_each(|section| only_ours(section.html().as_str()));
            }
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                let told = fault.to_string();
                assert!(!told.chars().any(char::is_control), "{told:?}");
            }
        }
    }
});

/// Elements and links that Markdown may make; what is anything else was written as HTML, which is shown as text.
fn only_ours(html: &str) {
    for tag in html.split('<').skip(1) {
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(!["script", "style", "iframe", "img", "object", "form", "input", "svg", "base", "meta"].contains(&name.as_str()), "{html}");
        let inside = tag.split('>').next().unwrap_or_default().to_lowercase();
        let names = inside.split('"').step_by(2).map(|piece| piece.trim_end_matches('='));
        let names: Vec<&str> = names.filter_map(|piece| piece.split_whitespace().last()).collect();
        assert!(!names.iter().any(|name| name.starts_with("on") || *name == "style"), "{html}");
        if let Some(link) = inside.split("href=\"").nth(1) {
            let good = ["https:", "http:", "mailto:", "tel:", "/", "#"].iter().any(|start| link.starts_with(start));
            assert!(good, "{html}");
        }
    }
}
