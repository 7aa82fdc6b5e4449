//! Backwise: a clinic's website about massage for back pain, its inquiry form, and the desk where staff answer.

pub mod cli;
pub mod clock;
pub mod config;
pub mod contact;
pub mod content;
pub mod desk;
pub mod inquiry;
pub mod mail;
pub mod outbox;
pub mod secret;
pub mod staff;
pub mod store;
pub mod telemetry;
pub mod web;
