//! Any inquiry: one line of CSV, no cell a formula, and every word comes back.
#![no_main]

mod sample;

use backwise::desk::csv_of;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(inquiry) = sample::inquiry(text) else { return };
    let line = csv_of(&inquiry).expect("a line");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_slice());
    let records: Vec<_> = reader.records().collect::<Result<_, _>>().expect("CSV");
    assert_eq!(records.len(), 1);
    let risky = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    assert!(records[0].iter().all(|cell| !cell.starts_with(risky)));
    let plain: Vec<&str> = records[0].iter().map(|cell| cell.strip_prefix('\'').unwrap_or(cell)).collect();
    for words in [inquiry.answers.name.as_str(), inquiry.answers.message.as_str()] {
        assert!(plain.contains(&words), "{words:?} in {plain:?}");
    }
});
