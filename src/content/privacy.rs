//! The privacy statement, whose sentences about what the clinic has set are chosen by the settings, so that the page
//! cannot say one thing while the program does another. It knows no settings; whoever loads the words tells it.

use jiff::civil::Date;

use super::front::File;
use super::page::Page;
use super::source::Sources;
use super::table::Table;

/// What the statement says as the clinic has set it.
#[derive(Clone, Copy, Debug)]
pub struct Practice {
    /// What the email to staff carries.
    pub staff_mail: StaffMail,
    /// How many addresses it goes to.
    pub recipients: usize,
    /// Whether the person who wrote gets a confirmation by email.
    pub acknowledges: bool,
    /// Days after which a closed message is erased; 0 keeps all.
    pub kept_days: u32,
}

/// How much the email to staff carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are those of the setting mail.detail")]
pub enum StaffMail {
    Full,
    Contact,
    Link,
}

/// The statement with the words for every setting.
#[derive(Clone, Debug)]
pub(super) struct Privacy {
    pub(super) page: Page,
    pub(super) version: String,
    words: Option<Words>,
}

/// What stands for the marks of the text, one of each group.
#[derive(Clone, Debug)]
struct Words {
    staff_mail: [String; 3],
    recipients: [String; 2],
    acknowledgement: [String; 2],
    kept: [String; 2],
}

/// The marks that the text may hold.
const MARKS: [&str; 5] = ["staff-mail", "recipients", "acknowledgement", "kept", "version"];

/// The day of a version of the text, in words: "25 November 2026". What the settings were stays in the version itself; a
/// version without a day is given as it is.
pub fn day_of_version(version: &str) -> String {
    let day = version.split(',').next().unwrap_or(version).trim();
    day.parse::<Date>().map_or_else(|_| day.to_owned(), |date| date.strftime("%-d %B %Y").to_string())
}

impl Privacy {
    /// Reads the file. A mark that we do not know is a fault, and so are missing words for those we do.
    pub(super) fn read(file: File<'_>, sources: &Sources) -> Option<Self> {
        let parsed = file.parse()?;
        let root = parsed.root();
        let version = root.word("version");
        let (body, at) = parsed.body();
        let has_marks = check_marks(file, body, at);
        // A clinic's own text may do without marks, and then needs no words for them.
        let words =
            (has_marks || root.has("as_set")).then(|| root.table("as_set").and_then(|table| Words::read(&table)));
        let page = Page::read(file, &root, (body, at), sources);
        root.finish();
        Some(Self { page: page?, version: version?, words: words.map_or(Some(None), |words| words.map(Some))? })
    }

    /// The page and the version for a clinic that does as `practice` says. The version names what was chosen, so that what
    /// is stored with a person's agreement tells which text they saw.
    pub(super) fn as_practised(&self, practice: &Practice) -> (Page, String) {
        let Some(words) = &self.words else { return (self.page.clone(), self.version.clone()) };
        let Practice { staff_mail, recipients, acknowledges, kept_days } = *practice;
        let [full, contact, link] = &words.staff_mail;
        let (mail, short) = match staff_mail {
            StaffMail::Full => (full, "full"),
            StaffMail::Contact => (contact, "contact"),
            StaffMail::Link => (link, "link"),
        };
        let either = |first: bool, two: &[String; 2]| two[usize::from(!first)].clone();
        let confirmed = if acknowledges { "confirmed" } else { "not confirmed" };
        let version = format!("{}, mail {short} to {recipients}, {confirmed}, kept {kept_days}", self.version);
        let chosen = [
            mail.clone(),
            either(recipients == 1, &words.recipients).replace("{number}", &recipients.to_string()),
            either(acknowledges, &words.acknowledgement),
            either(kept_days > 0, &words.kept).replace("{days}", &kept_days.to_string()),
            version.clone(),
        ];
        let fill = |html: &str| {
            MARKS
                .iter()
                .zip(&chosen)
                .fold(html.to_owned(), |html, (mark, words)| html.replace(&format!("{{{mark}}}"), &escaped(words)))
        };
        (self.page.clone().with_html(fill), version)
    }
}

impl Words {
    fn read(table: &Table<'_, '_>) -> Option<Self> {
        let (full, contact, link) =
            (table.text("staff_mail_full"), table.text("staff_mail_contact"), table.text("staff_mail_link"));
        let (one, many) = (table.text("recipients_one"), table.text("recipients_many"));
        let (yes, no) = (table.text("acknowledgement_yes"), table.text("acknowledgement_no"));
        let (some, always) = (table.text("kept_days"), table.text("kept_always"));
        table.finish();
        Some(Self {
            staff_mail: [full?, contact?, link?],
            recipients: [one?, many?],
            acknowledgement: [yes?, no?],
            kept: [some?, always?],
        })
    }
}

/// Whether the text holds marks; each unknown one is noted with its line. `{#id}` belongs to a heading.
fn check_marks(file: File<'_>, body: &str, at: usize) -> bool {
    let mut found = false;
    for (start, _) in body.match_indices('{').filter(|(start, _)| !body[*start..].starts_with("{#")) {
        let mark = body[start + 1..].split(['}', '\n']).next().unwrap_or_default();
        match MARKS.contains(&mark) {
            true => found = true,
            false => {
                file.fault(at + start, format!("there is no mark {{{mark}}}; the marks are {{{}}}", MARKS.join("}, {")))
            }
        }
    }
    found
}

/// Text that came from a setting of the file, put into markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
