//! The people of the specification: patients who write, staff who answer.

use jiff::SignedDuration;

use crate::app::App;
use crate::http::{Answer, between, encode, send};

/// Somebody with the form before them. What they do not change is an honest answer.
#[derive(Clone)]
pub struct Patient<'a> {
    app: &'a App,
    pub fields: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
}

impl<'a> Patient<'a> {
    /// Opens the form.
    pub async fn opens_the_form(app: &'a App) -> Self {
        let page = app.get("/contact").await;
        assert_eq!(page.status, 200);
        let honest = [
            ("token", page.value_of("token")),
            ("blank", String::new()),
            ("urgent", "no".to_owned()),
            ("message", "Rückenschmerzen-Canary since Monday.".to_owned()),
            ("technique", String::new()),
            ("name", "Quirina Namecanary".to_owned()),
            ("email", "quirina.mailcanary@example.org".to_owned()),
            ("phone", String::new()),
            ("best_time", String::new()),
            ("consent", "yes".to_owned()),
        ];
        let headers = vec![("sec-fetch-site", "same-origin".to_owned()), ("origin", app.url.clone())];
        Self { app, fields: honest.map(|(name, value)| (name.to_owned(), value)).to_vec(), headers }
    }

    /// Changes an answer, or gives a further one.
    pub fn answers(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(key, _)| key == name && name != "health") {
            Some((_, before)) => *before = value.to_owned(),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    pub fn leaves_out(mut self, name: &str) -> Self {
        self.fields.retain(|(key, _)| key != name);
        self
    }

    /// Uses a browser that sends these headers in place of its usual ones.
    pub fn sends_headers(mut self, headers: &[(&'static str, &str)]) -> Self {
        self.headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self
    }

    pub async fn sends(&self) -> Answer {
        for name in ["message", "name", "email", "phone", "best_time"] {
            let typed = self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            self.app.has_typed(typed.unwrap_or_default());
        }
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(self.headers.iter().map(|(name, value)| (*name, value.as_str())));
        send(self.app.address, "POST", "/contact", &headers, encode(&self.fields).as_bytes()).await
    }

    /// Sends and gets the receipt's address.
    pub async fn gets_a_receipt(&self) -> String {
        let answer = self.sends().await;
        assert_eq!(answer.status, 303, "{}", answer.words());
        answer.location().to_owned()
    }
}

/// Writes one honest inquiry and gives the receipt's address.
pub async fn somebody_asks(app: &App, message: &str) -> String {
    Patient::opens_the_form(app).await.answers("message", message).gets_a_receipt().await
}

/// A member of staff with a browser.
pub struct Staff<'a> {
    app: &'a App,
    pub cookie: String,
}

/// An app that makes codes, by the key that was typed into it.
pub struct Phone<'a> {
    app: &'a App,
    pub key: String,
}

impl Phone<'_> {
    /// The code of this moment.
    pub fn shows(&self) -> String {
        let secret = totp_rs::Secret::try_from_base32(self.key.replace(' ', "")).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        totp.generate(self.app.clock.now().as_second().try_into().unwrap()).to_string()
    }

    /// Half a minute later there is another.
    pub fn shows_next(&self) -> String {
        self.app.clock.advance(SignedDuration::from_secs(30));
        self.shows()
    }
}

pub const PASSWORD: &str = "four words that differ";

impl<'a> Staff<'a> {
    /// Uses the first link to become the first admin.
    pub async fn becomes_the_first_admin(app: &'a App) -> Self {
        let path = format!("/admin/welcome/{}", app.key.first_admin_secret());
        let mut staff = Self { app, cookie: String::new() };
        let answer = staff
            .posts(
                &path,
                &[
                    ("email", "admin@clinic.example"),
                    ("name", "Adele Admin"),
                    ("password", PASSWORD),
                    ("password_again", PASSWORD),
                ],
            )
            .await;
        assert_eq!(answer.status, 303, "{}", answer.words());
        staff.keeps_cookie(&answer);
        staff
    }

    /// Signs in with an address and a password.
    pub async fn signs_in(app: &'a App, email: &str, password: &str) -> (Self, Answer) {
        Self { app, cookie: String::new() }.signs_in_again(email, password).await
    }

    /// The same in the browser that they have.
    pub async fn signs_in_again(&self, email: &str, password: &str) -> (Self, Answer) {
        let mut staff = Self { app: self.app, cookie: String::new() };
        let answer = self.posts("/admin/login", &[("email", email), ("password", password), ("next", "")]).await;
        if answer.status == 303 {
            staff.keeps_cookie(&answer);
        }
        (staff, answer)
    }

