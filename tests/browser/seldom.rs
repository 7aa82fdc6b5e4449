//! Pages of the desk that are met seldom: an inquiry that is taken, faults of a note and of erasing, what is erased, a search
//! without a hit, a database that is held; and an inquiry on paper.

use serde_json::json;
use sqlx::Connection;

use crate::states::Visit;

/// What can be seen on paper: words that must be there, and how many things of the screen are.
const ON_PAPER: &str = "
    const seen = e => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().height > 0;
    const parts = [...document.querySelectorAll('nav, form, button, input, textarea, select, .banner.good')].filter(seen);
    const ink = getComputedStyle(document.querySelector('main p')).color;
    return [document.body.innerText, parts.map(e => e.outerHTML.slice(0, 80)), ink, getComputedStyle(document.body).backgroundColor];";

impl Visit<'_> {
    /// Takes an inquiry from somebody with a warning sign, looks at it on paper, and erases it.
    pub async fn takes_one_and_erases_it(&self) {
        self.looks_at("/admin/inquiries?q=nonesuch", "desk search without a hit").await;
        self.opens("/admin/inquiries/new").await;
        self.browser.presses("#urgent-yes").await;
        self.browser.types("message", "Her leg went numb.").await;
        self.browser.presses("#health").await;
        self.browser.types("name", "P. Caller").await;
        self.browser.types("phone", "01632 960 222").await;
        self.browser.presses("#consent").await;
        self.browser.sends("form[action='/admin/inquiries/new'] .button").await;
        self.browser.reads("Urgent: tell them now to get medical help").await;
        self.browser.is_fit_for_everyone("desk inquiry is stored").await;
        self.browser.sends("main .buttons a.button").await;
        self.browser.reads("Her leg went numb.").await;
        self.is_right_on_paper().await;
        let urgent = self.browser.address().await;
        self.opens(&self.inbox().await[1]).await;
        self.browser.says_on_a_phone(".heading .left", "1 urgent still waiting").await;
        self.browser.opens(&urgent).await;
        self.browser.sends("button[formaction$='/notes']").await;
        self.browser.sees("Error: ").await;
        self.browser.is_fit_for_everyone("422 desk note").await;
        // The page over the form stands where the form was sent: going on from it and back asks nothing, and leads to the inquiry.
        self.browser.types("note", "She has called.").await;
        self.browser.sends("button[formaction$='/notes'], form[action$='/notes'] button").await;
        self.browser.reads("Your note is added.").await;
        self.browser.goes_back_to(&urgent).await;
        self.browser.reads("She has called.").await;
        assert_eq!(self.browser.script("return document.getElementById('note').value").await, json!(""));
        self.browser.presses("details:has(form[action$='/erase']) summary").await;
        self.browser.sends("form[action$='/erase'] button").await;
        self.browser.sees("Error: ").await;
        self.browser.is_fit_for_everyone("422 desk erase").await;
        let reference = urgent.split('/').find(|part| part.starts_with("BW-")).unwrap().to_owned();
        self.browser.types("confirm", &reference).await;
        self.browser.sends("form[action$='/erase'] button").await;
        self.browser.sees(&format!("{reference} is erased")).await;
        self.browser.is_fit_for_everyone("desk erased").await;
    }

    /// The database is held: their note stands on the page, and what cannot be shown is said with the desk around it.
    pub async fn cannot_work(&self) {
        let path = self.inbox().await.remove(0);
        self.opens(&path).await;
        self.browser.types("note", "She prefers mornings.").await;
        let other = self.somebody_holds_the_database().await;
        self.browser.sends("button[formaction$='/notes']").await;
        self.browser.reads("what you typed is still there").await;
        assert_eq!(
            self.browser.script("return document.getElementById('note').value").await,
            json!("She prefers mornings.")
        );
        self.browser.is_fit_for_everyone("503 desk note").await;
        self.opens("/admin/inquiries?q=mornings").await;
        self.browser.reads("That did not work").await;
        self.browser.is_fit_for_everyone("503 desk").await;
        other.close().await.unwrap();
    }

    /// For the treatment room: their words and the cautions, black on white, and nothing to press.
    async fn is_right_on_paper(&self) {
        let paper = json!({ "media": "print", "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        self.browser.devtools("Emulation.setEmulatedMedia", &paper).await;
        let found = self.browser.script(ON_PAPER).await;
        self.browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": "", "features": [] })).await;
        let words = found[0].as_str().unwrap();
        for word in ["Her leg went numb.", "P. Caller", "Urgent:", "caution"] {
            assert!(words.to_lowercase().contains(&word.to_lowercase()), "{word} on paper: {words}");
        }
        assert_eq!(found[1], json!([]), "what is for the screen only");
        assert_eq!(found[2], json!("rgb(0, 0, 0)"), "black");
        assert!(["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"].contains(&found[3].as_str().unwrap()), "on {}", found[3]);
    }
}
