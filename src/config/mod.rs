//! What the operator sets: one file, the environment over it, a default for everything.
//! Reading finds every fault at once and names its key and remedy; nothing here opens files, sockets or databases.

mod card;
mod clinic;
mod database;
mod fault;
mod mail;
mod privacy;
mod read;
mod server;
mod warnings;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use card::{ClinicView, HoursLine};
pub use clinic::Clinic;
pub use database::Database;
pub use fault::Fault;
pub use mail::{Detail, Mail, Route, Security, Smtp};
pub use privacy::Privacy;
use read::Reader;
pub use server::{Server, TlsFiles};

use crate::patience::Patience;

/// Every setting, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// Folder of the database, the mail files and the secret key.
    pub data_dir: PathBuf,
    /// Folder whose files replace the built-in content, file by file.
    pub content_dir: Option<PathBuf>,
    /// Where inquiries are kept.
    pub database: Database,
    /// `[mail]`
    pub mail: Mail,
    /// `[clinic]`
    pub clinic: Clinic,
    /// `[privacy]`
    pub privacy: Privacy,
    /// `[desk]`
    pub desk: Desk,
    /// `[limits]`
    pub limits: Limits,
    /// Not a key: how long we wait in real time; only tests change it.
    pub patience: Patience,
}

/// `[desk]`
#[derive(Clone, Debug)]
pub struct Desk {
    /// Whether an account without codes can do nothing but set them up.
    pub require_second_factor: bool,
}

/// `[limits]`
#[derive(Clone, Debug)]
pub struct Limits {
    /// Inquiries accepted from one client address (IPv6: its /64) in any 60 minutes.
    pub per_address_per_hour: u32,
}

/// The settings file that is read when the command line names none.
pub const SETTINGS: &str = "backwise.toml";

/// Every key there is. A key not listed here is an error that names the nearest one.
const KEYS: &[&str] = &[
    "server.bind",
    "server.public_url",
    "server.trusted_proxies",
    "server.metrics_bind",
    "server.tls_cert",
    "server.tls_key",
    "server.redirect_bind",
    "server.log",
    "data_dir",
    "content_dir",
    "database.url",
    "mail.url",
    "mail.from",
    "mail.staff",
    "mail.detail",
    "mail.acknowledge",
    "mail.escalate_to",
    "privacy.retention_days",
    "privacy.key_file",
    "privacy.keys",
    "clinic.name",
    "clinic.phone",
    "clinic.email",
    "clinic.street",
    "clinic.city",
    "clinic.postcode",
    "clinic.country",
    "clinic.timezone",
    "clinic.hours",
    "clinic.closed_on",
    "clinic.reply_within_hours",
    "clinic.emergency_number",
    "clinic.urgent_advice_number",
    "desk.require_second_factor",
    "limits.per_address_per_hour",
];

impl Config {
    /// Every key there is, for those who document them.
    pub fn keys() -> &'static [&'static str] {
        KEYS
    }

    /// Reads `file` (or `backwise.toml` in the working directory when it exists), then lets the
    /// `BACKWISE_…` variables of `environment` override it.
    ///
    /// # Errors
    /// Every fault of every key, with its remedy.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Fault>> {
        let text = read_file(file).map_err(|fault| vec![fault])?;
        Self::from_parts(&text, environment)
    }

    /// The same from the file's text.
    ///
    /// # Errors
    /// Every fault of every key, with its remedy.
    pub fn from_parts(text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader::new(KEYS, text, environment);
        let config = Self::from_reader(&mut reader);
        let faults = reader.into_faults();
        match config {
            Some(config) if faults.is_empty() => Ok(config),
            _ => Err(faults),
        }
    }

    fn from_reader(reader: &mut Reader) -> Option<Self> {
        let data_dir = reader.parsed("data_dir", "./data", |text| match text.is_empty() {
            false => Ok(PathBuf::from(text)),
            true => Err(("is empty", "name a folder, or remove the key")),
        })?;
        Some(Self {
            server: Server::read(reader)?,
            content_dir: content_dir(reader),
            database: Database::read(reader, &data_dir),
            mail: Mail::read(reader, &data_dir)?,
            privacy: Privacy::read(reader, &data_dir),
            clinic: Clinic::read(reader)?,
            desk: Desk { require_second_factor: reader.flag("desk.require_second_factor", false) },
            limits: Limits { per_address_per_hour: reader.number("limits.per_address_per_hour", 10, 1..=1_000_000) },
            data_dir,
            patience: Patience::default(),
        })
    }
}

fn read_file(file: Option<&Path>) -> Result<String, Fault> {
    let path = file.unwrap_or(Path::new(SETTINGS));
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound && file.is_none() => Ok(String::new()),
        Err(e) => Err(Fault::new(
            &path.display().to_string(),
            &format!("cannot be read: {e}"),
            "name a readable file with --config",
        )),
    }
}

