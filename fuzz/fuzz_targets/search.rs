//! Any text: each piece that somebody copies out of it finds it, and no word is more than the index takes.
#![no_main]

use backwise::store::search::words;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let all = words(text);
    for word in &all {
        assert!((1..=60).contains(&word.chars().count()) && word.chars().all(char::is_alphanumeric), "{word:?}");
    }
    for piece in text.split_ascii_whitespace() {
        assert!(words(piece).is_subset(&all), "{piece:?} is not found");
    }
});
