//! Mails to the owner of an account: the one-time link, and what happened to the way they sign in. They go to the
//! account's own address and carry no secret but that link, which is made when it is sent.

use jiff::Timestamp;
use lettre::Message;

use super::letterhead::{Letterhead, envelope, mail, multipart};
use super::message::test_mail;
use crate::config::ClinicView;
use crate::outbox::{AccountNews, Kind, OwedMessage};
use crate::staff::StaffMember;
use crate::store::{Error, Store};

mail!(Invitation, InvitationText "mail/invitation.txt", InvitationHtml "mail/invitation.html");
mail!(News, NewsText "mail/account.txt", NewsHtml "mail/account.html");

struct Invitation<'a> {
    clinic: &'a ClinicView,
    link: String,
    until: String,
    /// Whether they were at the desk before, so that the link takes the place of a password.
    is_reset: bool,
}

struct News<'a> {
    clinic: &'a ClinicView,
    news: AccountNews,
    heading: &'static str,
    when: String,
    account_link: String,
    /// Nobody got in or came near.
    is_only_a_try: bool,
}

/// Renders a mail about an account. The inner error says why it can never be sent.
pub(super) async fn render(
    store: &Store,
    letterhead: &Letterhead,
    owed: &OwedMessage,
    staff: &str,
) -> Result<Result<Message, String>, Error> {
    let Some(member) = store.staff_by_id(staff).await? else { return Ok(Err("the account is gone".to_owned())) };
    Ok(match owed.kind {
        Kind::Invitation => invitation(letterhead, owed, &member, store.welcome_seed(staff).await?),
        Kind::Account(news) => news_mail(letterhead, owed, &member, news),
        Kind::Test => test_mail(letterhead, &owed.id, &member.email, owed.created_at),
        Kind::Notice | Kind::Acknowledgement | Kind::Reply | Kind::Escalation | Kind::Digest => {
            Err("a mail about an inquiry names an account".to_owned())
        }
    })
}

/// The link may have been used or replaced while its mail waited.
fn invitation(
    letterhead: &Letterhead,
    owed: &OwedMessage,
    member: &StaffMember,
    seed: Option<(Vec<u8>, Timestamp)>,
) -> Result<Message, String> {
    let (seed, until) = seed.ok_or("its link was used or replaced; nothing needs to be sent")?;
    let words = Invitation {
        clinic: &letterhead.clinic,
        link: format!("{}/admin/welcome/{}", letterhead.public_url, letterhead.key.welcome_secret(&seed)),
        until: letterhead.opening.written(until),
        is_reset: member.seen_at.is_some(),
    };
    let subject = format!("Set your password for the desk of {}", letterhead.clinic.name);
    let builder = envelope(letterhead, &owed.id, owed.created_at, member.email.as_str(), &subject)?;
    multipart(builder, &owed.id, words.parts())
}

fn news_mail(
    letterhead: &Letterhead,
    owed: &OwedMessage,
    member: &StaffMember,
    news: AccountNews,
) -> Result<Message, String> {
    let words = News {
        clinic: &letterhead.clinic,
        news,
        heading: heading(news),
        when: letterhead.opening.written(owed.created_at),
        is_only_a_try: news == AccountNews::FailedTries,
        account_link: format!("{}/admin/account", letterhead.public_url),
    };
    let builder = envelope(letterhead, &owed.id, owed.created_at, member.email.as_str(), words.heading)?;
    multipart(builder, &owed.id, words.parts())
}

/// The subject too: it says enough to be alarmed by.
fn heading(news: AccountNews) -> &'static str {
    match news {
        AccountNews::FactorAdded => "Your account asks for a code from now on",
        AccountNews::FactorRemoved => "Your account asks for no code any more",
        AccountNews::RecoveryMade => "Your account has new recovery codes",
        AccountNews::RecoveryUsed => "Somebody signed in with a recovery code",
        AccountNews::PasswordChanged => "Your password was changed",
        AccountNews::PasswordReset => "Your password was taken away",
        AccountNews::RoleChanged => "Your role at the desk was changed",
        AccountNews::NewBrowser => "Somebody signed in with a new browser",
        AccountNews::FailedTries => "Somebody tried to sign in to your account",
        AccountNews::FailedCodes => "Somebody knows your password",
        AccountNews::FailedProofs => "Somebody in your account does not know its password",
    }
}
