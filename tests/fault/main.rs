//! Faults that only a real process can suffer: kill -9 under load, a full disk, two servers, SIGTERM, a closed stdout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a helper fails its test by panicking")]

mod awake;
mod disk;
mod flood;
mod keeping;
mod kill;
mod migrating;
mod process;
