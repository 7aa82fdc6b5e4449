//! What somebody did with an inquiry is said at the top of the page that follows, once, and only where it is so.

use jiff::SignedDuration;

use crate::app::App;
use crate::http::{between, words};
use crate::mail_server::Mood;
use crate::people::{Patient, Staff, somebody_asks};

/// What the page says that follows a form; nothing when it says nothing.
async fn says(staff: &Staff<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let seen = staff.opens(path.rsplit_once('/').unwrap().0).await.value_of("seen");
    let mut fields = fields.to_vec();
    fields.push(("seen", &seen));
    let answer = staff.posts(path, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.words());
    assert!(!answer.location().contains('@'), "nothing personal stands in an address");
    said(staff, answer.location()).await
}

async fn said(staff: &Staff<'_>, address: &str) -> String {
    let text = staff.opens(address).await.text();
    let main = between(&text, "<main", "</main>").unwrap();
    let words = between(&main, "role=\"status\"><p>", "</p>").or(between(&main, "<p role=\"status\">", "</p>"));
    words.unwrap_or_default().replace("<bdi>", "").replace("</bdi>", "")
}

const REPLIED: &str = "Your reply to quirina.mailcanary@example.org is on its way; a sent mail cannot be called back.";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_done_is_said_on_the_page_that_follows() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let does = async |action: &str, fields: &[(&str, &str)]| says(&staff, &format!("{path}/{action}"), fields).await;
    assert_eq!(does("notes", &[("note", "called")]).await, "Your note is added.");
    let corrected = [("email", "quirina.mailcanary@example.org"), ("phone", "01632 960 005"), ("contact_by", "phone")];
    assert_eq!(
        does("contact", &corrected).await,
        "You corrected the phone number and how they wish to be answered. Now: 01632 960 005, phone."
    );
    assert_eq!(does("status", &[("status", "open")]).await, "You changed the status from New to Open.");
    assert_eq!(does("undo", &[]).await, "Undone: it is New again.");
    assert_eq!(does("reply", &[("message", "Come at ten.")]).await, REPLIED);
    let both = "Your reply to quirina.mailcanary@example.org is on its way, and the inquiry is closed. “Undo” only makes it \
                Answered again: a sent mail cannot be called back.";
    assert_eq!(does("reply", &[("message", "Come at nine."), ("then", "close")]).await, both);
    assert_eq!(does("undo", &[]).await, "Undone: it is Answered again.");
    let me = app.store.staff().await.unwrap().remove(0).id;
    assert_eq!(does("assign", &[("assignee", &me)]).await, "You made it yours.");
    assert_eq!(does("undo", &[]).await, "Undone: it is assigned to nobody again.");
    does("assign", &[("assignee", &me)]).await;
    does("assign", &[("assignee", "")]).await;
    assert_eq!(does("undo", &[]).await, "Undone: it is yours again.");
    does("status", &[("status", "closed")]).await;
    assert_eq!(does("notes", &[("note", "done with")]).await, "Your note is added.");
    assert_eq!(does("undo", &[]).await, "Undone: it is Answered again.", "a note leaves that");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_claims_what_was_not_done_now_and_by_oneself() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    assert_eq!(said(&staff, &format!("{path}?done=0")).await, "", "nothing was done");
    staff.posts(&format!("{path}/notes"), &[("note", "called")]).await;
    assert_eq!(said(&staff, &path).await, "", "nobody comes from a form");
    assert_eq!(said(&staff, &format!("{path}?done=0")).await, "Your note is added.");
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    assert_eq!(said(&colleague, &format!("{path}?done=0")).await, "", "somebody else did it");
    app.clock.advance(SignedDuration::from_mins(6));
    assert_eq!(said(&staff, &format!("{path}?done=0")).await, "", "it was a while ago");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_button_has_a_word_of_its_own_for_what_it_does() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let inbox = staff.opens("/admin/inquiries").await;
    let link = between(&inbox.text(), "accesskey=\"c\">", "</a>").unwrap();
    assert_eq!(link, "New inquiry<span class=\"out-of-sight\"> by phone or in person</span>");
    let new = staff.opens("/admin/inquiries/new").await;
    assert!(new.text().contains("<h1 tabindex=\"-1\" autofocus>New inquiry</h1>"), "the link says what it opens");
    assert!(
        new.text().contains("action=\"/admin/inquiries/new\" id=\"typed\" novalidate autocomplete=\"off\""),
        "no other person's answers"
    );

    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    assert!(
        page.text().contains("name=\"then\" value=\"mine\" accesskey=\"k\">Make it mine</button>"),
        "the word of the view “Mine”"
    );
    assert!(inbox.words().contains("Mine"), "{}", inbox.words());
    staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
    let undo = between(&staff.opens(&path).await.text(), "accesskey=\"u\">", "</button>").unwrap();
    let named = "Undo<span class=\"out-of-sight\">: you changed the status from New to Open</span>";
    assert_eq!(undo, named, "also for who hears only the button");
    for page in ["/admin/inquiries", "/admin/inquiries/new", "/admin/help", &path] {
        let words = staff.opens(page).await.words();
        assert!(!words.contains("Take it") && !words.contains("Take an"), "{page}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_banner_says_what_was_done_and_undoes_it() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    Patient::opens_the_form(&app).await.answers("blank", "x").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let banners = async |address: &str, look: &str| {
        let text = staff.opens(address).await.text();
        let of = |banner: &str| words(banner.split("</div>").next().unwrap().split_once('>').unwrap().1);
        text.split(&format!("<div class=\"banner {look}")).skip(1).map(of).collect::<Vec<_>>()
    };
    let does = async |path: &str, action: &str, fields: &[(&str, &str)]| {
        let seen = staff.opens(path).await.value_of("seen");
        let fields: Vec<_> = fields.iter().copied().chain([("seen", seen.as_str())]).collect();
        staff.posts(&format!("{path}/{action}"), &fields).await.location().to_owned()
    };
    let path = staff.inbox("").await.remove(0);
    let closed = banners(&does(&path, "reply", &[("message", "Come at ten."), ("then", "close")]).await, "good").await;
    assert_eq!(closed.len(), 1, "{closed:?}");
    assert!(closed[0].contains("and the inquiry is closed.") && !closed[0].contains("You closed"), "{closed:?}");
    assert!(closed[0].contains("Undo : you closed it with your reply"), "{closed:?}");
    let later = banners(&path, "plain").await;
    assert!(later.len() == 1 && later[0].contains("You closed it with your reply. Undo"), "{later:?}");
    let noted = banners(&does(&path, "notes", &[("note", "done with")]).await, "good").await;
    assert!(noted.len() == 1 && noted[0].contains("Your note is added. Remove this note You closed it"), "{noted:?}");

    let spam = staff.inbox("?status=spam").await.remove(0);
    let released = banners(&does(&spam, "status", &[("then", "release")]).await, "good").await;
    assert_eq!(released.len(), 1, "{released:?}");
    assert!(
        released[0].contains("Released: it is New now.")
            && released[0].contains("Undo :")
            && !released[0].contains("You changed"),
        "{released:?}"
    );
    app.deliver().await;
}

