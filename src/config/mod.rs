//! What the operator sets: one file, the environment over it, a default for everything.
//! Reading finds every fault at once and names its key and remedy; nothing here opens files, sockets or databases.

mod card;
mod clinic;
mod fault;
mod mail;
mod read;

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

pub use card::{ClinicView, HoursLine};
pub use clinic::Clinic;
pub use fault::Fault;
pub use mail::{Detail, Mail, Route, Security, Smtp};
use read::Reader;

use crate::telemetry::LogFormat;

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
    /// `[limits]`
    pub limits: Limits,
}

/// `[server]`: where we listen and how we are known.
#[derive(Clone, Debug)]
pub struct Server {
    /// Address to listen on; port 0 picks a free one.
    pub bind: SocketAddr,
    /// How people reach the site, without a trailing slash; None means `http://` and the real address.
    pub public_url: Option<String>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Shape of log lines.
    pub log: LogFormat,
}

/// `database.url`
#[derive(Clone, Debug)]
pub enum Database {
    /// A file, embedded.
    Sqlite(PathBuf),
    /// A server; the URL may hold a password.
    Postgres(SecretString),
}

/// `[limits]`
#[derive(Clone, Debug)]
pub struct Limits {
    /// Inquiries accepted from one client address (IPv6: its /64) in any 60 minutes.
    pub per_address_per_hour: u32,
}

/// Every key there is. A key not listed here is an error that names the nearest one.
const KEYS: &[&str] = &[
    "server.bind",
    "server.public_url",
    "server.trusted_proxies",
    "server.log",
    "data_dir",
    "content_dir",
    "database.url",
    "mail.url",
    "mail.from",
    "mail.staff",
    "mail.detail",
    "mail.acknowledge",
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
        if faults.is_empty() { Ok(config) } else { Err(faults) }
    }

    fn from_reader(reader: &mut Reader) -> Self {
        let data_dir = PathBuf::from(reader.text("data_dir", "./data"));
        Self {
            server: server(reader),
            content_dir: content_dir(reader),
            database: database(reader, &data_dir),
            mail: Mail::read(reader, &data_dir),
            clinic: Clinic::read(reader),
            limits: Limits { per_address_per_hour: reader.number("limits.per_address_per_hour", 10, 1..=1_000_000) },
            data_dir,
        }
    }

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
        if self.mail.staff.iter().all(|address| address.domain() == "localhost") {
            warnings.push(Fault::new(
                "mail.staff",
                "names no address outside this machine",
                "list who receives inquiries",
            ));
        }
        warnings
    }
}

fn read_file(file: Option<&Path>) -> Result<String, Fault> {
    let path = file.unwrap_or(Path::new("backwise.toml"));
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

fn server(reader: &mut Reader) -> Server {
    Server {
        bind: reader.parsed("server.bind", "127.0.0.1:8080", |text| {
            text.parse().map_err(|_| ("is not an address and port", "write for example 127.0.0.1:8080"))
        }),
        public_url: reader.optional("server.public_url", public_url),
        trusted_proxies: reader.list("server.trusted_proxies", &[], |text| {
            network(text).ok_or(("is not a network", "write for example 10.0.0.0/8"))
        }),
        log: reader.parsed("server.log", "text", |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err(("is no log format", "write text or json")),
        }),
    }
}

fn content_dir(reader: &mut Reader) -> Option<PathBuf> {
    reader.optional("content_dir", |text| {
        let path = PathBuf::from(text);
        if path.is_dir() { Ok(path) } else { Err(("is not a folder", "name a folder, or remove the key")) }
    })
}

fn public_url(text: &str) -> Result<String, (&'static str, &'static str)> {
    let remedy = "write for example https://clinic.example, without a path";
    let url = Url::parse(text).map_err(|_| ("is not a URL", remedy))?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if plain { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { Err(("is not a plain site address", remedy)) }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

fn database(reader: &mut Reader, data_dir: &Path) -> Database {
    let default = format!("sqlite://{}/backwise.db", data_dir.display());
    reader.parsed("database.url", &default, |text| {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return match Url::parse(text) {
                Ok(_) => Ok(Database::Postgres(SecretString::from(text))),
                Err(_) => Err(("is not a URL", "write postgres://user:password@host/database")),
            };
        }
        match text.strip_prefix("sqlite://").filter(|path| !path.is_empty() && !path.contains('?')) {
            Some(path) => Ok(Database::Sqlite(PathBuf::from(path))),
            None => Err(("is no database we know", "write sqlite://FILE or postgres://user:password@host/database")),
        }
    })
}
