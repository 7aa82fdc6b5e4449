//! What the program logged, of all tests that run in this process: each reads from the place where it began. A test that read
//! all of it would read what the hundreds before it wrote, and the last ones would take minutes.

use std::io;
use std::sync::{Mutex, Once};

use tracing_subscriber::fmt::MakeWriter;

static LOG: Mutex<String> = Mutex::new(String::new());

/// Keeps every line, the chattiest too.
pub fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt().with_writer(Log).with_ansi(false).with_max_level(tracing::Level::DEBUG).init();
    });
}

/// The place where the next line will stand.
pub fn place() -> usize {
    LOG.lock().unwrap().len()
}

/// What was logged from a place on, by tests beside too; whole lines, for each is written at once.
pub fn since(place: usize) -> String {
    LOG.lock().unwrap()[place..].to_owned()
}

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().push_str(std::str::from_utf8(bytes).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        Self
    }
}
