//! `[server]`: where we listen, how we are known, and whether we encrypt ourselves.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use url::Url;

use super::read::{Reader, Refusal};
use crate::telemetry::LogFormat;

/// `[server]`
#[derive(Clone, Debug)]
pub struct Server {
    /// Address to listen on; port 0 picks a free one.
    pub bind: SocketAddr,
    /// How people reach the site, without a trailing slash; None means the scheme we serve and the real address.
    pub public_url: Option<String>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where `/metrics` is served.
    pub metrics_bind: Option<SocketAddr>,
    /// With what we serve HTTPS ourselves.
    pub tls: Option<TlsFiles>,
    /// Where plain HTTP is sent on to `public_url`; only beside HTTPS.
    pub redirect_bind: Option<SocketAddr>,
    /// Shape of log lines.
    pub log: LogFormat,
}

/// `server.tls_cert` and `server.tls_key`: PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate and those between it and its authority.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Server {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let server = Self {
            bind: reader.parsed("server.bind", "127.0.0.1:8080", address)?,
            public_url: reader.optional("server.public_url", public_url),
            trusted_proxies: reader.list("server.trusted_proxies", &[], |text| {
                network(text).ok_or(("is not a network", "write for example 10.0.0.0/8"))
            }),
            metrics_bind: reader.optional("server.metrics_bind", address),
            tls: tls_files(reader),
            redirect_bind: reader.optional("server.redirect_bind", address),
            log: reader.parsed("server.log", "text", |text| match text {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                _ => Err(("is no log format", "write text or json")),
            })?,
        };
        server.find_contradictions(reader);
        Some(server)
    }

    fn find_contradictions(&self, reader: &mut Reader) {
        if self.tls.is_some() && self.public_url.as_ref().is_some_and(|url| url.starts_with("http:")) {
            reader.fault(
                "server.public_url",
                "begins with http:// though server.tls_cert makes this server speak HTTPS only",
                "write it with https://, or remove server.tls_cert and server.tls_key",
            );
        }
        if self.metrics_bind.is_some_and(|bind| !bind.ip().is_loopback()) {
            reader.fault(
                "server.metrics_bind",
                "is open to others, and the numbers would travel there in the clear",
                "bind it to 127.0.0.1 or [::1], and let a collector on this machine or an encrypted tunnel fetch them",
            );
        }
        if self.redirect_bind.is_some() && !reader.is_set("server.tls_cert") {
            reader.fault(
                "server.redirect_bind",
                "sends plain HTTP on to HTTPS, which this server does not speak",
                "set server.tls_cert and server.tls_key, or remove it",
            );
        }
    }

    /// What everybody's browser begins our addresses with.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

fn address(text: &str) -> Result<SocketAddr, Refusal> {
    text.parse().map_err(|_| ("is not an address and port", "write for example 127.0.0.1:8080"))
}

/// One of the two alone is a fault of the other.
fn tls_files(reader: &mut Reader) -> Option<TlsFiles> {
    let file = |text: &str| match text.is_empty() {
        false => Ok(PathBuf::from(text)),
        true => Err(("is empty", "name a PEM file, or remove the key")),
    };
    let cert = reader.optional("server.tls_cert", file);
    let key = reader.optional("server.tls_key", file);
    match (cert, key) {
        (Some(cert), Some(key)) => return Some(TlsFiles { cert, key }),
        (Some(_), None) if !reader.is_set("server.tls_key") => missing(reader, "server.tls_key"),
        (None, Some(_)) if !reader.is_set("server.tls_cert") => missing(reader, "server.tls_cert"),
        _ => {}
    }
    None
}

fn missing(reader: &mut Reader, key: &str) {
    reader.fault(key, "is missing, though the other of the two is set", "name its PEM file");
}

fn public_url(text: &str) -> Result<String, Refusal> {
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
