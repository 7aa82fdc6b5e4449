//! What the Nu checker says about every page in every state, and about every stylesheet. Needs java and vnu-jar:
//! scripts/test installs them. The pages that were looked at stay in target/test-tools/markup.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a helper fails its test by panicking")]

#[path = "../spec/app.rs"]
#[allow(dead_code, reason = "shared with the specification")]
mod app;
#[path = "../spec/crawl.rs"]
mod crawl;
#[path = "../spec/http.rs"]
#[allow(dead_code, reason = "shared with the specification")]
mod http;
#[path = "../spec/log.rs"]
#[allow(dead_code, reason = "shared with the specification")]
mod log;
#[path = "../spec/mail_server.rs"]
#[allow(dead_code, reason = "shared with the specification")]
mod mail_server;
#[path = "../spec/people.rs"]
#[allow(dead_code, reason = "shared with the specification")]
mod people;

mod checker;
mod states;
