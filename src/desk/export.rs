//! Handing inquiries out: CSV that is safe to open in a spreadsheet, or one JSON object a line. Written page by
//! page, so that memory does not grow with the number of inquiries.

use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, WriterBuilder};
use jiff::Timestamp;
use serde::Serialize;

use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{BestTime, Inquiry, Reference};
use crate::store::{Error, Store, Unreadable};

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// UTF-8 with BOM, CRLF, every cell quoted, `'` before what a spreadsheet would take for a formula.
    Csv,
    /// One JSON object a line, words exactly as stored.
    JsonLines,
}

/// Rows read at once.
const PAGE: i64 = 500;

/// One inquiry, as exported.
#[derive(Serialize)]
struct Row<'a> {
    reference: &'a str,
    received_at: String,
    answer_by: String,
    status: &'a str,
    urgent: &'a str,
    name: &'a str,
    email: &'a str,
    phone: &'a str,
    contact_by: &'a str,
    voicemail: &'a str,
    technique: &'a str,
    best_time: &'a str,
    health: String,
    message: &'a str,
    consent_version: &'a str,
    opened_at: String,
    answered_at: String,
    merged_into: &'a str,
}

const HEADER: [&str; 18] = [
    "reference",
    "received_at",
    "answer_by",
    "status",
    "urgent",
    "name",
    "email",
    "phone",
    "contact_by",
    "voicemail",
    "technique",
    "best_time",
    "health",
    "message",
    "consent_version",
    "opened_at",
    "answered_at",
    "merged_into",
];

/// What stands in a file for words that do not open.
const UNREADABLE: &str = "This inquiry cannot be read: restore it from a backup";

/// What came of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Inquiries written.
    pub written: u64,
    /// The references of those whose words do not open: they are not in it.
    pub left_out: Vec<String>,
}

/// Writes every inquiry received at or after `since`, oldest first; one that is damaged does not keep back the others.
/// `progress` hears after each page how many there are so far.
///
/// # Errors
/// When the database cannot be read or `out` not be written.
pub async fn export(
    store: &Store,
    format: ExportFormat,
    since: Timestamp,
    out: &mut impl Write,
    progress: impl Fn(u64),
) -> Result<Exported, ExportError> {
    if format == ExportFormat::Csv {
        out.write_all(&csv_head()?)?;
    }
    let (mut next, mut exported) = (Some(0), Exported::default());
    while let Some(after) = next {
        let page = store.readable_after(after, since, PAGE).await?;
        next = page.next;
        for inquiry in page.inquiries {
            match inquiry {
                Ok(inquiry) => {
                    write_row(format, &row(&inquiry), out)?;
                    exported.written += 1;
                }
                Err(damaged) => exported.left_out.push(damaged.reference),
            }
        }
        progress(exported.written);
    }
    out.flush()?;
    Ok(exported)
}

/// The beginning of a CSV file: the mark that tells spreadsheets of UTF-8, and the names of the columns.
///
/// # Errors
/// None that is known; the writer of lines could fail.
pub fn csv_head() -> io::Result<Vec<u8>> {
    csv_begin(&HEADER)
}

/// The same with other columns.
pub(super) fn csv_begin(columns: &[&str]) -> io::Result<Vec<u8>> {
    let mut head = "\u{feff}".as_bytes().to_vec();
    head.extend(csv_guarded_line(columns)?);
    Ok(head)
}

/// A line of cells that no spreadsheet takes for formulas.
pub(super) fn csv_guarded_line(cells: &[&str]) -> io::Result<Vec<u8>> {
    csv_line(&cells.iter().map(|cell| guarded(cell)).collect::<Vec<_>>())
}

/// One line of a CSV file.
///
/// # Errors
/// None that is known; the writer of lines could fail.
pub fn csv_of(inquiry: &Inquiry) -> io::Result<Vec<u8>> {
    csv_line(&cells(&row(inquiry)))
}

/// The line of an inquiry that cannot be read: which one it is, and nothing else.
///
/// # Errors
/// None that is known; the writer of lines could fail.
pub fn csv_of_unreadable(damaged: &Unreadable) -> io::Result<Vec<u8>> {
    csv_guarded_line(&HEADER.map(|column| match column {
        "reference" => damaged.reference.as_str(),
        "name" | "message" => UNREADABLE,
        _ => "",
    }))
}

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
    /// The file or pipe.
    #[error("cannot write the export: {0}")]
    Write(#[from] io::Error),
}

