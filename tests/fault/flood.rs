//! Ten thousand visitors who begin and never go on, over plain HTTP and in the middle of a TLS handshake: an honest visitor
//! is served all the while, memory stays small, and the dawdlers are let go.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::process::{Server, command, request};

const MOST: usize = 10_000;
/// What the program may take while they dawdle, in kB. The promise is 200 MB for the release build; a debug build begins
/// with more.
const MEMORY: u64 = 200_000;

/// Both ends of every connection are descriptors of this machine; where fewer are allowed there are fewer visitors.
fn as_many_as_allowed() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _lower = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    let allowed =
        getrlimit(Resource::Nofile).current.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    MOST.min(allowed.saturating_sub(500))
}

fn resident_memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

fn open(address: &str, number: usize, beginning: &[u8]) -> Vec<TcpStream> {
    let mut streams = Vec::with_capacity(number);
    for _ in 0..number {
        let Ok(mut stream) = TcpStream::connect(address) else { break };
        let _let_go = stream.write_all(beginning);
        streams.push(stream);
    }
    streams
}

fn all_are_let_go(streams: &mut [TcpStream]) {
    let since = Instant::now();
    for stream in streams {
        let left = Duration::from_secs(30).saturating_sub(since.elapsed()).max(Duration::from_millis(1));
        stream.set_read_timeout(Some(left)).unwrap();
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest).map_err(|cause| cause.kind());
        let let_go = !matches!(ended, Err(std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
        assert!(let_go, "still held after {:?}", since.elapsed());
    }
}

#[test]
fn ten_thousand_half_requests_cost_little_and_are_let_go() {
    let number = as_many_as_allowed();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut streams = open(&server.address, number, b"GET / HTTP/1.1\r\nhost: x\r\nx-half: ");
    assert!(streams.len() > number / 2, "{}", streams.len());
    let memory = resident_memory(&server);
    assert!(memory < MEMORY, "{memory} kB with {} of them", streams.len());
    assert_eq!(request(&server.address, "GET /", "").unwrap().0, 200);
    all_are_let_go(&mut streams);
    assert_eq!(request(&server.address, "GET /", "").unwrap().0, 200);
}

#[test]
fn thousands_of_half_handshakes_are_let_go_too() {
    let number = as_many_as_allowed().min(4_000);
    let folder = tempfile::tempdir().unwrap();
    let pair = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.path().join("cert.pem"), pair.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), pair.signing_key.serialize_pem()).unwrap();
    let mut ours = command(folder.path());
    ours.env("BACKWISE_SERVER__TLS_CERT", "cert.pem").env("BACKWISE_SERVER__TLS_KEY", "key.pem");
    ours.stderr(std::process::Stdio::null());
    let server = Server::start_with(ours);
    // The head of a TLS record that announces 512 bytes, and no more.
    let mut streams = open(&server.address, number, &[22, 3, 1, 2, 0, 1]);
    assert!(streams.len() > number / 2, "{}", streams.len());
    let memory = resident_memory(&server);
    assert!(memory < MEMORY, "{memory} kB with {} of them", streams.len());
    all_are_let_go(&mut streams);
    // A whole handshake begins at once: the server answers a hello that it does not like with an alert.
    let mut visitor = TcpStream::connect(&server.address).unwrap();
    visitor.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    visitor.write_all(&[22, 3, 1, 0, 5, 1, 0, 0, 1, 0]).unwrap();
    let mut alert = [0; 2];
    visitor.read_exact(&mut alert).unwrap();
    assert_eq!(alert, [21, 3]);
}
