//! The specification, in reading order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a helper fails its test by panicking")]

mod app;
mod crawl;
mod html;
mod http;
mod log;
mod mail_server;
mod naughty;
mod people;

mod facts;
mod found;
mod links;
mod looks;
mod pages;
mod reading;
mod suitability;

mod asking;
mod exact;
mod promises;

mod accounts;
mod audit;
mod authorisation;
mod backups;
mod begun;
mod begun_calls;
mod coming_back;
mod common_words;
mod correcting;
mod damage;
mod drafts;
mod escalation;
mod faster;
mod first_steps;
mod gaps;
mod help;
mod inbox;
mod inbox_views;
mod insights;
mod keeping;
mod merging;
mod moves;
mod narrowing;
mod one_inquiry;
mod privacy;
mod replies;
mod retention;
mod said;
mod schemes;
mod sealing;
mod searching;
mod second_factor;
mod several;
mod signing_in;
mod staying;
mod step_up;
mod taking;
mod way_back;

mod absence;
mod addresses;
mod encryption;
mod events;
mod headers;
mod protocol;
mod turning;
mod two_at_once;
mod undelivered;
mod watching;
mod where_signed_in;

mod commands;
mod database_file;
mod discarding;
mod documents;
mod filling;
mod layers;
mod least_rights;
mod leaving;
mod page_sizes;
mod piles;
mod safety_documents;
mod storage;
mod storage_accounts;
