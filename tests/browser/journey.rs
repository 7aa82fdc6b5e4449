//! Read, write, receive, answer.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::browser::{Browser, Screen};
use crate::codes;
use crate::mailbox::Mailbox;
use crate::process::{Server, command};

const PASSWORD: &str = "four words that differ";

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_on_a_wide_light_screen() {
    journey(Screen::WideLight).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_on_a_narrow_dark_screen() {
    journey(Screen::NarrowDark).await;
}

async fn journey(screen: Screen) {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::start().await;
    let mut serve = command(folder.path());
    serve.env("BACKWISE_MAIL__URL", format!("smtp://127.0.0.1:{}?tls=none", mailbox.port));
    // Who has done the first steps has the inbox at the top of a phone.
    for (key, value) in
        [("NAME", "Example Back Clinic"), ("PHONE", "+44 1632 960 123"), ("EMAIL", "hello@clinic.example")]
    {
        serve.env(format!("BACKWISE_CLINIC__{key}"), value);
    }
    for (key, value) in [("STREET", "1 Example Street"), ("CITY", "Exampletown"), ("POSTCODE", "EX1 2MP")] {
        serve.env(format!("BACKWISE_CLINIC__{key}"), value);
    }
    serve.env("BACKWISE_MAIL__STAFF", "desk@clinic.example").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = Server { child: serve.spawn().unwrap(), address: String::new() };
    let mut lines = BufReader::new(server.child.stdout.take().unwrap()).lines();
    let url = lines.next().unwrap().unwrap().replace("listening on ", "");
    let first_link = lines.next().unwrap().unwrap().replace("make the first admin: ", "");
    let browser = Browser::start(screen).await;

    reads(&browser, &url).await;
    let receipt = writes(&browser, &url).await;
    becomes_admin(&browser, &first_link).await;
    let notice = mailbox.gets("desk@clinic.example", "New inquiry BW-").await;
    let link = notice.lines().find(|line| line.starts_with(&format!("{url}/admin/inquiries/BW-"))).unwrap().to_owned();
    assert!(notice.contains("Do not have hot stones on sunburned skin. (They say this applies to them.)"), "{notice}");
    mailbox.gets("gardener@example.org", "Your message to").await;
    answers(&browser, &link).await;
    let reply = mailbox.gets("gardener@example.org", "Answer to your message BW-").await;
    assert!(reply.contains("please wait until the sunburn has healed."), "{reply}");
    browser.opens(&receipt).await;
    browser.sees("We have your message").await;
    browser.reads("We have answered your message").await;
    browser.finds_nothing_wrong_with("the receipt, answered").await;
    codes::are_set_up_and_used(&browser, &url, "admin@clinic.example", PASSWORD).await;

    browser.ends().await;
    server.dies();
}

async fn reads(browser: &Browser, url: &str) {
    browser.opens(url).await;
    browser.sees("How massage may relieve back pain").await;
    browser.finds_nothing_wrong_with("the home page").await;
    for path in ["/privacy", "/accessibility", "/unknown"] {
        browser.opens(&format!("{url}{path}")).await;
        browser.finds_nothing_wrong_with(path).await;
    }
    browser.opens(&format!("{url}/suitability")).await;
    browser.finds_nothing_wrong_with("the check").await;
    browser.presses("input[name=urgent][value=unsure]").await;
    browser.presses("#health-sunburn").await;
    browser.sends("form[action='/suitability'] button").await;
    browser.sees("Your advice").await;
    browser.finds_nothing_wrong_with("the advice").await;
    browser.sends("form[action='/contact'] button").await;
    browser.sees("Contact us").await;
    assert_eq!(browser.script("return document.querySelector('[name=health][value=sunburn]').checked").await, true);
    browser.opens(&format!("{url}/techniques")).await;
    browser.sees("Massage techniques").await;
    browser.finds_nothing_wrong_with("the comparison").await;
    for technique in ["deep-tissue", "swedish", "hot-stone"] {
        browser.opens(&format!("{url}/techniques/{technique}")).await;
        browser.finds_nothing_wrong_with(technique).await;
    }
    browser.reads("Do not have hot stones on sunburned skin.").await;
    browser.follows("Ask about Hot stone massage").await;
    browser.sees("Contact us").await;
    assert_eq!(browser.script("return document.querySelector('#technique').value").await, "hot-stone");
    browser.finds_nothing_wrong_with("the form").await;
}

async fn writes(browser: &Browser, url: &str) -> String {
    browser.sends("form button[type=submit]").await;
    browser.sees("Error: Contact us").await;
    browser.finds_nothing_wrong_with("the form with its faults").await;
    let focused = browser.script("return document.activeElement.className").await;
    assert_eq!(focused, "summary", "focus reaches the summary without a script");
    browser.presses(".summary a[href='#email']").await;
    assert_eq!(browser.script("return document.activeElement.id").await, "email", "its links lead to the fields");

    browser.presses("input[name=urgent][value=unsure]").await;
    browser.types("message", "My back hurts since Monday. I work in a garden.").await;
    browser.presses("input[name=health][value=sunburn]").await;
    browser.types("name", "A. Gardener").await;
    browser.types("email", "gardener@example.org").await;
    browser.presses("#consent").await;
    browser.sends("form button[type=submit]").await;
    browser.sees("Please read this before").await;
    browser.finds_nothing_wrong_with("the interruption").await;
    browser.sends("button[value=yes]").await;
    browser.sees("We have your message").await;
    browser.finds_nothing_wrong_with("the receipt").await;
    let receipt = browser.address().await;
    assert!(receipt.starts_with(&format!("{url}/receipt/")), "{receipt}");
    receipt
}

async fn becomes_admin(browser: &Browser, link: &str) {
    browser.opens(link).await;
    browser.sees("Make the first admin").await;
    browser.finds_nothing_wrong_with("the first admin's page").await;
    browser.types("email", "admin@clinic.example").await;
    browser.types("name", "Adele Admin").await;
    browser.types("password", PASSWORD).await;
    browser.types("password_again", PASSWORD).await;
    browser.sends("main form button[type=submit]").await;
    browser.sees("Inbox").await;
    browser.finds_nothing_wrong_with("the inbox").await;
    browser.soon_shows(".lines").await;
    browser.has_low_rows(".lines").await;
    browser.unfolds(".top-row").await;
    browser.unfolds(".in-a-row").await;
    browser.sends(".in-a-row a[href$='status=spam']").await;
    browser.unfolds(".in-a-row").await;
    browser.sends("form[action='/admin/logout'] button").await;
    browser.sees("Sign in").await;
}

/// From the link in the mail: sign in, and stand before the inquiry.
async fn answers(browser: &Browser, link: &str) {
    browser.opens(link).await;
    browser.sees("Sign in").await;
    browser.finds_nothing_wrong_with("the sign-in page").await;
    browser.types("email", "admin@clinic.example").await;
    browser.types("password", PASSWORD).await;
    browser.sends("main form button[type=submit]").await;
    browser.sees("Inquiry BW-").await;
    assert_eq!(browser.address().await, link);
    browser.finds_nothing_wrong_with("the inquiry").await;
    browser.types("message", "Dear A. Gardener, please wait until the sunburn has healed.").await;
    browser.sends("button[formaction$='/reply']").await;
    browser.reads("replied by email").await;
    browser.finds_nothing_wrong_with("the inquiry, answered").await;
    browser.goes_back_to(link).await;
    browser.reads("replied by email").await;
    for (page, title) in [
        ("/admin/mail", "Mail"),
        ("/admin/users", "Accounts"),
        ("/admin/audit", "Audit log"),
        ("/admin/account", "Your account"),
    ] {
        let address = link.split("/admin").next().unwrap().to_owned() + page;
        browser.opens(&address).await;
        browser.sees(title).await;
        browser.finds_nothing_wrong_with(page).await;
    }
}
