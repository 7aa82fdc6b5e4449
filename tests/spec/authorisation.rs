//! Who may do what: every route of the program, every kind of person, every kind of object, and the exact answer. A route
//! without a row here fails the test, and so does a row without a route.
//!
//! The people: nobody (no session), a member of staff, an admin, a disabled account with its old cookie, and an admin whose
//! session has expired. The objects: `own` and `other` people's, `there` where nobody owns it (every member of staff may
//! open every inquiry), `absent` ones, `-` where there is none.
//!
//! The answers: a status; `303` is on to the next page; `login` is a 303 to the sign-in page; `401` at a form with words is
//! the sign-in page that keeps them. What is refused has changed nothing and shows no word of any patient.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use backwise::contact::EmailAddress;
use backwise::inquiry::Reference;
use backwise::secret::digest;
use backwise::staff::{Browser, Role};
use backwise::store::EntryKind;
use jiff::SignedDuration;

use crate::app::App;
use crate::http::{Answer, send};
use crate::people::{PASSWORD, Patient, Staff};
use crate::sealing;

const MATRIX: &str = "
method path                                  object  nobody  staff  admin  disabled  expired

GET    /suitability                          -       200     200    200    200       200
POST   /suitability                          -       200     200    200    200       200
GET    /contact                              -       200     200    200    200       200
POST   /contact                              -       303     303    303    303       303
GET    /receipt/{key}                        own     200     200    200    200       200
GET    /receipt/{key}                        absent  404     404    404    404       404
POST   /receipt/{key}/phone                  own     303     303    303    303       303
POST   /receipt/{key}/phone                  absent  404     404    404    404       404
POST   /receipt/{key}/withdraw               own     200     200    200    200       200
POST   /receipt/{key}/withdraw               absent  404     404    404    404       404
GET    /healthz                              -       200     200    200    200       200
GET    /readyz                               -       200     200    200    200       200

GET    /admin/login                          -       200     200    200    200       200
POST   /admin/login                          own     401     303    303    401       303
POST   /admin/login                          other   401     401    401    401       401
POST   /admin/login                          absent  401     401    401    401       401
GET    /admin/welcome/{secret}               own     200     200    200    200       200
GET    /admin/welcome/{secret}               absent  410     410    410    410       410
POST   /admin/welcome/{secret}               own     303     303    303    303       303
POST   /admin/welcome/{secret}               absent  410     410    410    410       410

GET    /admin                                -       login   303    303    login     login
GET    /admin/inquiries                      -       login   200    200    login     login
GET    /admin/inquiries/changes              -       login   422    422    login     login
POST   /admin/inquiries/changes              -       login   422    422    login     login
GET    /admin/inquiries.csv                  -       login   200    200    login     login
GET    /admin/inquiries/new                  -       login   200    200    login     login
POST   /admin/inquiries/new                  -       401     303    303    401       401
POST   /admin/inquiries/new/draft            -       401     303    303    401       401
GET    /admin/inquiries/{reference}/taken    there   login   200    200    login     login
GET    /admin/inquiries/{reference}/taken    absent  login   404    404    login     login
GET    /admin/inquiries/{reference}          there   login   200    200    login     login
GET    /admin/inquiries/{reference}          absent  login   404    404    login     login
POST   /admin/inquiries/{reference}/status   there   401     303    303    401       401
POST   /admin/inquiries/{reference}/status   absent  401     404    404    401       401
POST   /admin/inquiries/{reference}/assign   there   401     303    303    401       401
POST   /admin/inquiries/{reference}/assign   absent  401     404    404    401       401
POST   /admin/inquiries/{reference}/undo     there   login   303    303    login     login
POST   /admin/inquiries/{reference}/undo     absent  login   404    404    login     login
POST   /admin/inquiries/{reference}/contact  there   401     303    303    401       401
POST   /admin/inquiries/{reference}/contact  absent  401     404    404    401       401
GET    /admin/inquiries/{reference}/merge    there   login   200    200    login     login
GET    /admin/inquiries/{reference}/merge    absent  login   404    404    login     login
POST   /admin/inquiries/{reference}/merge    there   401     303    303    401       401
POST   /admin/inquiries/{reference}/merge    absent  401     404    404    401       401
POST   /admin/inquiries/{reference}/separate there   login   303    303    login     login
POST   /admin/inquiries/{reference}/separate absent  login   404    404    login     login
POST   /admin/inquiries/{reference}/erase    there   401     200    200    401       401
POST   /admin/inquiries/{reference}/erase    absent  401     404    404    401       401
POST   /admin/inquiries/{reference}/notes    there   401     303    303    401       401
POST   /admin/inquiries/{reference}/notes    absent  401     404    404    401       401
POST   /admin/inquiries/{reference}/remove-note there  login   303    303    login     login
POST   /admin/inquiries/{reference}/remove-note absent login   404    404    login     login
POST   /admin/inquiries/{reference}/reply    there   401     303    303    401       401
POST   /admin/inquiries/{reference}/reply    absent  401     404    404    401       401
POST   /admin/inquiries/{reference}/draft    there   401     303    303    401       401
POST   /admin/inquiries/{reference}/draft    absent  401     404    404    401       401
POST   /admin/inquiries/{reference}/retry    there   login   303    303    login     login
POST   /admin/inquiries/{reference}/retry    absent  login   404    404    login     login
GET    /admin/refused/{name}                 absent  login   303    303    login     login
GET    /admin/help                           -       login   200    200    login     login
GET    /admin/insights                       -       login   200    200    login     login
GET    /admin/insights.csv                   -       login   200    200    login     login
GET    /admin/mail                           -       login   200    200    login     login
POST   /admin/mail/test                      own     login   403    303    login     login
POST   /admin/mail/{id}/retry                there   login   303    303    login     login
POST   /admin/mail/{id}/retry                absent  login   409    409    login     login

