//! Between HTTP and the socket. What is no HTTP, comes too slowly or has too large a head is answered by the protocol layer
//! itself, before any code of ours, with a bare status. Here such an answer is written with our headers and a sentence.
//!
//! Nothing is read here, so no request is understood in two ways. A bare answer is known by its whole text, which has none of
//! the headers that all others have, and by its place: it is the last of its connection, so it ends what is to be written.
//! No answer of ours ends like it: a page ends with markup, a table with a quote and a line break.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The protocol layer's own answers, and what whoever gets one can do.
const BARE: [(&str, &str); 4] = [
    ("400 Bad Request", "We could not read this request. Reload the page and try again.\n"),
    ("408 Request Timeout", "The request took too long to arrive. Reload the page and try again.\n"),
    (
        "431 Request Header Fields Too Large",
        "The request says too much before it begins. Delete the cookies of this site, then try again.\n",
    ),
    ("500 Internal Server Error", "Something went wrong on our side. Try again.\n"),
];
/// Every date has this length.
const DATE: usize = "date: Thu, 26 Nov 2026 03:00:00 GMT\r\n".len();

/// A connection on which no answer is bare.
pub(super) struct Wire<S> {
    stream: S,
    headers: Arc<str>,
    last: Option<Last>,
}

/// What is written in the place of a bare answer.
struct Last {
    bytes: Vec<u8>,
    written: usize,
}

