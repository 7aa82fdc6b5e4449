//! Any text: each piece that somebody copies out of it finds it, no word is more than the index takes, and what is shown as
//! found are whole characters, one place after the other.
#![no_main]

use backwise::store::asked::{asked, hits};
use backwise::store::words::words_and_beginnings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let all = words_and_beginnings(text);
    for word in &all {
        assert!((1..=60).contains(&word.chars().count()) && word.chars().all(char::is_alphanumeric), "{word:?}");
    }
    for piece in text.split_ascii_whitespace() {
        assert!(words_and_beginnings(piece).is_subset(&all), "{piece:?} is not found");
        let mut end = 0;
        for hit in hits(text, &asked(piece)) {
            assert!(end <= hit.start && text.get(hit.clone()).is_some_and(|shown| !shown.is_empty()), "{hit:?}");
            end = hit.end;
        }
    }
});
