//! Codes for signing in, set up and used in a real browser.

use backwise::clock::Clock;

use crate::browser::Browser;

/// What an app with this key shows now.
fn code_of(key: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(key.replace(' ', "")).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(Clock::system().now().as_second().try_into().unwrap()).to_string()
}

/// Signed in, sets up codes; then signs in with a recovery code.
pub async fn are_set_up_and_used(browser: &Browser, url: &str, email: &str, password: &str) {
    browser.opens(&format!("{url}/admin/account")).await;
    browser.sends("form[action='/admin/account/second-factor'] button").await;
    browser.sees("Set up codes").await;
    browser.finds_nothing_wrong_with("the key of the codes").await;
    browser.is_used_by_keyboard("the key of the codes").await;
    let key = browser.script("return document.querySelector('.key code').textContent").await;
    browser.types("code", "000000").await;
    browser.sends("main form button[type=submit]").await;
    browser.sees("Error: Set up codes").await;
    browser.finds_nothing_wrong_with("a wrong first code").await;
    browser.is_used_by_keyboard("a wrong first code").await;
    browser.types("code", &code_of(key.as_str().unwrap())).await;
    browser.sends("main form button[type=submit]").await;
    browser.sees("Your recovery codes").await;
    browser.finds_nothing_wrong_with("the recovery codes").await;
    browser.is_used_by_keyboard("the recovery codes").await;
    let code = browser.script("return document.querySelector('.codes code').textContent").await;
    browser.sends("form[action='/admin/logout'] button").await;
    browser.sees("Sign in").await;
    browser.types("email", email).await;
    browser.types("password", password).await;
    browser.sends("main form button[type=submit]").await;
    browser.sees("Enter your code").await;
    browser.finds_nothing_wrong_with("the second step").await;
    browser.is_used_by_keyboard("the second step").await;
    browser.types("code", code.as_str().unwrap()).await;
    browser.sends("main form button[type=submit]").await;
    browser.sees("Inbox").await;
    browser.opens(&format!("{url}/admin/account")).await;
    browser.reads("9 recovery codes are left.").await;
    browser.finds_nothing_wrong_with("an account with codes").await;
    browser.is_used_by_keyboard("an account with codes").await;
}