impl<S> Wire<S> {
    /// `headers` are the lines that a bare answer gets.
    pub(super) fn over(stream: S, headers: Arc<str>) -> Self {
        Self { stream, headers, last: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let last = match &mut this.last {
            Some(last) => last,
            None => {
                let Some(bare) = Bare::at_the_end_of(bytes) else {
                    return Pin::new(&mut this.stream).poll_write(cx, bytes);
                };
                if !bare.before.is_empty() {
                    return Pin::new(&mut this.stream).poll_write(cx, bare.before);
                }
                this.last.insert(Last { bytes: bare.with(&this.headers).into_bytes(), written: 0 })
            }
        };
        // After the last answer nothing is sent: a clock that strikes again while the socket is full makes a second one.
        while let Some(rest @ [_, ..]) = last.bytes.get(last.written..) {
            match ready!(Pin::new(&mut this.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Ok(0)),
                more => last.written += more,
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// An answer of the protocol layer, and what is to be written before it.
#[derive(Debug, PartialEq, Eq)]
struct Bare<'b> {
    before: &'b [u8],
    status: &'static str,
    date: &'b str,
    words: &'static str,
}

impl<'b> Bare<'b> {
    fn at_the_end_of(bytes: &'b [u8]) -> Option<Self> {
        let head = bytes.strip_suffix(b" GMT\r\n\r\n").and_then(|_| bytes.strip_suffix(b"\r\n"))?;
        let (rest, date) = head.split_at_checked(head.len().checked_sub(DATE)?)?;
        let date = std::str::from_utf8(date).ok().filter(|date| date.starts_with("date: "))?;
        let kept = [&b"connection: close\r\n"[..], b"connection: keep-alive\r\n"];
        let rest = kept.iter().find_map(|line| rest.strip_suffix(*line)).unwrap_or(rest);
        let line = rest.strip_suffix(b"\r\ncontent-length: 0\r\n")?;
        BARE.into_iter().find_map(|(status, words)| {
            let start = line.strip_suffix(status.as_bytes())?;
            let before = start.strip_suffix(b"HTTP/1.1 ").or_else(|| start.strip_suffix(b"HTTP/1.0 "))?;
            Some(Self { before, status, date, words })
        })
    }

    fn with(&self, headers: &str) -> String {
        let Self { status, date, words, .. } = self;
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}{date}\r\n{words}",
            words.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::future::poll_fn;

    use super::*;

    const OURS: &str = "HTTP/1.1 303 See Other\r\ncontent-length: 0\r\nlocation: /\r\ncontent-security-policy: x\r\n\
         date: Thu, 26 Nov 2026 03:00:00 GMT\r\n\r\n";
    const LINES: &str = "content-security-policy: x\r\n";

    fn bare(version: &str, status: &str, connection: &str) -> String {
        format!(
            "HTTP/{version} {status}\r\ncontent-length: 0\r\n{connection}date: Thu, 26 Nov 2026 03:00:00 GMT\r\n\r\n"
        )
    }

    /// A socket that takes so many bytes at a time; none means that it is full for the moment.
    struct Socket {
        takes: VecDeque<usize>,
        took: Vec<u8>,
    }

    impl AsyncWrite for Socket {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let takes = self.takes.pop_front().unwrap_or(usize::MAX).min(bytes.len());
            if takes == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.took.extend_from_slice(&bytes[..takes]);
            Poll::Ready(Ok(takes))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Writes as the protocol layer does: what was not taken is offered again, with whatever came behind it meanwhile.
    async fn sent(parts: &[&str], takes: &[usize]) -> String {
        let socket = Socket { takes: takes.iter().copied().collect(), took: Vec::new() };
        let mut wire = Wire::over(socket, LINES.into());
        let (mut buffer, mut parts) = (Vec::new(), parts.iter());
        poll_fn(|cx| {
            buffer.extend_from_slice(parts.next().map_or(&b""[..], |part| part.as_bytes()));
            while !buffer.is_empty() {
                let taken = ready!(Pin::new(&mut wire).poll_write(cx, &buffer)).unwrap();
                assert!(taken > 0);
                buffer.drain(..taken);
            }
            if parts.len() > 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        String::from_utf8(wire.stream.took).unwrap()
    }

    #[tokio::test]
    async fn every_answer_of_the_protocol_layer_gets_headers_and_words() {
        for version in ["1.1", "1.0"] {
            for connection in ["", "connection: close\r\n", "connection: keep-alive\r\n"] {
                for (status, words) in BARE {
                    let answer = sent(&[&bare(version, status, connection)], &[]).await;
                    let length = words.len();
                    let head = format!(
                        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{LINES}\
                         date: Thu, 26 Nov 2026 03:00:00 GMT\r\n\r\n"
                    );
                    assert_eq!(answer, format!("{head}{words}"));
                }
            }
        }
    }

    #[tokio::test]
    async fn it_is_written_once_and_whole_however_little_the_socket_takes() {
        let bare = bare("1.1", "400 Bad Request", "connection: close\r\n");
        let behind_ours = format!("{OURS}{bare}");
        let whole = sent(&[&bare], &[]).await;
        for size in 1..behind_ours.len() + 1 {
            assert_eq!(sent(&[&behind_ours], &vec![size; 2_000]).await, format!("{OURS}{whole}"), "{size} at a time");
            assert_eq!(sent(&[OURS, &bare], &[size, 0, size, 0, 0, size]).await, format!("{OURS}{whole}"), "{size}");
        }
        assert_eq!(sent(&[&bare, &bare], &[7, 0, 0, 9, 0]).await, whole, "the clock struck twice");
    }

    #[tokio::test]
    async fn answers_of_ours_stay_as_they_are() {
        let bare = bare("1.1", "400 Bad Request", "");
        for ours in [
            OURS.to_owned(),
            OURS.replace("303 See Other", "400 Bad Request"),
            bare.replace("date", "content-security-policy: x\r\ndate"),
            bare.replace("400 Bad Request", "204 No Content"),
            bare.replace("content-length: 0", "content-length: 1"),
            bare.replace(" GMT", " UTC"),
            format!("{OURS}<p>{bare}</p>"),
            format!("{OURS}\"{bare}\"\r\n"),
            format!("{OURS}\"{bare}\"\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n".to_owned(),
            " GMT\r\n\r\n".to_owned(),
        ] {
            assert_eq!(sent(&[&ours], &[]).await, ours);
            assert_eq!(sent(&[&ours], &vec![3; 2_000]).await, ours);
        }
    }
}
