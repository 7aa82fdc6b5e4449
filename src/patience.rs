//! How long the program waits, in real time, for what may never come. One place, so that every limit stands beside the
//! others, and so that a test can stretch them: a machine that runs many tests stands still for seconds now and then,
//! and what it then takes for slow is itself.

use std::time::Duration;

/// Limits in real time. They are no settings: whoever runs the program gets [`Patience::default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the head of a request, and for a TLS handshake.
    pub head: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For the database to be free.
    pub database: Duration,
    /// For an inquiry to be stored: a person waits no longer for a yes or an honest no.
    pub storing: Duration,
    /// For a look whether the same inquiry is stored already, which comes before.
    pub looking: Duration,
    /// For the numbers of `/metrics`; Prometheus itself waits for ten seconds.
    pub counting: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(5),
            body: Duration::from_secs(20),
            database: Duration::from_secs(5),
            storing: Duration::from_secs(7),
            looking: Duration::from_secs(2),
            counting: Duration::from_secs(6),
        }
    }
}

impl Patience {
    /// Every limit so many times as long.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        Self {
            head: self.head * factor,
            body: self.body * factor,
            database: self.database * factor,
            storing: self.storing * factor,
            looking: self.looking * factor,
            counting: self.counting * factor,
        }
    }
}
