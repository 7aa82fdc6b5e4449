//! Any settings file and environment: a configuration, or faults of one line each that repeat no secret.
#![no_main]

use backwise::config::Config;
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "hunter2-hunter2";

fuzz_target!(|text: &str| {
    no_secret_is_repeated(text);
    let (file, environment) = text.split_once('\u{1}').unwrap_or((text, ""));
    let environment = environment.split('\u{1}').filter_map(|pair| pair.split_once('='));
    let environment: Vec<_> = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    match Config::from_parts(file, environment) {
        Ok(config) => {
            assert!(!config.mail.staff.is_empty() && config.clinic.reply_within_hours > 0);
            config.warnings().iter().for_each(|warning| one_line(&warning.to_string()));
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                one_line(&fault.to_string());
            }
        }
    }
});

/// Addresses of mail servers and databases hold passwords; a fault of them may say what is wrong, not what was written.
fn no_secret_is_repeated(text: &str) {
    if text.contains(SECRET) {
        return;
    }
    for (key, start) in [("BACKWISE_MAIL__URL", "smtps://user:"), ("BACKWISE_DATABASE__URL", "postgres://user:")] {
        let url = format!("{start}{SECRET}{text}");
        let faults = Config::from_parts("", [(key.to_owned(), url)]).err().unwrap_or_default();
        assert!(faults.iter().all(|fault| !fault.to_string().contains(SECRET)), "{faults:?}");
    }
}

fn one_line(told: &str) {
    assert!(!told.chars().any(char::is_control), "{told:?}");
}
