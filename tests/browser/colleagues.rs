//! Pages of a desk of two: a colleague is invited, may not see everything, and has opened what one opens; and what a desk shows
//! when mail fails, when spam is suspected, when somebody was faster.

use sqlx::Connection;

use crate::states::{PASSWORD, Visit};

const COLLEAGUE: &str = "bert@clinic.example";

impl Visit<'_> {
    /// Invites a colleague, who looks around; leaves the desk signed in as before.
    pub async fn works_with_a_colleague(&self) {
        let path = self.inbox().await.remove(0);
        self.invites_a_colleague().await;
        self.browser.types("password", PASSWORD).await;
        self.browser.types("password_again", PASSWORD).await;
        self.browser.sends("main form button[type=submit]").await;
        self.browser.sees("Inbox").await;
        self.looks_at("/admin/users", "403 desk").await;
        self.opens(&path).await;
        self.signs_in_as("admin@clinic.example").await;
        self.opens(&path).await;
        self.browser.reads("may be answering it too").await;
        self.browser.is_fit_for_everyone("desk inquiry that a colleague has open").await;
        self.is_too_slow().await;
        self.comes_back_behind(&path).await;
        self.leaves_a_gap(&path).await;
        self.opens("/admin/audit").await;
        self.browser.sends("form:has(input[name=verify]) button").await;
        self.browser.reads("unbroken").await;
        self.browser.is_fit_for_everyone("desk audit proven").await;
        self.is_in_trouble(&path).await;
    }

    /// Up to the colleague's own page, past the proof that it is the admin who asks.
    async fn invites_a_colleague(&self) {
        self.tampers("UPDATE session SET proved_at = 0").await;
        self.opens("/admin/users").await;
        self.browser.types("email", COLLEAGUE).await;
        self.browser.types("name", "Bert Colleague").await;
        self.browser.sends("button[name=how][value=link]").await;
        self.browser.sees("Confirm that it is you").await;
        self.browser.is_fit_for_everyone("desk proof").await;
        self.browser.types("proof_password", PASSWORD).await;
        self.browser.sends("main form button[type=submit]").await;
        self.browser.sees("Accounts").await;
        // It is read with the keyboard, by whoever copies it.
        let link = self.browser.script("return document.activeElement.value").await;
        self.browser.is_fit_for_everyone("desk users with a link").await;
        let (_, link) = link.as_str().unwrap().split_once("/admin/").unwrap();
        self.browser.forgets_cookies().await;
        self.looks_at(&format!("/admin/{link}"), "welcome of a colleague").await;
    }

    async fn signs_in_as(&self, email: &str) {
        self.browser.forgets_cookies().await;
        self.opens("/admin/login").await;
        self.browser.types("email", email).await;
        self.browser.types("password", PASSWORD).await;
        self.browser.sends("main form button[type=submit]").await;
        self.browser.sees("Inbox").await;
    }

    /// The page shows an older state than there is.
    async fn is_too_slow(&self) {
        self.browser
            .script("document.querySelectorAll('input[name=version]').forEach(version => version.value = 0)")
            .await;
        self.browser.types("note", "She prefers mornings.").await;
        self.browser.sends("button[formaction$='/notes']").await;
        self.browser.reads("changed this inquiry since you opened it, and nothing was done.").await;
        let note = self.browser.script("return document.getElementById('note').value").await;
        assert_eq!(note, serde_json::json!("She prefers mornings."));
        self.browser.is_fit_for_everyone("409 desk").await;
    }

    /// The page comes back over a ready reply, and somebody has changed the inquiry meanwhile.
    async fn comes_back_behind(&self, path: &str) {
        self.opens(path).await;
        self.browser
            .script(
                "document.querySelectorAll('input:is([name=version], [name=seen])').forEach(shown => shown.value = 0)",
            )
            .await;
        self.browser.sends("button[name=then][value=begin]").await;
        self.browser.reads("Look at what happened before you go on.").await;
        let banner =
            self.browser.script("return document.querySelectorAll('#changed table, #changed li').length > 0").await;
        assert_eq!(banner, serde_json::json!(true), "it says what");
        self.browser.is_fit_for_everyone("desk inquiry that came back behind a colleague").await;
    }

    /// Sends a ready reply as it is.
    async fn leaves_a_gap(&self, path: &str) {
        self.opens(path).await;
        self.browser.sends("button[name=then][value=begin]").await;
        self.browser.reads("Send the reply").await;
        self.browser.sends("button[formaction$='/reply']:not([name])").await;
        self.browser.sees("Error: ").await;
        self.browser.is_fit_for_everyone("desk reply with a gap that is asked about").await;
        // Else what is done next would be behind the page on which it was written, which was made to look old.
        self.browser.presses(".draft summary").await;
        self.browser.sends("button[name=then][value^=discard]").await;
        let left = self.browser.script("return document.querySelectorAll('[value^=discard]').length").await;
        assert_eq!(left, serde_json::json!(0), "nothing is left of it");
    }

    /// Mail that failed, mail that waits, and suspected spam; and back to how it was.
    async fn is_in_trouble(&self, path: &str) {
        const LATER: &str = "UPDATE outbox SET state = 'queued', attempts = 2, next_attempt_at = 4000000000000, give_up_at = 4000000000000";
        for (change, name) in [("UPDATE outbox SET state = 'failed'", "failed"), (LATER, "waiting")] {
            self.tampers(change).await;
            self.looks_at("/admin/inquiries", &format!("desk inbox with mail {name}")).await;
            self.looks_at(path, &format!("desk inquiry with mail {name}")).await;
            self.looks_at("/admin/mail", &format!("desk mail {name}")).await;
        }
        self.tampers("UPDATE outbox SET state = 'sent'").await;
        let reference = path.rsplit('/').next().unwrap();
        let becomes = async |status| {
            self.tampers(&format!("UPDATE inquiry SET status = '{status}' WHERE reference = '{reference}'")).await
        };
        becomes("spam").await;
        self.looks_at(path, "desk suspected spam").await;
        self.looks_at("/admin/inquiries?status=spam", "desk inbox of suspected spam").await;
        becomes("new").await;
    }

    /// What only time or other people bring about.
    async fn tampers(&self, sql: &str) {
        let path = self.folder.join("data/backwise.db");
        let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
        sqlx::query("PRAGMA busy_timeout = 20000").execute(&mut other).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut other).await.unwrap();
    }
}