GET    /admin/account                        own     login   200    200    login     login
POST   /admin/account                        own     login   303    303    login     login
POST   /admin/account/name                   own     login   303    303    login     login
POST   /admin/account/sessions               own     login   303    303    login     login
GET    /admin/account/second-factor          own     login   303    303    login     login
POST   /admin/account/second-factor          own     login   303    303    login     login
POST   /admin/account/second-factor/confirm  own     login   303    303    login     login
POST   /admin/account/second-factor/remove   own     login   303    303    login     login
POST   /admin/account/recovery-codes         own     login   303    303    login     login
GET    /admin/confirm                        own     login   303    303    login     login
POST   /admin/confirm                        own     login   303    303    login     login
POST   /admin/logout                         own     login   303    303    login     login

GET    /admin/audit                          -       login   403    200    login     login
GET    /admin/audit/{reference}              there   login   403    200    login     login
GET    /admin/audit/{reference}              absent  login   403    404    login     login
GET    /admin/audit/{reference}/readers.csv  there   login   403    200    login     login
GET    /admin/audit/{reference}/readers.csv  absent  login   403    404    login     login
GET    /admin/users                          -       login   403    200    login     login
POST   /admin/users                          -       401     403    200    401       401
GET    /admin/users/{id}                     own     login   403    200    login     login
GET    /admin/users/{id}                     other   login   403    200    login     login
GET    /admin/users/{id}                     absent  login   403    404    login     login
POST   /admin/users/{id}/reset               own     login   403    200    login     login
POST   /admin/users/{id}/reset               other   login   403    200    login     login
POST   /admin/users/{id}/reset               absent  login   403    404    login     login
POST   /admin/users/{id}/role                own     login   403    303    login     login
POST   /admin/users/{id}/role                other   login   403    303    login     login
POST   /admin/users/{id}/role                absent  login   403    404    login     login
POST   /admin/users/{id}/sessions            own     login   403    303    login     login
POST   /admin/users/{id}/sessions            other   login   403    303    login     login
POST   /admin/users/{id}/sessions            absent  login   403    404    login     login
POST   /admin/users/{id}/enable              own     login   403    303    login     login
POST   /admin/users/{id}/enable              other   login   403    303    login     login
POST   /admin/users/{id}/enable              absent  login   403    404    login     login
POST   /admin/users/{id}/disable             own     login   403    303    login     login
POST   /admin/users/{id}/disable             other   login   403    303    login     login
POST   /admin/users/{id}/disable             absent  login   403    404    login     login
";

const PEOPLE: [Person; 5] = [Person::Nobody, Person::Staff, Person::Admin, Person::Disabled, Person::Expired];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Person {
    Nobody,
    Staff,
    Admin,
    Disabled,
    Expired,
}