fn content_dir(reader: &mut Reader) -> Option<PathBuf> {
    reader.optional("content_dir", |text| {
        let path = PathBuf::from(text);
        if path.is_dir() { Ok(path) } else { Err(("is not a folder", "name a folder, or remove the key")) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let faults = Config::from_parts(text, []).err().unwrap_or_default();
        faults.iter().map(|fault| fault.key.clone()).collect()
    }

    #[test]
    fn nothing_needs_to_be_set_and_what_is_not_is_remarked() {
        let config = Config::from_parts("", []).unwrap();
        assert_eq!(config.server.bind.to_string(), "127.0.0.1:8080");
        let remarked = |config: &Config| config.warnings().iter().map(|fault| fault.key.clone()).collect::<Vec<_>>();
        assert_eq!(remarked(&config), ["clinic.name", "mail.staff"]);
        let named = "mail.staff = ['a@b.example']\nclinic.name = 'A'";
        let example = ["clinic.phone", "clinic.email", "clinic.street", "clinic.city", "clinic.postcode"];
        assert_eq!(remarked(&Config::from_parts(named, []).unwrap()), example, "half an example clinic");
        let whole = format!(
            "{named}\nclinic.phone = '01632 960 001'\nclinic.email = 'c@d.example'\nclinic.street = 'S'\nclinic.city = 'C'\nclinic.postcode = 'P'"
        );
        let open = Config::from_parts(&format!("server.bind = '0.0.0.0:80'\n{whole}"), []).unwrap();
        assert_eq!(remarked(&open), ["server.public_url"]);
        let real = format!("server.public_url = 'https://a.example'\n{whole}");
        assert_eq!(remarked(&Config::from_parts(&real, []).unwrap()), ["desk.require_second_factor"]);
        let strict = format!("{real}\ndesk.require_second_factor = true");
        assert_eq!(remarked(&Config::from_parts(&strict, []).unwrap()), [""; 0]);
    }

    #[test]
    fn the_environment_overrides_the_file_and_lists_are_comma_separated() {
        let environment = [
            ("BACKWISE_MAIL__STAFF", "a@x.example, b@x.example"),
            ("BACKWISE_CLINIC__HOURS", "mon-wed=09:00-12:00; sat=10:00-11:00"),
            ("OTHER", "x"),
        ];
        let environment = environment.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let config = Config::from_parts("mail.staff = ['c@x.example']", environment).unwrap();
        assert_eq!(config.mail.staff.len(), 2);
        let open: Vec<bool> = config.clinic.hours.week.iter().map(|spans| !spans.is_empty()).collect();
        assert_eq!(open, [true, true, true, false, false, true, false]);
    }

    /// Found by fuzzing: a value that is quoted in its fault, and a key that is not known, may hold line breaks.
    #[test]
    fn a_fault_is_one_line_whatever_the_settings_hold() {
        let hours = ("BACKWISE_CLINIC__HOURS".to_owned(), "mon=09:00-12:00; sat=1\n[mail]".to_owned());
        let faults = Config::from_parts("\"a\\nb\" = 1\nserver.trusted_proxies = [\"x\\ny\"]", [hours]).unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults.iter().all(|fault| !fault.to_string().contains(char::is_control)), "{faults:?}");
    }

    #[test]
    fn each_rule_of_a_key_names_it() {
        for (text, key) in [
            ("server.bind = 'x'", "server.bind"),
            ("data_dir = ''", "data_dir"),
            ("server.public_url = 'https://a.example/path'", "server.public_url"),
            ("server.trusted_proxies = ['10.0.0.0/99']", "server.trusted_proxies"),
            ("server.log = 'xml'", "server.log"),
            ("server.tls_cert = 'a.pem'", "server.tls_key"),
            ("server.tls_key = 'a.pem'", "server.tls_cert"),
            ("server.tls_cert = ''\nserver.tls_key = 'a.pem'", "server.tls_cert"),
            (
                "server.tls_cert = 'a.pem'\nserver.tls_key = 'a.pem'\nserver.public_url = 'http://a.example'",
                "server.public_url",
            ),
            ("server.metrics_bind = '9090'", "server.metrics_bind"),
            ("server.metrics_bind = '0.0.0.0:9090'", "server.metrics_bind"),
            ("server.redirect_bind = '127.0.0.1:80'", "server.redirect_bind"),
            ("content_dir = '/nowhere/at/all'", "content_dir"),
            ("database.url = 'mysql://x'", "database.url"),
            ("database.url = 'postgres://u:p@db.example/b'", "database.url"),
            ("mail.url = 'http://x'", "mail.url"),
            ("mail.url = 'smtp://user@x'", "mail.url"),
            ("mail.url = 'smtp://mail.example?tls=none'", "mail.detail"),
            ("mail.staff = []", "mail.staff"),
            ("mail.detail = 'some'", "mail.detail"),
            ("mail.acknowledge = 'perhaps'", "mail.acknowledge"),
            ("clinic.phone = 'call us'", "clinic.phone"),
            ("clinic.timezone = 'Moon'", "clinic.timezone"),
            ("clinic.hours = { mon = '17:00-09:00' }", "clinic.hours"),
            ("clinic.hours = { }", "clinic.hours"),
            ("clinic.closed_on = ['24.12.2026']", "clinic.closed_on"),
            ("clinic.reply_within_hours = 0", "clinic.reply_within_hours"),
            ("clinic.emergency_number = 'help'", "clinic.emergency_number"),
            ("privacy.retention_days = -1", "privacy.retention_days"),
            ("privacy.key_file = ''", "privacy.key_file"),
            ("privacy.keys = ['c2hvcnQ']", "privacy.keys"),
            ("privacy.keys = []", "privacy.keys"),
            ("privacy.key_file = 'a'\nprivacy.keys = ['AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=']", "privacy.keys"),
            ("desk.require_second_factor = 1", "desk.require_second_factor"),
            ("limits.per_address_per_hour = 0", "limits.per_address_per_hour"),
            ("limits.per_adress_per_hour = 1", "limits.per_adress_per_hour"),
        ] {
            assert_eq!(faults(text), [key], "{text}");
        }
        assert_eq!(faults("mail.url = 'smtp://127.0.0.1?tls=none'"), [] as [&str; 0]);
        assert_eq!(faults("mail.url = 'smtp://mail.example?tls=none'\nmail.detail = 'link'"), [] as [&str; 0]);
    }
}