/// How many things of a page ask for the focus, and whether the banner is one that does.
async fn focus(staff: &Staff<'_>, address: &str) -> (usize, bool) {
    let text = staff.opens(address).await.text();
    let banner = text.split(" class=\"banner ").skip(1).any(|rest| {
        let tag = rest.split('>').next().unwrap();
        tag.ends_with("tabindex=\"-1\" autofocus")
    });
    (text.matches(" autofocus").count(), banner)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_takes_the_focus_where_it_is_said_and_nothing_else_does() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let me = app.store.staff().await.unwrap().remove(0).id;
    assert_eq!(focus(&staff, &path).await, (0, false), "nothing was done yet");
    for (action, fields) in [
        ("status", [("status", "open")]),
        ("undo", [("then", "")]),
        ("assign", [("assignee", me.as_str())]),
        ("notes", [("note", "called")]),
        ("reply", [("message", "Come at ten.")]),
    ] {
        let seen = staff.opens(&path).await.value_of("seen");
        let fields: Vec<_> = fields.into_iter().chain([("seen", seen.as_str())]).collect();
        let address = staff.posts(&format!("{path}/{action}"), &fields).await.location().to_owned();
        assert_eq!(focus(&staff, &address).await, (1, true), "{action}");
    }
    staff.posts(&format!("{path}/assign"), &[("assignee", "")]).await;
    assert!(staff.opens(&path).await.words().contains("Undo"), "it is still offered");
    assert_eq!(focus(&staff, &path).await, (0, false), "an offer of before leaves the focus alone");
    let wrong = staff.posts(&format!("{path}/notes"), &[("note", "")]).await;
    assert_eq!(wrong.text().matches(" autofocus").count(), 1, "what is wrong comes first");
    let all = staff.opens("/admin/inquiries?status=all").await.text();
    let tick = between(&all, "name=ticked value=", " ").unwrap();
    let several = [("change", "status.closed"), ("ticked", tick.as_str())];
    assert_eq!(focus(&staff, staff.posts("/admin/inquiries/changes", &several).await.location()).await, (1, true));
    app.deliver().await;
}

