//! Every page in every state, on a narrow and a wide screen, in light and in dark: axe with all its rules finds nothing,
//! nothing is wider than the screen, and the browser complains of nothing. A picture of each stays in artifacts/screens.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use sqlx::Connection;

use crate::browser::{Browser, Screen};
use crate::process::{Server, command, request};

pub const PASSWORD: &str = "four words that differ";

#[tokio::test(flavor = "multi_thread")]
async fn every_page_in_every_state_is_fit_for_everyone() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = command(folder.path());
    serve.env("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "4").stderr(Stdio::null());
    let mut server = Server { child: serve.stdout(Stdio::piped()).spawn().unwrap(), address: String::new() };
    let mut lines = BufReader::new(server.child.stdout.take().unwrap()).lines();
    let url = lines.next().unwrap().unwrap().replace("listening on ", "");
    let first_link = lines.next().unwrap().unwrap().replace("make the first admin: ", "");
    server.address = url.replace("http://", "");
    let browser = Browser::start(Screen::WideLight).await;
    let _pictures_of_last_time = std::fs::remove_dir_all(crate::looks::pictures());
    let visit = Visit { browser: &browser, url, folder: folder.path() };
    visit.reads_everything(&server.address).await;
    visit.asks_for_advice().await;
    visit.writes().await;
    visit.works_at_the_desk(&first_link).await;
    browser.ends().await;
    server.dies();
}

pub struct Visit<'a> {
    pub browser: &'a Browser,
    url: String,
    pub folder: &'a Path,
}