    /// Sets a password through a one-time link.
    pub async fn uses_link(app: &'a App, path: &str) -> (Self, Answer) {
        let mut staff = Self { app, cookie: String::new() };
        let answer = staff.posts(path, &[("password", PASSWORD), ("password_again", PASSWORD)]).await;
        if answer.status == 303 {
            staff.keeps_cookie(&answer);
        }
        (staff, answer)
    }

    fn keeps_cookie(&mut self, answer: &Answer) {
        assert!(answer.header("set-cookie").is_some(), "a session");
        self.takes_cookies(answer);
    }

    /// Keeps what an answer gives, as a browser does: by name, and gone when it is emptied.
    pub fn takes_cookies(&mut self, answer: &Answer) {
        let mut kept: Vec<String> =
            self.cookie.split("; ").filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
        for (_, value) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, content) = value.split(';').next().unwrap().split_once('=').unwrap();
            kept.retain(|pair| !pair.starts_with(&format!("{name}=")));
            if !content.is_empty() {
                kept.push(format!("{name}={content}"));
            }
        }
        self.cookie = kept.join("; ");
    }

    /// Sends a form and keeps the cookies of the answer.
    pub async fn does(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.posts(path, fields).await;
        self.takes_cookies(&answer);
        answer
    }

    /// Signs in on a page that asks for it, as a browser does: with everything that its form carries.
    pub async fn signs_in_on(&mut self, page: &Answer, email: &str) -> Answer {
        let carried = page.carried();
        let mut fields: Vec<(&str, &str)> =
            carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend([("email", email), ("password", PASSWORD)]);
        self.does("/admin/login", &fields).await
    }

    /// A browser that was never here.
    pub fn with_a_new_browser(app: &'a App) -> Self {
        Self { app, cookie: String::new() }
    }

    /// A browser that holds these cookies.
    pub fn with_cookies(app: &'a App, cookie: &str) -> Self {
        Self { app, cookie: cookie.to_owned() }
    }

    /// Adds a colleague and lets them set their password.
    pub async fn invites(&self, email: &str, role: &str) -> Staff<'a> {
        let page = self.posts("/admin/users", &[("email", email), ("role", role)]).await;
        let link = between(&page.text(), "id=\"link\" readonly autofocus value=\"", "\"").unwrap();
        let (colleague, answer) = Staff::uses_link(self.app, link.trim_start_matches(&self.app.url)).await;
        assert_eq!(answer.status, 303, "{}", answer.words());
        colleague
    }

    /// Sets up codes and gives the app and the recovery codes.
    pub async fn sets_up_codes(&mut self) -> (Phone<'a>, Vec<String>) {
        assert_eq!(self.does("/admin/account/second-factor", &[]).await.location(), "/admin/account/second-factor");
        let page = self.opens("/admin/account/second-factor").await;
        assert_eq!(page.status, 200);
        let phone = Phone { app: self.app, key: between(&page.text(), "<p class=\"key\"><code>", "<").unwrap() };
        let codes = self.does("/admin/account/second-factor/confirm", &[("code", &phone.shows())]).await;
        assert_eq!(codes.status, 200, "{}", codes.words());
        let text = codes.text();
        let codes = text.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned());
        (phone, codes.collect())
    }

    pub async fn opens(&self, path: &str) -> Answer {
        send(self.app.address, "GET", path, &[("cookie", &self.cookie)], b"").await
    }

    /// Goes where an answer leads, as a browser does; the answer itself where it leads nowhere.
    pub async fn follows(&self, answer: Answer) -> Answer {
        match answer.status {
            303 => self.opens(answer.location().split('#').next().unwrap_or_default()).await,
            _ => answer,
        }
    }

    pub async fn posts(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.posts_with(path, fields, &[("sec-fetch-site", "same-origin")]).await
    }

    pub async fn posts_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut all = vec![("content-type", "application/x-www-form-urlencoded"), ("cookie", self.cookie.as_str())];
        all.extend(headers);
        send(self.app.address, "POST", path, &all, encode(&fields).as_bytes()).await
    }

    /// The addresses of the inquiries in the inbox, in order.
    pub async fn inbox(&self, query: &str) -> Vec<String> {
        let page = self.opens(&format!("/admin/inquiries{query}")).await;
        assert_eq!(page.status, 200);
        let text = page.text();
        text.split("<h2><a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }
}