const FILED: &str = "is only written to a file, since no mail server is set";

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_nothing_is_said_to_be_on_its_way() {
    let files = tempfile::tempdir().unwrap();
    let app = App::with(&[("BACKWISE_MAIL__URL", &format!("file://{}", files.path().display()))]).await;
    somebody_asks(&app, "words").await;
    Patient::opens_the_form(&app).await.answers("blank", "x").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let to = "Your reply to quirina.mailcanary@example.org";
    for is_written in [false, true] {
        let fields = [("message", if is_written { "Come at ten." } else { "Come at nine." })];
        let seen = staff.opens(&path).await.value_of("seen");
        let fields = [fields[0], ("seen", seen.as_str())];
        let address = staff.posts(&format!("{path}/reply"), &fields).await.location().to_owned();
        if is_written {
            app.deliver().await;
        }
        assert_eq!(said(&staff, &address).await, format!("{to} {FILED}."));
        let page = staff.opens(&address).await.text();
        assert!(page.contains("<div class=\"banner late"), "nobody gets it: that is no success");
    }
    let back = staff.opens(&path).await.words();
    assert!(back.contains(&format!("You wrote a reply just now; it {FILED}.")), "{back}");
    let closed = says(&staff, &format!("{path}/reply"), &[("message", "Come at six."), ("then", "close")]).await;
    assert_eq!(closed, format!("{to} {FILED}, and the inquiry is closed. “Undo” only makes it Answered again."));
    let spam = staff.inbox("?status=spam").await.remove(0);
    let released = says(&staff, &format!("{spam}/status"), &[("then", "release")]).await;
    let files = "Mails to staff and to the writer are only written to files, since no mail server is set.";
    assert_eq!(released, format!("Released: it is New now. {files}"));
    let back = says(&staff, &format!("{spam}/undo"), &[]).await;
    assert_eq!(back, "Undone: it is Suspected spam again. Its mails had been written to files already.");
    app.deliver().await;
    let invited = staff.posts("/admin/users", &[("email", "b@clinic.example"), ("role", "staff"), ("how", "mail")]);
    let invited = invited.await.words();
    assert!(invited.contains(FILED) && !invited.contains("on its way"), "{invited}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_mail_server_has_answered_already_is_said_of_a_reply() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let to = "Your reply to quirina.mailcanary@example.org";
    for (mood, then, look, words) in [
        (Mood::Good, "", "good", "has left; a sent mail cannot be called back."),
        (Mood::Greylisting, "", "late", "has not left yet and is tried again by itself."),
        (Mood::Refusing("quirina".to_owned()), "", "bad", "did not leave; “What happened” says why. The inquiry is "),
        (
            Mood::Refusing("quirina".to_owned()),
            "close",
            "bad",
            "did not leave; “What happened” says why. The inquiry is ",
        ),
    ] {
        app.mail_server.is(mood);
        app.clock.advance(SignedDuration::from_secs(1));
        let page = staff.opens(&path).await;
        let message = format!("Come at {}.", page.value_of("version"));
        let fields = [("message", message.as_str()), ("then", then), ("seen", &page.value_of("seen"))];
        let address = staff.posts(&format!("{path}/reply"), &fields).await.location().to_owned();
        app.deliver().await;
        let text = staff.opens(&address).await.text();
        let start = format!("<div class=\"banner {look}");
        let banners: Vec<_> = text.split(&start).skip(1).map(crate::http::words).collect();
        assert!(banners.iter().any(|banner| banner.contains(&format!("{to} {words}"))), "{look}: {banners:?}");
    }
    app.mail_server.comes_back();
    app.delivers_for(SignedDuration::from_mins(3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_it_to_a_colleague_is_told_how_they_learn_of_it() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    admin.invites("berta@clinic.example", "staff").await;
    admin.posts("/admin/users", &[("email", "new@clinic.example"), ("name", "Nora"), ("role", "staff")]).await;
    let staff = app.store.staff().await.unwrap();
    let id = |email: &str| staff.iter().find(|member| member.email.as_str() == email).unwrap().id.clone();
    let path = admin.inbox("").await.remove(0);
    let gives = async |whom: &str| {
        app.clock.advance(SignedDuration::from_secs(1));
        says(&admin, &format!("{path}/assign"), &[("assignee", whom)]).await
    };
    let told = "You assigned it to berta@clinic.example. They get no mail; it stands under their “Mine”.";
    assert_eq!(gives(&id("berta@clinic.example")).await, told);
    assert!(!admin.opens(&path).await.words().contains("get no mail"), "only where it is news");
    let new = "You assigned it to Nora. This person has no password yet and does not see it.";
    assert_eq!(gives(&id("new@clinic.example")).await, new);
    assert_eq!(gives(&id("admin@clinic.example")).await, "You made it yours.");
    assert_eq!(gives("").await, "You took it from Adele Admin: it is assigned to nobody.");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_what_nobody_answered_says_so_beside_undo() {
    let app = App::start().await;
    for urgent in ["no", "yes"] {
        Patient::opens_the_form(&app)
            .await
            .answers("urgent", urgent)
            .answers("urgent_seen", "yes")
            .gets_a_receipt()
            .await;
    }
    Patient::opens_the_form(&app).await.answers("blank", "x").gets_a_receipt().await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let paths = staff.inbox("").await;
    let (urgent, other) = (&paths[0], &paths[1]);
    let closes = async |path: &str| says(&staff, &format!("{path}/status"), &[("status", "closed")]).await;
    let closed = "You changed the status from New to Closed.";
    assert_eq!(closes(urgent).await, format!("{closed} It is marked as urgent, and nobody answered it."));
    assert!(!staff.opens(urgent).await.words().contains("nobody answered it"), "only where it is news");
    assert_eq!(closes(other).await, format!("{closed} Nobody answered it."));
    says(&staff, &format!("{other}/undo"), &[]).await;
    says(&staff, &format!("{other}/status"), &[("status", "answered")]).await;
    assert_eq!(closes(other).await, "You changed the status from Answered to Closed.");
    let spam = staff.inbox("?status=spam").await.remove(0);
    assert_eq!(closes(&spam).await, "You changed the status from Suspected spam to Closed.", "nobody answers spam");
}
