//! What a walk along the links of the desk does not reach: what is wrong, what was merged, what a new desk says.

use crate::states::Visit;

impl Visit<'_> {
    /// Two inquiries of one person: corrected wrongly, merged, and dealt with, until the inbox is empty.
    pub async fn works_with_two(&self) {
        let paths = self.inbox().await;
        let [kept, duplicate] = [&paths[0], &paths[1]];
        self.opens(kept).await;
        self.browser.presses("details:has([formaction$='/contact']) summary").await;
        self.browser.types("email", "no address").await;
        self.browser.sends("details [formaction$='/contact']").await;
        self.browser.sees("Error: ").await;
        self.browser.is_fit_for_everyone("422 desk contact").await;
        self.looks_at(&format!("{kept}/merge"), "422 desk merge").await;
        let reference = duplicate.rsplit('/').next().unwrap_or_default();
        self.looks_at(&format!("{kept}/merge?with={reference}"), "desk merge").await;
        self.browser.sends("form[method=post][action$='/merge'] button").await;
        self.browser.reads("You merged").await;
        self.browser.is_one_tab_before("[accesskey=u]").await;
        self.browser.is_sent_by('u').await;
        self.browser.reads("You separated it from").await;
        self.opens(&format!("{kept}/merge?with={reference}")).await;
        self.browser.sends("form[method=post][action$='/merge'] button").await;
        self.browser.reads("Merged with this").await;
        self.browser.is_fit_for_everyone("desk inquiry that is kept").await;
        self.looks_at(duplicate, "desk inquiry that is a duplicate").await;
        for path in self.inbox().await {
            self.opens(&path).await;
            self.browser.script("document.getElementById('status').value = 'closed'").await;
            self.browser.sends("section button[formaction$='/status']").await;
            self.browser.reads("Undo").await;
            self.browser.is_one_tab_before("[accesskey=u]").await;
        }
        self.opens("/admin/inquiries").await;
        self.browser.reads("First steps").await;
        self.browser.is_fit_for_everyone("desk first steps").await;
    }

    /// Ticks everything in the inbox, changes it, and takes that back.
    pub async fn changes_several(&self) {
        self.opens("/admin/inquiries").await;
        self.browser.script("document.querySelectorAll('.line input').forEach(tick => tick.checked = true)").await;
        self.browser.script("document.getElementById('change').value = 'status.open'").await;
        self.browser.sends(".several button").await;
        self.browser.sees("Change several inquiries").await;
        self.browser.is_fit_for_everyone("desk several").await;
        self.browser.sends("main form button").await;
        self.browser.reads("inquiries are Open now.").await;
        self.browser.is_one_tab_before("[accesskey=u]").await;
        self.browser.is_fit_for_everyone("desk several changed").await;
        self.browser.is_sent_by('u').await;
        self.browser.reads("inquiries are New again.").await;
        self.browser.is_fit_for_everyone("desk several undone").await;
    }

    /// Every access key that the help tells of, pressed where it says.
    pub async fn presses_every_access_key(&self) {
        let path = self.inbox().await.remove(0);
        self.browser.is_led_by('s', "#q").await;
        self.browser.is_led_by('l', ".lines").await;
        self.browser.is_led_by('j', "#views").await;
        self.browser.is_led_by('q', "nav[aria-label=Desk]").await;
        for (letter, title) in [('p', "Inbox"), ('c', "New inquiry"), ('i', "Inbox"), ('h', "Help")] {
            self.browser.is_sent_by(letter).await;
            self.browser.sees(title).await;
            let is_spam = self.browser.address().await.ends_with("?status=spam");
            assert_eq!(is_spam, letter == 'p');
            if is_spam {
                self.opens("/admin/inquiries").await;
            }
            if title == "New inquiry" {
                self.types_while_somebody_talks().await;
                self.opens("/admin/inquiries/new").await;
            }
        }
        self.opens(&path).await;
        self.browser.begins_above("#words", 520).await;
        for (letter, css) in [
            ('r', "#reply"),
            ('b', "#template"),
            ('w', "#timeline"),
            ('n', "#note"),
            ('t', "#status"),
            ('a', "#assignee"),
            ('x', "details[open]:has(#email) > summary"),
            ('m', "details[open]:has(#with) > summary"),
        ] {
            self.browser.is_led_by(letter, css).await;
        }
        self.browser.is_sent_by('c').await;
        self.browser.sees("New inquiry").await;
        self.opens(&path).await;
        self.browser.is_sent_by('k').await;
        self.browser.reads("You made it yours").await;
        self.browser.is_sent_by('u').await;
        for (letter, says) in [('u', "Undone: it is New again"), ('o', "from Suspected spam to New")] {
            self.browser.script("document.getElementById('status').value = 'spam'").await;
            self.browser.sends("section button[formaction$='/status']").await;
            self.browser.reads("from New to Suspected spam").await;
            self.browser.is_sent_by(letter).await;
            self.browser.reads(says).await;
        }
        self.browser.is_sent_by('e').await;
        let next = self.browser.address().await;
        assert!(next.contains("/admin/inquiries/BW-") && !next.contains(&path), "{next} follows {path}");
        self.browser.is_fit_for_everyone("desk inquiry that was next to do").await;
    }

    /// Enter in a field does nothing; the access keys lead to the message, tick what was agreed, and store.
    async fn types_while_somebody_talks(&self) {
        self.browser.script("document.addEventListener('submit', () => { window.isSent = true; })").await;
        self.browser.types("name", "A. Caller\u{e007}").await;
        assert_eq!(self.browser.script("return !window.isSent").await, serde_json::json!(true), "they still talk");
        self.browser.is_led_by('v', "#message").await;
        self.browser.is_led_by('y', "#consent:checked").await;
        self.browser.is_sent_by('z').await;
        self.browser.sees("Error: New inquiry").await;
        self.browser.is_fit_for_everyone("422 desk new inquiry").await;
    }

    /// They begin a reply, and the page has them go on in it; then they go back to where they came from.
    pub async fn comes_from_a_view_and_goes_back(&self) {
        const VIEW: &str = "/admin/inquiries?status=new&q=back";
        self.opens(VIEW).await;
        self.browser.sends(".line h2 a").await;
        self.browser.sends("button[value=begin]").await;
        let focus = self.browser.script("return document.activeElement.id").await;
        assert_eq!(focus, serde_json::json!("gap-1"), "the first of what is missing");
        self.browser.types("message", "Typed by hand").await;
        self.browser.sends("button[value=begin]").await;
        self.browser.reads("The words were put under what you had typed.").await;
        self.browser.is_fit_for_everyone("desk reply that was begun").await;
        self.browser.sends(".trail :is(a, .way)").await;
        let address = self.browser.address().await;
        let (view, line) = address.split_once('#').unwrap();
        assert!(view.ends_with(VIEW) && !line.is_empty(), "to its line in the view: {address}");
    }

    /// Sends a form when the session has ended, and signs in.
    async fn is_signed_out_before(&self, button: &str) {
        self.browser.forgets_cookies().await;
        self.browser.sends(button).await;
        self.browser.reads("What you typed or chose is kept").await;
        self.browser.is_fit_for_everyone("401 words are kept").await;
        self.browser.types("email", "admin@clinic.example").await;
        self.browser.types("password", crate::states::PASSWORD).await;
        self.browser.sends("main form button[type=submit]").await;
    }

    /// Their session ends while they write a note, and once more before they erase it.
    pub async fn is_signed_out_while_noting(&self) {
        self.opens("/admin/inquiries?status=all").await;
        self.browser.sends(".line h2 a").await;
        self.browser.types("note", "She called again.").await;
        self.is_signed_out_before("button[formaction$='/notes']").await;
        self.browser.sees("Inquiry BW-").await;
        let note = self.browser.script("return document.getElementById('note').value").await;
        assert_eq!(note, serde_json::json!("She called again."));
        self.browser.presses("details:has(form[action$='/erase']) summary").await;
        self.is_signed_out_before("form[action$='/erase'] button").await;
        self.browser.sees("Your words are kept").await;
        self.browser.is_fit_for_everyone("desk words are kept").await;
    }

    /// Their session ends while they take an inquiry.
    pub async fn is_signed_out_while_taking(&self) {
        self.opens("/admin/inquiries/new").await;
        self.browser.types("name", "A. Caller").await;
        self.is_signed_out_before("form[action='/admin/inquiries/new'] .button").await;
        self.browser.sees("New inquiry").await;
        self.browser.reads("Your draft, kept just now.").await;
        let typed = |name: &str| format!("return document.getElementById('{name}').value");
        assert_eq!(self.browser.script(&typed("name")).await, serde_json::json!("A. Caller"));
        self.browser.is_fit_for_everyone("desk call that was begun").await;

        // The caller wrote before: what was said stays while somebody looks that up.
        self.browser.types("message", "It hurts again").await;
        self.browser.sends(".trail .way").await;
        self.browser.sees("Inbox").await;
        self.browser.sends("a[href*='/new?draft=']").await;
        assert_eq!(self.browser.script(&typed("message")).await, serde_json::json!("It hurts again"));
        self.browser.presses(".draft summary").await;
        self.browser.sends("button[value=discard]").await;
        self.browser.reads("The draft is discarded").await;
        self.browser.is_fit_for_everyone("desk call that was discarded").await;
    }

    pub async fn inbox(&self) -> Vec<String> {
        self.opens("/admin/inquiries").await;
        let script = "return [...document.querySelectorAll('.line h2 a')].map(a => a.getAttribute('href'))";
        let found = self.browser.script(script).await;
        found.as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect()
    }
}
