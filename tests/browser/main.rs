//! The whole journey in Chromium: read, write, the mail arrives at a mail server that is not ours, its link leads to the
//! inquiry, sign in, reply, and the reply arrives. axe looks at every page on the way, once on a wide light screen and
//! once on a narrow dark one. Needs chromium, chromedriver, axe-core and aiosmtpd: scripts/test installs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a helper fails its test by panicking")]

mod browser;
mod codes;
mod colleagues;
mod desk;
mod journey;
mod keyboard;
mod looks;
mod mailbox;
#[path = "../fault/process.rs"]
#[allow(dead_code, reason = "shared with the fault tests")]
mod process;
mod seldom;
mod states;
