//! The audit log keeps codes and ids, which never change; whoever reads it sees words and names.

use std::collections::HashMap;

use super::inquiry::corrected_words;
use crate::inquiry::Status;

/// The names of accounts by their ids.
pub(super) type Names<'a> = HashMap<&'a str, &'a str>;

/// What else is known of an action: "from New to Open", "to Berta". What we do not know is given as it is.
pub(super) fn detail(action: &str, detail: &str, names: &Names<'_>) -> String {
    match action {
        "inquiry.received" | "inquiry.taken" => status(detail).unwrap_or(detail).to_owned(),
        "inquiry.contact" => corrected_words(detail),
        "inquiry.status" | "inquiry.assigned" | "inquiry.undone" => match detail.split_once('>') {
            Some((from, to)) => moved(from, to, names),
            None => detail.to_owned(),
        },
        "inquiry.merged" | "inquiry.separated" => format!("with {detail}"),
        _ => detail.to_owned(),
    }
}

/// What an action is about: a reference, a name, a mail.
pub(super) fn subject(action: &str, subject: &str, names: &Names<'_>) -> String {
    match (action, subject) {
        ("mail.retry", "all") => "every mail that was given up".to_owned(),
        ("mail.retry" | "mail.tested", _) => "a mail".to_owned(),
        _ => names.get(subject).copied().unwrap_or(subject).to_owned(),
    }
}

fn status(word: &str) -> Option<&'static str> {
    Status::parse(word).map(Status::label)
}

fn moved(from: &str, to: &str, names: &Names<'_>) -> String {
    if let (Some(from), Some(to)) = (status(from), status(to)) {
        return format!("from {from} to {to}");
    }
    let name = |id: &str| match id {
        "" => "nobody".to_owned(),
        id => names.get(id).copied().unwrap_or("an account that is gone").to_owned(),
    };
    if from.is_empty() { format!("to {}", name(to)) } else { format!("from {} to {}", name(from), name(to)) }
}