impl Visit<'_> {
    pub async fn opens(&self, path: &str) {
        self.browser.opens(&format!("{}{path}", self.url)).await;
    }

    pub async fn looks_at(&self, path: &str, name: &str) {
        self.opens(path).await;
        self.browser.is_fit_for_everyone(name).await;
    }

    async fn reads_everything(&self, address: &str) {
        let (_, _, sitemap) = request(address, "GET /sitemap.xml", "").unwrap();
        let addresses = sitemap.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next());
        let paths: Vec<&str> = addresses.filter_map(|address| address.strip_prefix(self.url.as_str())).collect();
        assert!(paths.len() > 8, "{sitemap}");
        for path in paths {
            self.looks_at(path, path).await;
        }
        self.looks_at("/unknown", "404 unknown").await;
        self.looks_at("/receipt/nobody", "404 receipt").await;
        self.looks_at("/receipt/nobody/phone", "405 wrong method").await;
    }

    async fn asks_for_advice(&self) {
        self.opens("/suitability").await;
        self.browser.presses("input[name=urgent][value=no]").await;
        self.browser.presses("#health-sunburn").await;
        self.browser.presses("#health-blood-thinners").await;
        self.browser.sends("form[action='/suitability'] button").await;
        self.browser.sees("Your advice").await;
        self.browser.is_fit_for_everyone("advice").await;
        self.browser.presses("input[name=urgent][value=yes]").await;
        self.browser.sends("form[action='/suitability'] button").await;
        self.browser.reads("Get medical help first").await;
        self.browser.is_fit_for_everyone("advice with a warning sign").await;
    }

    async fn fills_in(&self, urgent: &str, message: &str) {
        self.opens("/contact").await;
        self.browser.presses(&format!("input[name=urgent][value={urgent}]")).await;
        self.browser.types("message", message).await;
        // Long ones in one word, which no page may grow wider for.
        self.browser.types("name", "A. Gardenerinthevillagebehindthehillsandwoods").await;
        self.browser.types("email", "gardenerinthevillage.behindthehills@gardenersofthevillage.example").await;
        self.browser.presses("#consent").await;
        self.browser.sends("form[action='/contact'] button[type=submit]").await;
    }

    async fn writes(&self) {
        self.opens("/contact").await;
        self.browser.sends("form[action='/contact'] button[type=submit]").await;
        self.browser.sees("Error: ").await;
        self.browser.is_fit_for_everyone("422 nothing filled in").await;
        self.cannot_be_stored().await;
        self.fills_in("yes", "My back hurts.").await;
        self.browser.sees("Please read this before").await;
        self.browser.is_fit_for_everyone("interruption").await;
        self.browser.sends("button[value=yes]").await;
        self.browser.sees("We have your message").await;
        self.browser.is_fit_for_everyone("receipt").await;
        let receipt = self.browser.address().await;
        self.corrects_a_number_wrongly().await;
        // What could not be stored counts too. Who goes on before the answer is there may have sent nothing.
        for number in [2, 3] {
            self.fills_in("no", &format!("My back hurts still, for the time number {number}.")).await;
            self.browser.sees("We have your message").await;
        }
        self.fills_in("no", "My back hurts still, once too often.").await;
        self.browser.reads("Many messages came").await;
        self.browser.is_fit_for_everyone("429 too many").await;
        self.browser.opens(&receipt).await;
        self.browser.presses("details:has(form[action$='/withdraw']) summary").await;
        self.browser.sends("form[action$='/withdraw'] button").await;
        self.browser.sees("Your message is erased").await;
        self.browser.is_fit_for_everyone("withdrawn").await;
    }

    async fn cannot_be_stored(&self) {
        let other = self.somebody_holds_the_database().await;
        self.fills_in("no", "My back hurts, and the database is held.").await;
        self.browser.reads("Your words are all here").await;
        self.browser.is_fit_for_everyone("503 not stored").await;
        other.close().await.unwrap();
    }

    /// Another program, for longer than we wait; until its connection is closed.
    pub async fn somebody_holds_the_database(&self) -> sqlx::SqliteConnection {
        let path = self.folder.join("data/backwise.db");
        let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        other
    }

    async fn corrects_a_number_wrongly(&self) {
        self.browser.presses("details:has(form[action$='/phone']) summary").await;
        self.browser.types("phone", "1").await;
        self.browser.sends("form[action$='/phone'] button").await;
        self.browser.sees("Error: ").await;
        self.browser.is_fit_for_everyone("422 receipt with a wrong number").await;
    }

    /// Follows the links of the desk, each page once.
    async fn works_at_the_desk(&self, first_link: &str) {
        self.browser.opens(first_link).await;
        self.browser.is_fit_for_everyone("first admin").await;
        self.browser.types("email", "admin@clinic.example").await;
        self.browser.types("name", "Adele Admin").await;
        self.browser.types("password", "short").await;
        self.browser.types("password_again", "other").await;
        self.browser.sends("main form button[type=submit]").await;
        self.browser.sees("Error: ").await;
        self.browser.is_fit_for_everyone("first admin with wrong passwords").await;
        self.browser.types("password", PASSWORD).await;
        self.browser.types("password_again", PASSWORD).await;
        self.browser.sends("main form button[type=submit]").await;
        self.browser.sees("Inbox").await;
        let mut seen = BTreeSet::new();
        let mut ways = self.links().await;
        while let Some(path) = ways.pop() {
            if seen.insert(kind_of(&path)) {
                self.looks_at(&path, &kind_of(&path)).await;
                ways.extend(self.links().await);
            }
        }
        assert!(seen.contains("/admin/inquiries/BW-") && seen.len() > 5, "{seen:?}");
        self.looks_at("/admin/unknown", "404 desk").await;
        self.looks_at("/admin/logout", "405 desk").await;
        self.changes_several().await;
        self.presses_every_access_key().await;
        self.comes_from_a_view_and_goes_back().await;
        self.works_with_a_colleague().await;
        self.takes_one_and_erases_it().await;
        self.cannot_work().await;
        self.works_with_two().await;
        self.is_signed_out_while_taking().await;
        self.is_signed_out_while_noting().await;
        self.opens("/admin").await;
        self.browser.sends("form[action='/admin/logout'] button").await;
        self.browser.sees("Sign in").await;
        self.browser.is_fit_for_everyone("sign in").await;
        self.browser.sends("main form button[type=submit]").await;
        self.browser.sees("Error: Sign in").await;
        self.browser.reads("Enter your password").await;
        self.browser.is_fit_for_everyone("sign in empty").await;
        self.browser.types("email", "admin@clinic.example").await;
        self.browser.types("password", "not the password").await;
        self.browser.sends("main form button[type=submit]").await;
        self.browser.sees("Error: ").await;
        self.browser.is_fit_for_everyone("sign in refused").await;
    }

    /// Where the links of this page of the desk lead.
    async fn links(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('a[href^=\"/admin\"]')].map(a => a.getAttribute('href').split('#')[0])";
        let links = self.browser.script(script).await;
        let links = links.as_array().cloned().unwrap_or_default();
        links.iter().filter_map(|link| Some(link.as_str()?.to_owned())).filter(|link| !link.contains(".csv")).collect()
    }
}

/// Pages that differ only in their query, or in the inquiry they show, are alike.
fn kind_of(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    if path.starts_with("/admin/users/") {
        return "/admin/users/one".to_owned();
    }
    let (before, after) = path.split_once("BW-").unwrap_or((path, ""));
    let action = after.split_once('/').map(|(_, action)| format!("/{action}")).unwrap_or_default();
    if path.contains("BW-") { format!("{before}BW-{action}") } else { path.to_owned() }
}
