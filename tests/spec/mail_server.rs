//! A mail server that can misbehave in the ways real ones do.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How it behaves towards the next connection or recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Good,
    /// Connections end at once.
    Down,
    /// 421 in place of a greeting.
    Busy,
    /// 450 for every recipient.
    Greylisting,
    /// 550 for recipients whose address holds this.
    Refusing(String),
    /// Recipients whose address holds this wait for ever.
    HangingFor(String),
    /// The answer after the last dot never comes: the connection ends.
    LosesItsAnswer,
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub to: String,
    pub raw: String,
}

impl Arrived {
    pub fn header(&self, name: &str) -> String {
        let head = self.raw.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let start = format!("{name}: ");
        head.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
    }

    /// The names of its headers in order.
    pub fn header_names(&self) -> Vec<&str> {
        let head = self.raw.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        lines.map(|line| line.split(':').next().unwrap_or_default()).collect()
    }

    /// The plain text part, decoded.
    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    /// The HTML part, decoded.
    pub fn html(&self) -> String {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> String {
        let head = self.raw.split("\r\n\r\n").next().unwrap_or_default();
        let boundary = head.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let between = format!("\r\n--{boundary}");
        let mut parts = self.raw.split(&between).skip(1);
        let start = format!("Content-Type: {kind}");
        let part = parts.find(|part| part.split("\r\n\r\n").next().unwrap_or_default().contains(&start));
        let (head, body) = part.unwrap_or_default().split_once("\r\n\r\n").unwrap_or_default();
        decode(head, body)
    }

    /// The first link of the text that leads to this path.
    pub fn link(&self, path: &str) -> String {
        let text = self.text();
        let at = text.find(path).unwrap_or_else(|| panic!("no {path} in {text}"));
        text[at..].split_whitespace().next().unwrap().to_owned()
    }
}

fn decode(head: &str, body: &str) -> String {
    let bytes = if head.contains("quoted-printable") {
        let joined = body.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = joined.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            if *first == b'=' {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
                rest = &after[2..];
            } else {
                bytes.push(*first);
                rest = after;
            }
        }
        bytes
    } else if head.contains("base64") {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.decode(body.replace("\r\n", "")).unwrap()
    } else {
        body.as_bytes().to_vec()
    };
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

#[derive(Default)]
struct Shared {
    mood: Mood,
    arrived: Vec<Arrived>,
    connections: usize,
}

/// Runs until the test ends.
#[derive(Clone)]
pub struct MailServer {
    pub address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), shared: Arc::default() };
        let shared = server.shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        server
    }

    pub fn is(&self, mood: Mood) {
        self.shared.lock().unwrap().mood = mood;
    }

    pub fn goes_down(&self) {
        self.is(Mood::Down);
    }

    pub fn comes_back(&self) {
        self.is(Mood::Good);
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.shared.lock().unwrap().arrived.clone()
    }

    pub fn arrived_for(&self, address: &str) -> Vec<Arrived> {
        self.arrived().into_iter().filter(|mail| mail.to == address).collect()
    }
}

async fn serve(stream: TcpStream, shared: Arc<Mutex<Shared>>) {
    let mood = || shared.lock().unwrap().mood.clone();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    match mood() {
        Mood::Down => return,
        Mood::Busy => {
            let _gone = write.write_all(b"421 too busy\r\n").await;
            return;
        }
        _ => {}
    }
    let mut to = Vec::new();
    let mut answer = "220 test".to_owned();
    loop {
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        let Ok(Some(line)) = lines.next_line().await else { return };
        answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                match mood() {
                    Mood::Greylisting => "450 come back later".to_owned(),
                    Mood::HangingFor(part) if address.contains(&part) => std::future::pending().await,
                    Mood::Refusing(part) if address.contains(&part) => format!("550 no such user {address}"),
                    _ => {
                        to.push(address);
                        "250 ok".to_owned()
                    }
                }
            }
            "DATA" => {
                let _gone = write.write_all(b"354 go on\r\n").await;
                let mut raw = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                }
                let arrived = to.drain(..).map(|to| Arrived { to, raw: raw.clone() });
                shared.lock().unwrap().arrived.extend(arrived);
                if mood() == Mood::LosesItsAnswer {
                    return;
                }
                "250 taken".to_owned()
            }
            "QUIT" => return,
            _ => "250 ok".to_owned(),
        };
    }
}
