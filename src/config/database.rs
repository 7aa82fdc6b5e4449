//! `database.url`: a file, or a server that is reached encrypted and proven, or not over a network at all.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

use super::read::{Reader, Refusal};

/// `database.url`
#[derive(Clone, Debug)]
pub enum Database {
    /// A file, embedded.
    Sqlite(PathBuf),
    /// A server; the URL may hold a password.
    Postgres(SecretString),
}

impl Database {
    pub(super) fn read(reader: &mut Reader, data_dir: &Path) -> Self {
        let given = reader.optional("database.url", parse);
        given.unwrap_or_else(|| Self::Sqlite(data_dir.join("backwise.db")))
    }
}

fn parse(text: &str) -> Result<Database, Refusal> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        let url = Url::parse(text).map_err(|_| ("is not a URL", "write postgres://user:password@host/database"))?;
        return match stays_here(&url) || is_proven(&url) {
            true => Ok(Database::Postgres(SecretString::from(text))),
            false => Err((
                "leads over a network on which others could read along, or answer in the server's place",
                "add ?sslmode=verify-full, for a private authority with &sslrootcert=FILE",
            )),
        };
    }
    match text.strip_prefix("sqlite://").filter(|path| !path.is_empty() && !path.contains('?')) {
        Some(path) => Ok(Database::Sqlite(PathBuf::from(path))),
        None => Err(("is no database we know", "write sqlite://FILE or postgres://user:password@host/database")),
    }
}

/// Whether every host that the URL names is this machine, or a socket on it.
fn stays_here(url: &Url) -> bool {
    let named = url.host_str().map(|host| percent_decode_str(host).decode_utf8_lossy().into_owned());
    let further = url.query_pairs().filter(|(key, _)| matches!(&**key, "host" | "hostaddr"));
    let mut hosts = named.into_iter().chain(further.map(|(_, host)| host.into_owned())).peekable();
    // Without any, the environment of the process could name one.
    hosts.peek().is_some() && hosts.all(|host| is_local(&host))
}

fn is_local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/') || host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether the server must show a certificate for its name, or at least one of the authority that the URL names.
fn is_proven(url: &Url) -> bool {
    let last = |keys: &[&str]| url.query_pairs().filter(|(key, _)| keys.contains(&&**key)).last();
    let has_authority = last(&["sslrootcert", "ssl-root-cert", "ssl-ca"]).is_some();
    let Some((_, mode)) = last(&["sslmode", "ssl-mode"]) else { return false };
    mode.eq_ignore_ascii_case("verify-full") || (has_authority && mode.eq_ignore_ascii_case("verify-ca"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v12_3_1_a_database_beyond_this_machine_is_reached_encrypted_and_proven_or_not_at_all() {
        for good in [
            "postgres://u:p@127.0.0.1/b",
            "postgres://u:p@[::1]:5433/b",
            "postgres://u@localhost/b?sslmode=disable",
            "postgres://u@%2Fvar%2Frun%2Fpostgresql/b",
            "postgres:///b?host=/var/run/postgresql",
            "postgres://u:p@db.example/b?sslmode=verify-full",
            "postgresql://u:p@10.0.0.7/b?sslmode=Verify-Full&sslrootcert=ca.pem",
            "postgres://u:p@10.0.0.7/b?ssl-mode=verify-ca&sslrootcert=ca.pem",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "postgres://u:p@db.example/b",
            "postgres://u:p@10.0.0.7/b?sslmode=prefer",
            "postgres://u:p@db.example/b?sslmode=require&sslrootcert=ca.pem",
            "postgres://u:p@db.example/b?sslmode=verify-ca",
            "postgres://u:p@db.example/b?sslmode=verify-full&sslmode=disable",
            "postgres://u:p@127.0.0.1/b?host=db.example",
            "postgres://u:p@localhost.example/b",
            "postgres:///b",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
