//! A browser's side of HTTP, small enough to send anything, broken things included.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The text with what leads to another page as a link everywhere: where something is typed, it is a button that keeps it.
    pub fn linked(&self) -> String {
        let text = self.text();
        let mut parts = text.split("<button type=\"submit\" class=\"way");
        let mut linked = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (tag, rest) = part.split_once('>').unwrap();
            let (words, rest) = rest.split_once("</button>").unwrap();
            let class = tag.split('"').next().unwrap().trim();
            let (_, leads) = tag.split_once("name=\"then\" value=\"").unwrap();
            let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
            linked += &format!("<a{class} href=\"{leads}>{words}</a>{rest}");
        }
        linked
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no location in {} {:?}", self.status, self.headers))
    }

    pub fn title(&self) -> String {
        between(&self.text(), "<title>", "</title>").unwrap_or_default()
    }

    /// The words beside a field.
    pub fn error_for(&self, field: &str) -> Option<String> {
        let marked = between(&self.text(), &format!("id=\"{field}-error\">"), "</p>")?;
        Some(unescape(marked.rsplit_once("</span>").map_or(marked.as_str(), |(_, words)| words)))
    }

    /// The fields that the summary on top links to.
    pub fn summary(&self) -> Vec<String> {
        let text = self.text();
        let list = between(&text, "<h2 id=\"summary-title\">", "</ul>").unwrap_or_default();
        list.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
    }

    /// What the forms of the page carry unseen.
    pub fn carried(&self) -> Vec<(String, String)> {
        let text = self.text();
        let hidden = text.split("<input type=\"hidden\" ").skip(1);
        let pair = |input: &str| {
            let name = between(input, "name=\"", "\"")?;
            Some((unescape(&name), unescape(&between(input, "value=\"", "\"")?)))
        };
        hidden.filter_map(pair).collect()
    }

    /// What an input of this name holds, as a browser would read it.
    pub fn value_of(&self, name: &str) -> String {
        let text = self.text();
        let marker = format!("name=\"{name}\"");
        let at = text.find(&marker).unwrap_or_else(|| panic!("no field {name}"));
        let start = text[..at].rfind('<').unwrap();
        if text[start..].starts_with("<textarea") {
            let inside = between(&text[start..], ">", "</textarea>").unwrap();
            return unescape(inside.strip_prefix('\n').unwrap_or(&inside));
        }
        let tag = &text[start..start + text[start..].find('>').unwrap()];
        unescape(&between(tag, "value=\"", "\"").unwrap_or_default())
    }

    /// Whether a box or a round button with this value is chosen.
    pub fn is_chosen(&self, name: &str, value: &str) -> bool {
        let text = self.text();
        text.split("<input").any(|input| {
            let tag = input.split('>').next().unwrap_or_default();
            tag.contains(&format!("name=\"{name}\""))
                && tag.contains(&format!("value=\"{value}\""))
                && tag.contains(" checked")
        })
    }

    /// The text without its tags, for reading.
    pub fn words(&self) -> String {
        words(&self.text())
    }
}

/// Markup without its tags.
pub fn words(markup: &str) -> String {
    let mut words = String::new();
    let mut inside = false;
    for c in markup.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                words.push(' ');
            }
            _ if !inside => words.push(c),
            _ => {}
        }
    }
    unescape(&words).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let from = text.find(start)? + start.len();
    let length = text[from..].find(end)?;
    Some(text[from..from + length].to_owned())
}

pub fn unescape(text: &str) -> String {
    text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&")
}

pub fn encode(fields: &[(String, String)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    fields.iter().for_each(|(name, value)| {
        body.append_pair(name, value);
    });
    body.finish()
}

/// Sends one request with exactly these headers and reads the answer.
pub async fn send(to: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    // Browsers write letters of an address as their numbers.
    let plain = |c: char| {
        if c.is_ascii() {
            c.to_string()
        } else {
            url::form_urlencoded::byte_serialize(c.to_string().as_bytes()).collect()
        }
    };
    let path: String = path.chars().map(plain).collect();
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n");
    if !body.is_empty() || method == "POST" {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    head.push_str("\r\n");
    read(&exchange(to, head.as_bytes(), body).await)
}

/// Sends these bytes, encrypted where the server is known to want it, and reads until the server closes.
pub async fn exchange(to: SocketAddr, head: &[u8], body: &[u8]) -> Vec<u8> {
    let stream = TcpStream::connect(to).await.unwrap();
    let known = ENCRYPTED.lock().unwrap().get(&to).cloned();
    match known {
        None => converse(stream, head, body).await,
        Some(client) => {
            let name = ServerName::IpAddress(to.ip().into());
            converse(TlsConnector::from(client).connect(name, stream).await.unwrap(), head, body).await
        }
    }
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, head: &[u8], body: &[u8]) -> Vec<u8> {
    stream.write_all(head).await.unwrap();
    // A server that answers before it has read everything may close first.
    let _answered_early = stream.write_all(body).await;
    let _all_of_it = stream.flush().await;
    let mut bytes = Vec::new();
    let _closed = stream.read_to_end(&mut bytes).await;
    bytes
}

/// The servers that speak HTTPS, with what a browser must trust to talk to them.
static ENCRYPTED: LazyLock<Mutex<HashMap<SocketAddr, Arc<ClientConfig>>>> = LazyLock::new(Mutex::default);

/// From now on everybody talks to this server over TLS.
pub fn talks_encrypted(to: SocketAddr, client: Arc<ClientConfig>) {
    ENCRYPTED.lock().unwrap().insert(to, client);
}

/// A new server listens here: one that spoke HTTPS on this port before, for another test, is gone.
pub fn talks_plainly(to: SocketAddr) {
    ENCRYPTED.lock().unwrap().remove(&to);
}

pub fn read(bytes: &[u8]) -> Answer {
    let end =
        bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_else(|| panic!("no answer: {bytes:?}"));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let mut answer = Answer { status, headers: headers.collect(), body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = joined(&answer.body);
    }
    answer
}

/// The body that chunks carry.
fn joined(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        body.extend_from_slice(&rest[line + 2..line + 2 + length]);
        rest = &rest[line + 4 + length..];
    }
    body
}
