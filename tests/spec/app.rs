//! A whole clinic for one test: a real server on a free port, its own database, a clock that stands still, a mail
//! server that can misbehave. With TEST_POSTGRES_URL it runs on PostgreSQL, else on SQLite.
//!
//! When a clinic is dropped, the test fails if the log holds a word that its patients typed, or if a mail still
//! waits that the test did not expect to.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;

use backwise::cli::{Beside, Prepared, prepare};
use backwise::clock::Clock;
use backwise::config::Config;
use backwise::desk::Rounds;
use backwise::mail::{Courier, deliver_due};
use backwise::outbox::State;
use backwise::patience::Patience;
use backwise::secret::{KeySource, SecretKey};
use backwise::store::{Error, Expected, Store};
use jiff::{SignedDuration, Timestamp};
use sqlx::Connection;
use tokio::task::JoinHandle;

use crate::http::{Answer, send, talks_plainly};
use crate::log;
use crate::mail_server::MailServer;

/// A Friday at ten in the morning, local time of the example clinic.
pub const FRIDAY_AT_TEN: &str = "2026-11-20T10:00:00Z";

pub struct App {
    pub address: SocketAddr,
    pub url: String,
    pub clock: Clock,
    pub store: Store,
    pub key: SecretKey,
    pub mail_server: MailServer,
    folder: tempfile::TempDir,
    pub log_begins: usize,
    /// Its settings, for a command beside it.
    pub environment: Vec<(String, String)>,
    pub mail_may_wait: bool,
    pub typed: Mutex<BTreeSet<String>>,
    courier: Courier,
    rounds: Rounds,
    pub beside: Beside,
    serving: Vec<JoinHandle<()>>,
}

impl App {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With further settings, as the environment gives them.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        Self::that_waits(patience(), settings).await
    }

    /// As long as the program itself waits for what does not come: for tests of that very thing.
    pub async fn that_waits(patience: Patience, settings: &[(&str, &str)]) -> Self {
        log::keep();
        let log_begins = log::place();
        let folder = tempfile::tempdir().unwrap();
        let mail_server = MailServer::start().await;
        let mut environment = vec![
            ("BACKWISE_SERVER__BIND".to_owned(), "127.0.0.1:0".to_owned()),
            ("BACKWISE_DATA_DIR".to_owned(), folder.path().display().to_string()),
            ("BACKWISE_MAIL__URL".to_owned(), format!("smtp://{}?tls=none", mail_server.address)),
            ("BACKWISE_MAIL__STAFF".to_owned(), "desk@clinic.example".to_owned()),
        ];
        if let Some(url) = new_postgres_database().await {
            environment.push(("BACKWISE_DATABASE__URL".to_owned(), url));
        }
        environment.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let mut config = Config::from_parts("", environment.clone()).unwrap();
        config.patience = patience;
        let clock = Clock::fixed(FRIDAY_AT_TEN.parse::<Timestamp>().unwrap());
        let Prepared { bound, public_url, store, key, courier, rounds, server, mut beside, .. } =
            prepare(&config, clock.clone()).await.unwrap();
        let addresses = [Some(bound), beside.redirect_bound, beside.metrics_bound];
        addresses.into_iter().flatten().for_each(talks_plainly);
        let servers = std::iter::once(server).chain(beside.servers.drain(..));
        let serving = servers.map(|server| tokio::spawn(async move { server.await.unwrap() })).collect();
        Self {
            address: bound,
            url: public_url,
            clock,
            store,
            key,
            mail_server,
            folder,
            log_begins,
            environment,
            mail_may_wait: false,
            typed: Mutex::default(),
            courier,
            rounds,
            beside,
            serving,
        }
    }

    /// Where the data lies, on SQLite.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.address, "GET", path, &[], b"").await
    }

    /// What was logged since it began, by clinics beside it too.
    pub fn log(&self) -> String {
        log::since(self.log_begins)
    }

    /// Lets the courier try everything that is due now.
    pub async fn deliver(&self) {
        while deliver_due(&self.courier).await.unwrap() > 0 {}
    }

    /// What the desk does by itself every minute, once.
    pub async fn makes_its_round(&self) {
        self.rounds.once().await.unwrap();
    }

    /// The courier works on its own, as it does when the program serves; it ends with the sender.
    pub fn courier_runs(&self) -> tokio::sync::watch::Sender<bool> {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        tokio::spawn(self.courier.clone().run(stopped));
        stop
    }

    /// Time passes, and the courier works through it minute by minute.
    pub async fn delivers_for(&self, time: SignedDuration) {
        for _ in 0..time.as_mins() {
            self.clock.advance(SignedDuration::from_mins(1));
            self.deliver().await;
        }
    }

    /// Runs a command beside the server, with its settings.
    pub fn runs(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_backwise"));
        command.args(arguments).env_clear().envs(self.environment.clone()).output().unwrap()
    }

    /// A word that must stay between the patient, the database and the staff.
    pub fn has_typed(&self, words: &str) {
        self.typed.lock().unwrap().extend(words.split_whitespace().filter(|word| word.len() > 7).map(str::to_owned));
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.serving.iter().for_each(JoinHandle::abort);
        if std::thread::panicking() {
            return;
        }
        let log = self.log();
        for word in self.typed.lock().unwrap().iter() {
            assert!(!log.contains(word), "the log holds what a patient typed: {word}");
        }
        let waiting = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(self.store.outbox(Some(State::Queued), i64::MAX))
        });
        // A database that the test took away has nothing to say. News about accounts follows every second sign-in.
        if let (Ok(waiting), false) = (waiting, self.mail_may_wait) {
            let about_inquiries = waiting.iter().filter(|owed| owed.about.reference().is_some());
            assert_eq!(about_inquiries.count(), 0, "mail waits that nobody expected to");
        }
    }
}

/// A store of its own, on the engine that the environment names.
pub async fn new_store(folder: &Path) -> Store {
    match new_postgres_database().await {
        Some(url) => Store::open_postgres(&url.into(), 5, &keys(folder), patience().database).await.unwrap(),
        None => open_sqlite(&folder.join("backwise.db"), Expected::Anything, folder).await.unwrap(),
    }
}

/// A machine that runs many tests stands still for seconds now and then; no test shall take itself for a slow visitor.
pub fn patience() -> Patience {
    Patience::default().times(24)
}

/// Opens a database file with the keys of a folder.
pub async fn open_sqlite(file: &Path, expected: Expected, folder: &Path) -> Result<Store, Error> {
    Store::open_sqlite(file, expected, &keys(folder), patience().database).await
}

/// The keys of a folder, where the program would keep them.
pub fn keys(folder: &Path) -> KeySource {
    KeySource::File(folder.join("sealing.keys"))
}

/// A database of its own on the server that TEST_POSTGRES_URL names; None without one.
pub async fn new_postgres_database() -> Option<String> {
    let server = std::env::var("TEST_POSTGRES_URL").ok()?;
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.into())
}