fn write_row(format: ExportFormat, row: &Row<'_>, out: &mut impl Write) -> io::Result<()> {
    match format {
        ExportFormat::JsonLines => {
            serde_json::to_writer(&mut *out, row)?;
            out.write_all(b"\n")
        }
        ExportFormat::Csv => out.write_all(&csv_line(&cells(row))?),
    }
}

/// The names of an inquiry's columns with what stands in them, unguarded; empty ones are left out.
pub(super) fn answers_of(inquiry: &Inquiry) -> Vec<(&'static str, String)> {
    let texts = texts(&row(inquiry)).map(str::to_owned);
    HEADER.into_iter().zip(texts).skip(1).filter(|(_, text)| !text.is_empty()).collect()
}

fn cells(row: &Row<'_>) -> [String; 18] {
    texts(row).map(guarded)
}

fn texts<'a>(row: &'a Row<'_>) -> [&'a str; 18] {
    [
        row.reference,
        &row.received_at,
        &row.answer_by,
        row.status,
        row.urgent,
        row.name,
        row.email,
        row.phone,
        row.contact_by,
        row.voicemail,
        row.technique,
        row.best_time,
        &row.health,
        row.message,
        row.consent_version,
        &row.opened_at,
        &row.answered_at,
        row.merged_into,
    ]
}

/// One line of a CSV file, every cell quoted.
///
/// # Errors
/// None that is known; the writer of lines could fail.
pub fn csv_line(cells: &[String]) -> io::Result<Vec<u8>> {
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells)?;
    writer.into_inner().map_err(|e| io::Error::other(e.to_string()))
}

/// A spreadsheet runs a cell that begins like a formula. An apostrophe before it makes it text; a cell that
/// begins with an apostrophe gets one too, so that taking one away gives the words back.
fn guarded(cell: &str) -> String {
    let risky = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\'' | '＝' | '＋' | '－' | '＠');
    if cell.starts_with(risky) { format!("'{cell}") } else { cell.to_owned() }
}

fn row(inquiry: &Inquiry) -> Row<'_> {
    let answers = &inquiry.answers;
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    Row {
        reference: inquiry.reference.as_str(),
        received_at: inquiry.received_at.to_string(),
        answer_by: inquiry.answer_by.to_string(),
        status: inquiry.status.as_str(),
        urgent: answers.urgent.as_str(),
        name: answers.name.as_str(),
        email: answers.contact.email().map_or("", EmailAddress::as_str),
        phone: answers.contact.phone().map_or("", PhoneNumber::as_str),
        contact_by: answers.contact.by().as_str(),
        voicemail: if answers.voicemail { "yes" } else { "no" },
        technique: answers.technique.as_deref().unwrap_or(""),
        best_time: answers.best_time.as_ref().map_or("", BestTime::as_str),
        health: answers.health.join(","),
        message: answers.message.as_str(),
        consent_version: &inquiry.consent_version,
        opened_at: time(inquiry.opened_at),
        answered_at: time(inquiry.answered_at),
        merged_into: inquiry.merged_into.as_ref().map_or("", Reference::as_str),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_cell_is_a_formula_and_every_word_comes_back(words in "[=+@'\\-\t\r\n＝＋－＠]?(?s:.*)", other: String) {
            let line = csv_line(&[guarded(&words), guarded(&other)]).unwrap();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_slice());
            let records: Vec<_> = reader.records().map(Result::unwrap).collect();
            proptest::prop_assert_eq!(records.len(), 1, "one line, whatever the words hold");
            proptest::prop_assert!(!records[0][0].starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']));
            for (cell, words) in records[0].iter().zip([&words, &other]) {
                proptest::prop_assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), words.as_str());
            }
        }
    }

    #[test]
    fn a_cell_that_looks_like_a_formula_is_text_and_comes_back_exactly() {
        for cell in ["=1+1", "+49 30 1", "-2", "@SUM(A1)", "\tx", "\nx", "'quoted", "＝1"] {
            let line = csv_line(&[guarded(cell)]).unwrap();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_slice());
            let read = reader.records().next().unwrap().unwrap();
            assert_eq!(read[0].strip_prefix('\''), Some(cell));
        }
        assert_eq!(csv_line(&["a\"b".to_owned(), String::new()]).unwrap(), b"\"a\"\"b\",\"\"\r\n");
    }
}
