//! HTTPS in the program itself: what it speaks, what it shows, and what becomes of plain HTTP beside it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use backwise::clock::Clock;
use backwise::config::Fault;
use backwise::web::certificate::Reading;
use jiff::SignedDuration;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::app::App;
use crate::http::{between, exchange, read, send, talks_encrypted};
use crate::people::{Patient, Staff};

/// A folder with a certificate for 127.0.0.1 and its key.
pub struct Papers {
    folder: tempfile::TempDir,
}

impl Papers {
    pub fn new() -> Self {
        let papers = Self { folder: tempfile::tempdir().unwrap() };
        papers.renew(2040);
        papers
    }

    /// Writes a new pair, good until the first day of that year.
    pub fn renew(&self, until: i32) {
        self.write(&|parameters| parameters.not_after = rcgen::date_time_ymd(until, 1, 1));
    }

    /// The same, good for so many days and a little from now.
    pub fn renew_for(&self, days: i64) {
        let now = Clock::system().now() + SignedDuration::from_hours(days * 24 + 1);
        let since = std::time::Duration::from_secs(now.as_second().unsigned_abs());
        self.write(&|parameters| parameters.not_after = rcgen::date_time_ymd(1970, 1, 1) + since);
    }

    fn write(&self, change: &dyn Fn(&mut rcgen::CertificateParams)) {
        let mut parameters = rcgen::CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
        change(&mut parameters);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(self.cert(), parameters.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(self.key(), key.serialize_pem()).unwrap();
        self.allow(0o600);
    }

    pub fn allow(&self, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(self.key(), PermissionsExt::from_mode(mode)).unwrap();
    }

    pub fn cert(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    pub fn shown(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.cert()).unwrap()
    }

    /// A browser that trusts this certificate only.
    pub fn browser(&self, versions: &[&'static SupportedProtocolVersion]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.shown()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        let mut client = client.with_root_certificates(roots).with_no_client_auth();
        client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(client)
    }
}

/// A clinic that speaks HTTPS, with plain HTTP beside it.
pub async fn encrypted() -> (Papers, App) {
    let papers = Papers::new();
    let (cert, key) = (papers.cert().display().to_string(), papers.key().display().to_string());
    let app = App::with(&[
        ("BACKWISE_SERVER__TLS_CERT", &cert),
        ("BACKWISE_SERVER__TLS_KEY", &key),
        ("BACKWISE_SERVER__REDIRECT_BIND", "127.0.0.1:0"),
    ])
    .await;
    talks_encrypted(app.address, papers.browser(rustls::ALL_VERSIONS));
    (papers, app)
}

async fn connect(to: SocketAddr, client: Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(to).await.unwrap();
    TlsConnector::from(client).connect(ServerName::IpAddress(to.ip().into()), stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_inquiry_travels_encrypted_with_the_cookies_of_https() {
    let (_papers, app) = encrypted().await;
    assert_eq!(app.url, format!("https://{}", app.address));
    let receipt = Patient::opens_the_form(&app).await.gets_a_receipt().await;
    assert_eq!(app.get(&receipt).await.status, 200);
    let staff = Staff::becomes_the_first_admin(&app).await;
    assert!(staff.cookie.contains("__Host-session="), "{}", staff.cookie);
    assert_eq!(staff.inbox("").await.len(), 1);
    let page = app.get("/").await;
    assert_eq!(page.header("strict-transport-security"), Some("max-age=63072000; includeSubDomains"));
    assert!(page.text().contains(&format!("<link rel=\"canonical\" href=\"{}/\">", app.url)));
    app.deliver().await;
}

/// v5.0.0-12.1.1: only what has not been broken is spoken; HTTP/2 is not offered.
#[tokio::test(flavor = "multi_thread")]
async fn only_tls_1_3_and_1_2_are_spoken_and_http_1_1_in_them() {
    let (papers, app) = encrypted().await;
    for (version, name) in
        [(&rustls::version::TLS13, ProtocolVersion::TLSv1_3), (&rustls::version::TLS12, ProtocolVersion::TLSv1_2)]
    {
        let stream = connect(app.address, papers.browser(&[version])).await.unwrap();
        let session = stream.get_ref().1;
        assert_eq!(session.protocol_version(), Some(name));
        assert_eq!(session.alpn_protocol(), Some(&b"http/1.1"[..]));
        let suite = format!("{:?}", session.negotiated_cipher_suite().unwrap().suite());
        assert!(["AES_256_GCM", "AES_128_GCM", "CHACHA20"].iter().any(|good| suite.contains(good)), "{suite}");
        assert!(name == ProtocolVersion::TLSv1_3 || suite.contains("ECDHE"), "{suite}");
    }
}

/// A server of TLS 1.0 or 1.1, or one that speaks HTTP in the clear on the same port, would answer these.
#[tokio::test(flavor = "multi_thread")]
async fn older_tls_and_plain_http_on_the_same_port_get_nothing() {
    let (_papers, app) = encrypted().await;
    for minor in [0, 1, 2] {
        let hello = client_hello(minor);
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(&hello).await.unwrap();
        let mut answer = Vec::new();
        let _closed = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
        // A fatal alert, "protocol version", and the end.
        assert_eq!((answer.first(), answer.get(5..7)), (Some(&21), Some(&[2, 70][..])), "TLS 1.{minor}: {answer:?}");
    }
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: clinic.example\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _closed = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

/// A ClientHello of SSL 3.0 (0), TLS 1.0 (1) or TLS 1.1 (2), as old clients send it.
fn client_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    // No session, two suites of old (RSA and ECDHE-RSA with AES-CBC), no compression; groups and signatures.
    hello.extend([0, 0, 4, 0, 0x2f, 0xc0, 0x13, 1, 0]);
    let extensions: [&[u8]; 2] = [&[0, 10, 0, 4, 0, 2, 0, 23], &[0, 13, 0, 4, 0, 2, 4, 3]];
    let length: usize = extensions.iter().map(|extension| extension.len()).sum();
    hello.extend(u16::try_from(length).unwrap().to_be_bytes());
    extensions.iter().for_each(|extension| hello.extend(*extension));
    let length = u16::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, minor];
    record.extend((length + 4).to_be_bytes());
    record.extend([1, 0]);
    record.extend(length.to_be_bytes());
    record.extend(hello);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_never() {
    let (papers, app) = encrypted().await;
    let certificate = app.beside.certificate.as_ref().unwrap();
    let shown = async || {
        let stream = connect(app.address, papers.browser(rustls::ALL_VERSIONS)).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
    };
    let first = shown().await;
    assert_eq!(certificate.read_again(), Reading::Same);

    papers.renew(2041);
    assert_eq!(certificate.read_again(), Reading::Renewed);
    assert_eq!(certificate.expires_at().to_string(), "2041-01-01T00:00:00Z");
    let second = shown().await;
    assert!(second != first && second == papers.shown());

    let good = std::fs::read(papers.cert()).unwrap();
    let stranger = Papers::new();
    for (cert, key, at_fault) in [
        (b"no certificate".to_vec(), std::fs::read(papers.key()).unwrap(), "server.tls_cert"),
        (good.clone(), b"no key".to_vec(), "server.tls_key"),
        (good.clone(), std::fs::read(stranger.key()).unwrap(), "server.tls_key"),
        (good[..good.len() / 2].to_vec(), std::fs::read(papers.key()).unwrap(), "server.tls_cert"),
    ] {
        std::fs::write(papers.cert(), cert).unwrap();
        std::fs::write(papers.key(), key).unwrap();
        assert!(matches!(certificate.read_again(), Reading::Broken(Fault { key, .. }) if key == at_fault));
        assert_eq!(certificate.read_again(), Reading::Same, "each change is told once");
        assert_eq!(certificate.expires_at().to_string(), "2041-01-01T00:00:00Z");
        std::fs::write(papers.cert(), &good).unwrap();
        assert_eq!(shown().await, second);
    }
    std::fs::remove_file(papers.cert()).unwrap();
    assert!(matches!(certificate.read_again(), Reading::Broken(_)));
}

/// v5.0.0-4.1.2: only what people read is sent on.
#[tokio::test(flavor = "multi_thread")]
async fn plain_http_sends_pages_on_and_refuses_what_was_posted() {
    let (_papers, app) = encrypted().await;
    let plain = app.beside.redirect_bound.unwrap();
    for (method, path, there) in [
        ("GET", "/", "/"),
        ("HEAD", "/techniques/swedish?a=b%20c", "/techniques/swedish?a=b%20c"),
        ("GET", "//evil.example/x", "//evil.example/x"),
        ("GET", "http://evil.example/contact", "/contact"),
        ("GET", "*", "/"),
        ("GET", "/admin/login", "/admin/login"),
    ] {
        let answer = send(plain, method, path, &[], b"").await;
        assert_eq!(
            (answer.status, answer.location()),
            (308, format!("{}{there}", app.url).as_str()),
            "{method} {path}"
        );
        assert_eq!(answer.header("strict-transport-security"), None);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let kind = ("content-type", "application/x-www-form-urlencoded");
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = send(plain, method, "/contact", &[kind], b"message=words").await;
        assert_eq!((answer.status, answer.header("location")), (403, None), "{method}");
        assert!(answer.words().contains(&format!("Please open {} and send it from there", app.url)));
        assert!(!answer.text().contains("stylesheet") && answer.text().contains("<style>"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(between(policy, "style-src 'self' 'sha256-", "'").is_some(), "{policy}");
        assert_eq!(answer.header("strict-transport-security"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_a_host_header_says_changes_where_plain_http_is_sent() {
    let (_papers, app) = encrypted().await;
    let plain = app.beside.redirect_bound.unwrap();
    let head =
        b"GET /contact HTTP/1.1\r\nhost: evil.example\r\nx-forwarded-host: evil.example\r\nconnection: close\r\n\r\n";
    assert_eq!(read(&exchange(plain, head, b"").await).location(), format!("{}/contact", app.url));
}

fn backwise(folder: &Path, papers: &Papers, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backwise"));
    command.args(arguments).current_dir(folder).env_clear().env("BACKWISE_SERVER__BIND", "127.0.0.1:0");
    command.env("BACKWISE_SERVER__TLS_CERT", papers.cert()).env("BACKWISE_SERVER__TLS_KEY", papers.key());
    let output = command.output().unwrap();
    let both = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), both.concat())
}

#[test]
fn check_says_how_long_the_certificate_is_good_and_what_is_wrong_with_it() {
    let (folder, papers) = (tempfile::tempdir().unwrap(), Papers::new());
    let check = || backwise(folder.path(), &papers, &["check"]);
    let (code, said) = check();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("ok: tls: the certificate is good until 2040-01-01"), "{said}");
    assert!(said.contains("warning: tls: no public authority vouches for the certificate"), "{said}");
    assert!(!said.contains("is not for"), "without server.public_url nobody knows the name: {said}");
    for (address, fits) in
        [("https://127.0.0.1:8443", true), ("https://localhost", true), ("https://clinic.example", false)]
    {
        let settings = format!("server.public_url = \"{address}\"\n");
        std::fs::write(folder.path().join("backwise.toml"), settings).unwrap();
        let said = check().1;
        assert_eq!(!said.contains("warning: tls: the certificate is not for clinic.example"), fits, "{said}");
    }
    std::fs::remove_file(folder.path().join("backwise.toml")).unwrap();

    papers.allow(0o644);
    assert!(check().1.contains("warning: tls: others may read the private key"));

    papers.renew_for(20);
    let (code, said) = check();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warning: tls: ") && said.contains("20 days left; renew it"), "{said}");
    papers.renew_for(21);
    assert!(check().1.contains("ok: tls: "));

    papers.renew(2020);
    let (code, said) = check();
    assert_eq!(code, Some(1));
    assert!(said.contains("error: tls: the certificate is good until 2020-01-01: browsers refuse it"), "{said}");

    std::fs::write(papers.key(), std::fs::read(Papers::new().key()).unwrap()).unwrap();
    let (code, said) = check();
    assert_eq!(code, Some(1));
    assert!(said.contains("error: tls: server.tls_key: ") && said.contains("belongs to another certificate"), "{said}");
}

#[test]
fn the_start_refuses_a_certificate_that_cannot_be_used() {
    let (folder, papers) = (tempfile::tempdir().unwrap(), Papers::new());
    std::fs::remove_file(papers.key()).unwrap();
    let (code, said) = backwise(folder.path(), &papers, &["serve"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("server.tls_key: ") && said.contains("cannot be read"), "{said}");
}
