//! A server process that a test may treat badly, and a small way to talk to it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Server {
    pub child: Child,
    pub address: String,
}

impl Server {
    /// Starts `backwise` in a folder and waits until it listens.
    pub fn start(folder: &Path) -> Self {
        let mut quiet = command(folder);
        quiet.stderr(Stdio::null());
        Self::start_with(quiet)
    }

    /// The same through another program, such as a shell that sets limits.
    pub fn start_as(mut program: Command, folder: &Path) -> Self {
        let ours = command(folder);
        program.current_dir(folder).env_clear();
        program.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", "/usr/bin:/bin");
        program.stderr(Stdio::null());
        Self::start_with(program)
    }

    /// The same from a command whose stderr the test has chosen.
    pub fn start_with(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("it prints where it listens").unwrap();
        let url = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("{first}"));
        let address = url.split_once("://").unwrap().1.to_owned();
        Self { child, address }
    }

    /// kill -9: no handler runs, nothing is flushed that was not flushed before.
    pub fn dies(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _ended_before = self.child.wait();
    }
}

pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backwise"));
    command.current_dir(folder).env_clear();
    command.env("BACKWISE_SERVER__BIND", "127.0.0.1:0").env("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000000");
    command
}

/// One request; None when the server went away before it had answered.
pub fn request(address: &str, head: &str, body: &str) -> Option<(u16, HashMap<String, String>, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let length = body.len();
    write!(stream, "{head} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{body}").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Some((status, headers.collect(), body.to_owned()))
}

/// The token of a fresh form.
pub fn token(address: &str) -> Option<String> {
    let (_, _, page) = request(address, "GET /contact", "")?;
    Some(page.split("name=\"token\" value=\"").nth(1)?.split('"').next()?.to_owned())
}

/// Sends an inquiry and gives its receipt, once that was acknowledged.
pub fn ask(address: &str, token: &str, message: &str) -> Option<String> {
    let body = format!("token={token}&urgent=no&name=Tester&email=tester%40example.org&message={message}&consent=yes");
    let (status, headers, _) = request(address, "POST /contact", &body)?;
    assert!(status == 303 || status == 503, "{status}");
    headers.get("location").filter(|_| status == 303).cloned()
}