struct Row {
    method: &'static str,
    path: &'static str,
    object: &'static str,
    answers: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let lines = MATRIX.lines().filter(|line| !line.is_empty()).skip(1);
    let row = |line: &'static str| {
        let mut cells = line.split_whitespace();
        let (method, path, object) = (cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap());
        let row = Row { method, path, object, answers: cells.collect() };
        assert_eq!(row.answers.len(), PEOPLE.len(), "{line}");
        row
    };
    lines.map(row).collect()
}

/// Every route that `src/web/routes.rs` registers, as `GET /path` or `POST /path`, read from the code itself.
fn registered() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/routes.rs");
    let text = fs::read_to_string(file).unwrap();
    let code: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for (raw, times) in [("web::resource(", 3), ("web::scope(", 1), (".route(", 4)] {
        assert_eq!(code.matches(raw).count(), times, "a route is registered by view, action or form, not by {raw}");
    }
    let constant = |name: &str| {
        let value = code.split(&format!("const{name}:&str=\"")).nth(1).unwrap_or_else(|| panic!("no constant {name}"));
        value.split('"').next().unwrap().to_owned()
    };
    let (public, desk) = code.split_once("fndesk()").unwrap();
    let mut found = BTreeSet::new();
    for (part, scope) in [(public, ""), (desk, "/admin")] {
        for service in part.split(".service(").skip(1).filter(|service| !service.starts_with("desk()")) {
            let (kind, rest) = service.split_once('(').unwrap();
            let first = rest.split(',').next().unwrap();
            let path =
                first.strip_prefix('"').map_or_else(|| constant(first), |text| text.trim_end_matches('"').to_owned());
            let methods: &[&str] = match kind {
                "view" => &["GET"],
                "action" => &["POST"],
                "form" => &["GET", "POST"],
                other => panic!("{other} is a new way to register a route; tell this test which methods it takes"),
            };
            found.extend(methods.iter().map(|method| format!("{method} {scope}{path}")));
        }
    }
    found
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let registered = registered();
    assert!(registered.len() > 30, "the test reads the code: {registered:?}");
    let told: BTreeSet<String> = rows().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let missing: Vec<_> = registered.difference(&told).collect();
    let gone: Vec<_> = told.difference(&registered).collect();
    assert!(missing.is_empty(), "no row in the matrix of tests/spec/authorisation.rs says who may use: {missing:#?}");
    assert!(gone.is_empty(), "these rows have no route: {gone:#?}");
}

/// The clinic in which every cell of the matrix is tried, each with people and objects of its own.
struct Clinic {
    app: App,
    hash: String,
    token: String,
    count: usize,
}

/// One person before one object.
struct Cell {
    cookie: String,
    /// Their own account; that of somebody who only looks for nobody.
    id: String,
    email: String,
}

impl Clinic {
    async fn opens() -> Self {
        Self::opens_with(&[]).await
    }

