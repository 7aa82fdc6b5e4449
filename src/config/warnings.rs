//! What works and should not stay so.

use super::{Config, Fault};

impl Config {
    /// What is set in a way that works but should not stay so, for `backwise check` and the log at start.
    pub fn warnings(&self) -> Vec<Fault> {
        let mut warnings = Vec::new();
        if self.clinic.is_example {
            warnings.push(Fault::new(
                "clinic.name",
                "is not set, so every page shows the example clinic",
                "set the keys of [clinic]",
            ));
        }
        if !self.clinic.is_example {
            let left = self.clinic.example_keys.iter();
            warnings.extend(left.map(|key| Fault::new(key, "is not set, so every page shows the example's", "set it")));
        }
        if self.server.public_url.is_none() && !self.server.bind.ip().is_loopback() {
            warnings.push(Fault::new(
                "server.public_url",
                "is not set though server.bind is open to others, so links in mails would not work and the form would not be taken",
                "set it to the address that people type",
            ));
        }
        if self.mail.staff.iter().all(|address| address.domain() == "localhost") {
            warnings.push(Fault::new(
                "mail.staff",
                "names no address outside this machine",
                "list who receives inquiries",
            ));
        }
        if !self.desk.require_second_factor
            && self.server.public_url.as_ref().is_some_and(|url| url.starts_with("https:"))
        {
            warnings.push(Fault::new(
                "desk.require_second_factor",
                "is off, so a password alone opens the desk of an account that has set up no codes",
                "set it to true; each account is then asked to set up codes at its next sign-in",
            ));
        }
        warnings
    }
}
