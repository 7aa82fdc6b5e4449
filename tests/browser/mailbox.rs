//! aiosmtpd, a mail server that is not ours, and the mails it took.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::browser::{answers, free_port, tools};

pub struct Mailbox {
    pub port: u16,
    folder: tempfile::TempDir,
    server: Child,
}

impl Mailbox {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let server = Command::new(tools().join("venv/bin/aiosmtpd"))
            .args(["-n", "-l", &format!("127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Mailbox"])
            .arg(folder.path().join("mails"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("aiosmtpd: run scripts/test once");
        for _ in 0..200 {
            if answers(port) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self { port, folder, server }
    }

    /// The text of the mail to an address whose subject begins like this, once it has arrived.
    pub async fn gets(&self, to: &str, subject: &str) -> String {
        for _ in 0..400 {
            let mails = fs::read_dir(self.folder.path().join("mails/new")).into_iter().flatten();
            let texts = mails.filter_map(|mail| fs::read_to_string(mail.ok()?.path()).ok());
            let is_it = |mail: &String| {
                mail.contains(&format!("X-RcptTo: {to}")) && mail.contains(&format!("Subject: {subject}"))
            };
            if let Some(mail) = texts.into_iter().find(is_it) {
                return mail.replace("=\n", "").replace("=3D", "=");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no mail to {to} about {subject}");
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let _gone = self.server.kill();
        let _gone = self.server.wait();
    }
}