    async fn opens_with(settings: &[(&str, &str)]) -> Self {
        let app = App::with(&[settings, &[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100000")]].concat()).await;
        Staff::becomes_the_first_admin(&app).await;
        let email = EmailAddress::parse("admin@clinic.example").unwrap();
        let hash = app.store.staff_by_email(&email).await.unwrap().unwrap().password_hash.unwrap();
        let token = app.get("/contact").await.value_of("token");
        Self { app, hash, token, count: 0 }
    }

    async fn account(&mut self, role: Role) -> (String, String) {
        self.count += 1;
        let email = format!("member{}@clinic.example", self.count);
        let mut tx = self.app.store.begin().await.unwrap();
        let address = EmailAddress::parse(&email).unwrap();
        let id = tx.add_staff(&address, "Mem Ber", role, self.app.clock.now()).await.unwrap().unwrap();
        tx.set_password(&id, Some(&self.hash)).await.unwrap();
        tx.commit().await.unwrap();
        (id, email)
    }

    async fn person(&mut self, person: Person) -> Cell {
        let role = if person == Person::Staff { Role::Staff } else { Role::Admin };
        let (id, email) = self.account(role).await;
        if person == Person::Nobody {
            return Cell { cookie: String::new(), id, email: "nobody@clinic.example".to_owned() };
        }
        let now = self.app.clock.now();
        let secret = format!("secret of {id}").replace(' ', "-");
        let begun = if person == Person::Expired { now - SignedDuration::from_mins(30) } else { now };
        let mut tx = self.app.store.begin().await.unwrap();
        tx.add_session(&digest(&secret), &id, &Browser::of(""), begun).await.unwrap();
        if person == Person::Disabled {
            tx.disable_staff(&id, now).await.unwrap();
        }
        tx.commit().await.unwrap();
        Cell { cookie: format!("session={secret}"), id, email }
    }

    /// An inquiry that a colleague took on the phone; gives its reference.
    async fn taken_down(&mut self) -> String {
        let (colleague, _) = self.account(Role::Staff).await;
        let seq = sealing::add(&self.app.store, "Patientcanary", &colleague).await;
        let mut tx = self.app.store.begin().await.unwrap();
        tx.add_entry(seq, self.app.clock.now(), Some(&colleague), EntryKind::Received, "").await.unwrap();
        tx.commit().await.unwrap();
        self.app.store.inquiry_by_seq(seq).await.unwrap().unwrap().reference.to_string()
    }

    /// A new inquiry; gives its receipt's key.
    async fn inquiry(&mut self) -> String {
        self.count += 1;
        let words = format!("Patientcanary number {}", self.count);
        let receipt = Patient::opens_the_form(&self.app).await.answers("message", &words).gets_a_receipt().await;
        receipt.rsplit('/').next().unwrap().to_owned()
    }

    async fn reference_of(&self, receipt_key: &str) -> String {
        self.app.store.inquiry_by_receipt(&digest(receipt_key)).await.unwrap().unwrap().reference.to_string()
    }

    /// The first mail about an inquiry.
    async fn mail_of(&self, receipt_key: &str) -> String {
        let inquiry = self.app.store.inquiry_by_receipt(&digest(receipt_key)).await.unwrap().unwrap();
        self.app.store.messages_of(inquiry.seq).await.unwrap().remove(0).id
    }

    /// The row's path with the object in it.
    async fn path(&mut self, row: &Row, cell: &Cell) -> String {
        let there = row.object != "absent";
        let (place, value) = if row.path.contains("{key}") {
            ("{key}", if there { self.inquiry().await } else { "A".repeat(32) })
        } else if row.path.contains("{reference}") {
            let key = self.inquiry().await;
            if there && row.path.ends_with("/undo") {
                // Something to undo, done by the same person.
                let path = format!("/admin/inquiries/{}/status", self.reference_of(&key).await);
                self.send("POST", &path, cell, "status=open").await;
            }
            if there && (row.path.ends_with("/merge") || row.path.ends_with("/separate")) {
                return self.beside_another(row, &key).await;
            }
            if there && row.path.ends_with("/retry") {
                let path = row.path.replace("{reference}", &self.reference_of(&key).await);
                return format!("{path}?mail={}", self.mail_of(&key).await);
            }
            if there && row.path.ends_with("/remove-note") {
                return self.with_a_note(row, &key, cell).await;
            }
            if there && row.path.ends_with("/taken") {
                return row.path.replace("{reference}", &self.taken_down().await);
            }
            ("{reference}", if there { self.reference_of(&key).await } else { "BW-2222-2222".to_owned() })
        } else if row.path.contains("{secret}") {
            ("{secret}", if there { self.welcome().await } else { "A".repeat(43) })
        } else if row.path.starts_with("/admin/mail/") {
            let key = self.inquiry().await;
            ("{id}", if there { self.mail_of(&key).await } else { "absent".to_owned() })
        } else if row.path.starts_with("/admin/users/") {
            let id = match row.object {
                "own" => cell.id.clone(),
                "other" => self.account(Role::Staff).await.0,
                _ => "absent".to_owned(),
            };
            ("{id}", id)
        } else {
            return row.path.to_owned();
        };
        row.path.replace(place, &value)
    }

    /// The path with another inquiry to merge, or of one that was merged.
    async fn beside_another(&mut self, row: &Row, key: &str) -> String {
        let other = self.inquiry().await;
        let (kept, duplicate) = (self.reference_of(key).await, self.reference_of(&other).await);
        if row.path.ends_with("/merge") {
            return format!("{}?with={duplicate}", row.path.replace("{reference}", &kept));
        }
        let kept = Reference::parse(&kept).unwrap();
        let merged = self.app.store.inquiry(&Reference::parse(&duplicate).unwrap()).await.unwrap().unwrap().seq;
        let mut tx = self.app.store.begin().await.unwrap();
        tx.set_merged(merged, Some(&kept)).await.unwrap();
        let words = format!("new>{kept}");
        tx.add_entry(merged, self.app.clock.now(), None, EntryKind::Merged, &words).await.unwrap();
        tx.commit().await.unwrap();
        row.path.replace("{reference}", &duplicate)
    }

    async fn welcome(&mut self) -> String {
        let (id, _) = self.account(Role::Staff).await;
        let mut tx = self.app.store.begin().await.unwrap();
        tx.add_welcome(&id, &digest(&id), b"seed", self.app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// The row's path about an inquiry with a note of the same person.
    async fn with_a_note(&mut self, row: &Row, receipt_key: &str, cell: &Cell) -> String {
        let inquiry = self.app.store.inquiry_by_receipt(&digest(receipt_key)).await.unwrap().unwrap();
        let mut tx = self.app.store.begin().await.unwrap();
        let now = self.app.clock.now();
        let note = tx.add_entry(inquiry.seq, now, Some(&cell.id), EntryKind::Note, "Patientcanary").await.unwrap();
        tx.commit().await.unwrap();
        format!("{}?entry={note}", row.path.replace("{reference}", inquiry.reference.as_str()))
    }

    /// What somebody who may do it would send.
    fn form(&mut self, row: &Row, cell: &Cell, path: &str) -> String {
        self.count += 1;
        let count = self.count;
        let password = PASSWORD.replace(' ', "+");
        match row.path {
            "/contact" => format!(
                "token={}&urgent=no&name=Vera+Patientcanary&email=vera%40example.org&message=Patientcanary+{count}&consent=yes",
                self.token
            ),
            "/admin/inquiries/new" => format!(
                "token={}&channel=phone&urgent=no&name=Vera&phone=01632+960+001&message=called+{count}&consent=yes",
                self.token
            ),
            "/receipt/{key}/phone" => "phone=01632+960+777".to_owned(),
            "/admin/login" if row.object == "own" => format!("email={}&password={password}", cell.email),
            "/admin/login" if row.object == "other" => {
                "email=admin%40clinic.example&password=not+the+password".to_owned()
            }
            "/admin/login" => format!("email=absent{count}%40clinic.example&password={password}"),
            "/admin/welcome/{secret}" => format!("password={password}&password_again={password}"),
            "/admin/account/name" => format!("name=New+Name+{count}"),
            "/admin/account" => format!("current={password}&password=new+{password}&password_again=new+{password}"),
            "/admin/inquiries/{reference}/status" => "status=open".to_owned(),
            "/admin/inquiries/{reference}/erase" => format!("confirm={}", path.split('/').nth(3).unwrap_or_default()),
            "/admin/inquiries/{reference}/merge"
            | "/admin/inquiries/{reference}/retry"
            | "/admin/inquiries/{reference}/remove-note" => path.split('?').nth(1).unwrap_or_default().to_owned(),
            "/admin/inquiries/{reference}/contact" => "email=right%40example.org&contact_by=email".to_owned(),
            "/admin/inquiries/{reference}/notes" => "note=a+note".to_owned(),
            "/admin/inquiries/{reference}/reply" => "message=a+reply".to_owned(),
            "/admin/inquiries/{reference}/draft" => "message=a+draft".to_owned(),
            "/admin/account/second-factor/remove" => format!("current={password}"),
            "/admin/confirm" => format!("proof_password={password}"),
            "/admin/users/{id}/role" => "role=staff".to_owned(),
            "/admin/users" => format!("email=new{count}%40clinic.example&name=N&role=staff"),
            _ => String::new(),
        }
    }

    async fn send(&self, method: &str, path: &str, cell: &Cell, form: &str) -> Answer {
        let mut headers = vec![("cookie", cell.cookie.as_str()), ("sec-fetch-site", "same-origin")];
        if method == "POST" {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        send(self.app.address, method, path, &headers, form.as_bytes()).await
    }
}

fn name_of(answer: &Answer) -> String {
    match answer.status {
        303 if answer.location().starts_with("/admin/login?next=") => "login".to_owned(),
        status => status.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_do_exactly_what_the_matrix_says() {
    let mut clinic = Clinic::opens().await;
    clinic.app.mail_may_wait = true;
    let (mut wrong, mut cells) = (Vec::new(), 0);
    for row in rows() {
        for (person, expected) in PEOPLE.into_iter().zip(&row.answers) {
            // Tries at passwords are counted; a quarter of an hour later there are none.
            clinic.app.clock.advance(SignedDuration::from_mins(16));
            let cell = clinic.person(person).await;
            let path = clinic.path(&row, &cell).await;
            let form = clinic.form(&row, &cell, &path);
            let before = clinic.app.store.audit_head().await.unwrap();
            if row.method == "GET" {
                let head = clinic.send("HEAD", &path, &cell, "").await;
                assert!(
                    name_of(&head) == **expected && head.body.is_empty(),
                    "HEAD {path} for {person:?}: {}",
                    head.status
                );
            }
            let answer = clinic.send(row.method, &path, &cell, &form).await;
            cells += 1;
            if name_of(&answer) != **expected {
                wrong.push(format!(
                    "{} {} ({}) for {person:?}: {expected} was promised, {} came",
                    row.method,
                    row.path,
                    row.object,
                    name_of(&answer)
                ));
            }
            if matches!(*expected, "login" | "401" | "403" | "404" | "409" | "410") {
                let after = clinic.app.store.audit_head().await.unwrap();
                assert_eq!(after, before, "{} {path} for {person:?} was refused and yet did something", row.method);
                assert!(!answer.text().contains("Patientcanary"), "{} {path} shows {person:?} a patient", row.method);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(cells > 200, "{cells}");
}

/// Until an account has codes, only the way to set them up and the way out are open.
#[tokio::test(flavor = "multi_thread")]
async fn v6_3_3_where_codes_are_demanded_no_route_of_the_desk_opens_to_an_account_without_them() {
    const SETTING_UP: [&str; 4] =
        ["/admin/account/second-factor", "/admin/account/second-factor/confirm", "/admin/confirm", "/admin/logout"];
    let mut clinic = Clinic::opens_with(&[("BACKWISE_DESK__REQUIRE_SECOND_FACTOR", "true")]).await;
    clinic.app.mail_may_wait = true;
    let desk = |row: &Row| {
        row.path.starts_with("/admin")
            && !["/admin/login", "/admin/welcome"].iter().any(|out| row.path.starts_with(out))
    };
    let (mut shut, mut open) = (0, 0);
    for row in rows().into_iter().filter(|row| desk(row) && row.object != "absent") {
        for person in [Person::Staff, Person::Admin] {
            clinic.app.clock.advance(SignedDuration::from_mins(16));
            let cell = clinic.person(person).await;
            let path = clinic.path(&row, &cell).await;
            let form = clinic.form(&row, &cell, &path);
            let before = clinic.app.store.audit_head().await.unwrap();
            let answer = clinic.send(row.method, &path, &cell, &form).await;
            let about = format!("{} {path} for {person:?}", row.method);
            if SETTING_UP.contains(&row.path) {
                assert!(matches!(answer.status, 200 | 303), "{about}: {}", answer.status);
                open += 1;
                continue;
            }
            match row.method {
                "GET" => assert_eq!((answer.status, answer.location()), (303, SETTING_UP[0]), "{about}"),
                _ => assert_eq!((answer.status, answer.title().contains("Set up codes first")), (403, true), "{about}"),
            }
            assert_eq!(clinic.app.store.audit_head().await.unwrap(), before, "{about} did something");
            assert!(!answer.text().contains("Patientcanary"), "{about} shows a patient");
            shut += 1;
        }
    }
    assert!(shut > 50 && open >= 8, "{shut} {open}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_to_read_are_for_everybody_and_what_is_not_there_is_not_there_for_anybody() {
    let mut clinic = Clinic::opens().await;
    let sitemap = clinic.app.get("/sitemap.xml").await.text();
    let pages: Vec<String> = sitemap
        .split("<loc>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().trim_start_matches(&clinic.app.url).to_owned())
        .collect();
    assert!(pages.len() > 6, "{pages:?}");
    for person in PEOPLE {
        let cell = clinic.person(person).await;
        for page in &pages {
            assert_eq!(clinic.send("GET", page, &cell, "").await.status, 200, "{page} for {person:?}");
        }
        let lost = clinic.send("GET", "/admin/nowhere", &cell, "").await;
        let expected = if matches!(person, Person::Staff | Person::Admin) { "404" } else { "login" };
        assert_eq!(name_of(&lost), expected, "outside, nobody learns which pages the desk has");
        let deleted = clinic.send("DELETE", "/admin/inquiries", &cell, "").await;
        let expected = if expected == "404" { "405" } else { "login" };
        assert_eq!(name_of(&deleted), expected, "{person:?}");
    }
}
