//! The words around the form: what each question says, why it is asked, what can be chosen.
//! Which fields exist and what they accept is not decided here.

use super::front::File;
use super::markdown::{Section, render};
use super::page::{Head, Review};
use super::source::Sources;
use super::table::Table;

/// The words of the contact page and of the page that interrupts it.
#[derive(Clone, Debug)]
pub struct ContactWords {
    head: Head,
    submit: String,
    questions: Questions,
    interruption: Interruption,
    sections: Vec<Section>,
    review: Review,
}

/// One question for each field of the form.
#[derive(Clone, Debug)]
struct Questions {
    urgent: Question,
    name: Question,
    email: Question,
    phone: Question,
    contact_by: Question,
    voicemail: Question,
    technique: Question,
    best_time: Question,
    health: Question,
    message: Question,
    consent: Question,
}

impl ContactWords {
    /// The title for the browser's tab.
    pub fn title(&self) -> &str {
        &self.head.title
    }

    /// The heading at the top.
    pub fn heading(&self) -> &str {
        &self.head.heading
    }

    /// The description for search engines.
    pub fn description(&self) -> &str {
        &self.head.description
    }

    /// The first words below the heading.
    pub fn lead(&self) -> &str {
        &self.head.lead
    }

    /// The words on the button that sends.
    pub fn submit(&self) -> &str {
        &self.submit
    }

    /// Are there red flags now? Choices `no`, `yes`, `unsure`.
    pub fn urgent(&self) -> &Question {
        &self.questions.urgent
    }

    /// The person's name.
    pub fn name(&self) -> &Question {
        &self.questions.name
    }

    /// The person's email address.
    pub fn email(&self) -> &Question {
        &self.questions.email
    }

    /// The person's telephone number.
    pub fn phone(&self) -> &Question {
        &self.questions.phone
    }

    /// How to answer. Choices `email`, `phone`.
    pub fn contact_by(&self) -> &Question {
        &self.questions.contact_by
    }

    /// May we leave a message on the phone? Choice `yes`.
    pub fn voicemail(&self) -> &Question {
        &self.questions.voicemail
    }

    /// Which technique; its empty choice stands for "not sure".
    pub fn technique(&self) -> &Question {
        &self.questions.technique
    }

    /// When to reach the person.
    pub fn best_time(&self) -> &Question {
        &self.questions.best_time
    }

    /// What about the person's health matters; the conditions are the choices.
    pub fn health(&self) -> &Question {
        &self.questions.health
    }

    /// The message itself.
    pub fn message(&self) -> &Question {
        &self.questions.message
    }

    /// The consent. Choice `yes`.
    pub fn consent(&self) -> &Question {
        &self.questions.consent
    }

    /// The page shown before an inquiry with red flags is sent.
    pub fn interruption(&self) -> &Interruption {
        &self.interruption
    }

    /// What stands below the form.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// When the words were written and must be looked at again.
    pub fn review(&self) -> &Review {
        &self.review
    }

    pub(super) fn read(file: File<'_>) -> Option<Self> {
        let parsed = file.parse()?;
        let root = parsed.root();
        let (head, review, submit) = (Head::read(&root), Review::read(&root), root.text("submit"));
        let questions = root.table("questions").and_then(|table| Questions::read(&table));
        let interruption = root.table("interruption").and_then(|table| Interruption::read(&table));
        root.finish();
        // The page lists no sources, so its text cannot link to one.
        let sections = render(file, parsed.body(), &Sources::none()).sections;
        Some(Self {
            head: head?,
            submit: submit?,
            questions: questions?,
            interruption: interruption?,
            sections,
            review: review?,
        })
    }
}

impl Questions {
    fn read(table: &Table<'_, '_>) -> Option<Self> {
        let ask = |key, choices: &'static [&'static str]| {
            table.table(key).and_then(|question| Question::read(&question, choices))
        };
        let (urgent, name) = (ask("urgent", &["no", "yes", "unsure"]), ask("name", &[]));
        let (email, phone) = (ask("email", &[]), ask("phone", &[]));
        let (contact_by, voicemail) = (ask("contact_by", &["email", "phone"]), ask("voicemail", &["yes"]));
        let (technique, best_time) = (ask("technique", &["unsure"]), ask("best_time", &[]));
        let (health, message, consent) = (ask("health", &[]), ask("message", &[]), ask("consent", &["yes"]));
        table.finish();
        Some(Self {
            urgent: urgent?,
            name: name?,
            email: email?,
            phone: phone?,
            contact_by: contact_by?,
            voicemail: voicemail?,
            technique: technique?,
            best_time: best_time?,
            health: health?,
            message: message?,
            consent: consent?,
        })
    }
}

/// One question as a person reads it.
#[derive(Clone, Debug)]
pub struct Question {
    label: String,
    hint: Option<String>,
    why: Option<String>,
    choices: Vec<Choice>,
}

impl Question {
    /// The question.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// How to answer it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Why it is asked.
    pub fn why(&self) -> Option<&str> {
        self.why.as_deref()
    }

    /// What can be chosen, in order.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// The label of one choice; empty when there is no such choice.
    pub fn choice(&self, value: &str) -> &str {
        self.choices.iter().find(|choice| choice.value == value).map_or("", |choice| &choice.label)
    }

    fn read(table: &Table<'_, '_>, choices: &'static [&'static str]) -> Option<Self> {
        let (label, hint, why) = (table.text("label"), table.optional_text("hint"), table.optional_text("why"));
        let choices = if choices.is_empty() { Some(Vec::new()) } else { read_choices(table, choices) };
        table.finish();
        Some(Self { label: label?, hint, why, choices: choices? })
    }
}

/// One thing that can be chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    value: String,
    label: String,
}

impl Choice {
    /// What the form sends.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What the person reads.
    pub fn label(&self) -> &str {
        &self.label
    }
}

/// Reads the labels of exactly these choices.
fn read_choices(parent: &Table<'_, '_>, values: &'static [&'static str]) -> Option<Vec<Choice>> {
    let table = parent.table("choices")?;
    let labels: Vec<_> = values.iter().map(|value| (*value, table.text(value))).collect();
    table.finish();
    let choice = |(value, label): (&str, Option<String>)| Some(Choice { value: value.to_owned(), label: label? });
    labels.into_iter().map(choice).collect()
}

/// The words of the page that a person with red flags sees before sending.
#[derive(Clone, Debug)]
pub struct Interruption {
    heading: String,
    yes: String,
    unsure: String,
    not_sent: String,
    send: String,
    back: String,
}

impl Interruption {
    /// The heading.
    pub fn heading(&self) -> &str {
        &self.heading
    }

    /// The words for a person who has one of the signs.
    pub fn yes(&self) -> &str {
        &self.yes
    }

    /// The words for a person who is not sure.
    pub fn unsure(&self) -> &str {
        &self.unsure
    }

    /// That nothing has been sent yet.
    pub fn not_sent(&self) -> &str {
        &self.not_sent
    }

    /// The words on the button that sends all the same.
    pub fn send(&self) -> &str {
        &self.send
    }

    /// The words that lead back to the form.
    pub fn back(&self) -> &str {
        &self.back
    }

    fn read(table: &Table<'_, '_>) -> Option<Self> {
        let (heading, yes, unsure) = (table.text("heading"), table.text("yes"), table.text("unsure"));
        let (not_sent, send, back) = (table.text("not_sent"), table.text("send"), table.text("back"));
        table.finish();
        Some(Self { heading: heading?, yes: yes?, unsure: unsure?, not_sent: not_sent?, send: send?, back: back? })
    }
}
