//! Backwise: a clinic's website about massage for back pain, its inquiry form, and the desk where staff answer.
//!
//! One inquiry, from hand to hand: [`web`] reads the form, [`inquiry`] parses it into a value that cannot be wrong,
//! [`desk::receive`] stores it with the mails owed about it in one commit, and only then is anybody thanked. The
//! courier of [`mail`] claims what is owed, renders it from the stored inquiry, and sends. Staff open and answer it
//! through [`desk`].
//!
//! The layers, from the top; a module names only modules of the lines above it (`tests/spec/layers.rs`):
//!
//! ```text
//! clock · contact · patience · secret · telemetry   time, addresses people give, how long we wait, keys, log lines
//! config · content · inquiry · staff                what we set, what we say, what we hear, who works here
//! outbox                                            what we owe: kinds, timetable, verdicts
//! store                                             where it is kept: the only place that names sqlx
//! desk · mail                                       what we do · how it leaves (they meet in the outbox table, not in code)
//! web                                               how it is shown: the only place that names actix
//! cli                                               how it is run
//! ```

pub mod cli;
pub mod clock;
pub mod config;
pub mod contact;
pub mod content;
pub mod desk;
pub mod inquiry;
pub mod mail;
pub mod outbox;
pub mod patience;
pub mod secret;
pub mod staff;
pub mod store;
pub mod telemetry;
pub mod web;
