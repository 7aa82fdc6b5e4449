//! A fault of the configuration: which key, what is wrong, what to do. Values are shown only where no secret can be.

use std::fmt;

/// One finding about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The key (`mail.url`), or the file when the file itself is at fault.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl Fault {
    /// A fault of `key`. Each is one line, whatever was written in the settings.
    pub fn new(key: &str, problem: &str, remedy: &str) -> Self {
        Self { key: on_one_line(key), problem: on_one_line(problem), remedy: on_one_line(remedy) }
    }
}

fn on_one_line(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.key, self.problem, self.remedy)
    }
}
