//! Encrypted ways to a mail server that is not ours (aiosmtpd): STARTTLS, TLS from the first byte, sign-in, a private
//! authority; and that nothing is said in the clear when the encryption cannot be had. Needs what scripts/test installs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a helper fails its test by panicking")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

struct MailServer {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl MailServer {
    fn start(mode: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificate(folder.path());
        let default = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools");
        let tools = PathBuf::from(std::env::var("TEST_TOOLS").unwrap_or_else(|_| default.to_owned()));
        let mut process = Command::new(tools.join("venv/bin/python"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/server.py"))
            .arg(mode)
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("aiosmtpd: run scripts/test once");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next().expect("its port").unwrap().parse().unwrap();
        Self { process, port, folder }
    }

    /// `backwise mail test` by this way.
    fn is_sent_a_test_by(&self, scheme: &str, password: &str, options: &str) -> Output {
        let url = format!("{scheme}://clinic:{password}@localhost:{}{options}", self.port);
        Command::new(env!("CARGO_BIN_EXE_backwise"))
            .args(["mail", "test", "anna@example.org"])
            .current_dir(self.folder.path())
            .env_clear()
            .env("BACKWISE_MAIL__URL", url)
            .output()
            .unwrap()
    }

    fn authority(&self) -> String {
        format!("?ca={}", self.folder.path().join("cert.pem").display())
    }

    fn mails(&self) -> usize {
        fs::read_dir(self.folder.path())
            .unwrap()
            .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "eml"))
            .count()
    }

    /// The commands that came unencrypted.
    fn heard_in_the_clear(&self) -> String {
        fs::read_to_string(self.folder.path().join("clear.log")).unwrap_or_default()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_signed_in_mail_leaves_encrypted_both_ways() {
    for (mode, scheme) in [("starttls", "smtp"), ("implicit", "smtps")] {
        let server = MailServer::start(mode);
        let sent = server.is_sent_a_test_by(scheme, "p%40ss%20word", &server.authority());
        assert!(sent.status.success(), "{mode}: {}", words(&sent));
        assert!(words(&sent).starts_with("sent: 250 kept as 0"), "{mode}: {}", words(&sent));
        assert_eq!(server.mails(), 1);
        assert!(!server.heard_in_the_clear().contains("MAIL"), "{mode}");
    }
}

#[test]
fn a_wrong_password_is_told_in_the_servers_words() {
    let server = MailServer::start("implicit");
    let refused = server.is_sent_a_test_by("smtps", "wrong", &server.authority());
    assert_eq!(refused.status.code(), Some(1));
    assert!(words(&refused).contains("refused: ") && words(&refused).contains("535"), "{}", words(&refused));
    assert_eq!(server.mails(), 0);
}

#[test]
fn a_certificate_nobody_vouches_for_ends_the_attempt_before_a_word_is_said() {
    for (mode, scheme) in [("starttls", "smtp"), ("implicit", "smtps")] {
        let server = MailServer::start(mode);
        let refused = server.is_sent_a_test_by(scheme, "p%40ss%20word", "");
        assert_eq!(refused.status.code(), Some(1), "{mode}");
        assert!(words(&refused).contains("certificate"), "{mode}: {}", words(&refused));
        assert_eq!(server.mails(), 0);
        assert!(
            !server.heard_in_the_clear().contains("AUTH") && !server.heard_in_the_clear().contains("MAIL"),
            "{mode}"
        );
    }
}

#[test]
fn a_server_that_hides_its_encryption_hears_nothing() {
    let server = MailServer::start("plain");
    let refused = server.is_sent_a_test_by("smtp", "p%40ss%20word", &server.authority());
    assert_eq!(refused.status.code(), Some(1), "{}", words(&refused));
    assert!(server.heard_in_the_clear().contains("EHLO"), "it was asked: {}", server.heard_in_the_clear());
    assert!(!server.heard_in_the_clear().contains("AUTH") && !server.heard_in_the_clear().contains("MAIL"));
}
