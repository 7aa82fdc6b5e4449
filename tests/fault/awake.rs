//! A stop-watch for limits that the program promises: what the whole machine stood still meanwhile is not the program's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(20);
/// A tick that took longer than this was one during which nothing ran.
const LONGEST_TICK: Duration = Duration::from_millis(200);

/// Counts from when it was made; its thread ends with it.
pub struct Awake(Arc<AtomicU64>);

impl Awake {
    pub fn now() -> Self {
        let milliseconds = Arc::new(AtomicU64::new(0));
        let counted = Arc::downgrade(&milliseconds);
        thread::spawn(move || {
            let mut last = Instant::now();
            while let Some(milliseconds) = counted.upgrade() {
                thread::sleep(TICK);
                let passed = last.elapsed().min(LONGEST_TICK);
                milliseconds.fetch_add(u64::try_from(passed.as_millis()).unwrap(), Ordering::Relaxed);
                last = Instant::now();
            }
        });
        Self(milliseconds)
    }

    pub fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}
