//! Accounts of the desk: added and reset with a one-time link, changed, disabled with all their sessions at once. Their
//! owners are told by mail of what touches the way they sign in.

use jiff::{SignedDuration, Timestamp};

use crate::contact::EmailAddress;
use crate::outbox::{AccountNews, Kind};
use crate::secret::{SecretKey, digest, random};
use crate::staff::{Actor, Role, StaffMember};
use crate::store::{Error, Store, Tx};

/// News that a stranger can cause at will is told once in this time.
const CHEAP_NEWS_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Who changes an account.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// An admin at the desk.
    Actor(&'a Actor),
    /// Somebody with a shell on the server.
    Operator,
}

impl By<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Actor(actor) => actor.id(),
            Self::Operator => "operator",
        }
    }
}

/// How a one-time link reaches the owner of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is shown once to whoever made it, who hands it on.
    Shown,
    /// It is mailed to the account's address, and nobody else sees it.
    Mailed,
}

/// A one-time link that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Its secret, to be shown once.
    Secret(String),
    /// It is on its way.
    Mailed,
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed<T> {
    /// Done.
    Done(T),
    /// Nobody could look after the accounts then; nothing was done.
    LastAdmin,
}

/// Somebody who gets an account.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    /// The address they sign in with.
    pub email: &'a EmailAddress,
    /// The name colleagues see.
    pub name: &'a str,
    /// What they may do.
    pub role: Role,
}

/// Adds an account with a one-time link; None when the address has an account.
///
/// # Errors
/// When it is not stored.
pub async fn add(
    store: &Store,
    key: &SecretKey,
    by: By<'_>,
    new: Newcomer<'_>,
    delivery: Delivery,
    now: Timestamp,
) -> Result<Option<Link>, Error> {
    let mut tx = store.begin().await?;
    let Some(staff) = tx.add_staff(new.email, new.name, new.role, now).await? else { return Ok(None) };
    let link = welcome(&mut tx, key, &staff, delivery, now).await?;
    tx.add_audit(now, by.name(), "staff.added", &staff, new.role.as_str()).await?;
    tx.commit().await?;
    Ok(Some(link))
}

/// Adds an account that can sign in at once; false when the address has an account.
///
/// # Errors
/// When it is not stored.
pub async fn add_with_password(
    store: &Store,
    by: By<'_>,
    new: Newcomer<'_>,
    hash: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let mut tx = store.begin().await?;
    let Some(staff) = tx.add_staff(new.email, new.name, new.role, now).await? else { return Ok(false) };
    tx.set_password(&staff, Some(hash)).await?;
    tx.add_audit(now, by.name(), "staff.added", &staff, new.role.as_str()).await?;
    tx.commit().await?;
    Ok(true)
}

/// What a reset takes away besides the password and the sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// Nothing: whoever uses the link still needs a code where the account asks for one.
    Password,
    /// The second factor and its recovery codes, for a lost phone.
    PasswordAndFactor,
}

/// Takes an account's password and sessions away and makes a one-time link, in place of any before. A disabled account stays disabled. The second
/// factor never goes alone: a password beside it may be too short to stand by itself, and whoever says that a phone is
/// lost must at least have the mailbox. An admin at the desk does not reset the last admin; the operator may.
///
/// # Errors
/// When it is not stored.
pub async fn reset(
    store: &Store,
    key: &SecretKey,
    by: By<'_>,
    member: &StaffMember,
    what: Reset,
    delivery: Delivery,
    now: Timestamp,
) -> Result<Changed<Link>, Error> {
    let mut tx = store.begin().await?;
    tx.lock_staff().await?;
    tx.set_password(&member.id, None).await?;
    if matches!(by, By::Actor(_)) && is_last_admin(&mut tx, member).await? {
        return Ok(Changed::LastAdmin);
    }
    if what == Reset::PasswordAndFactor && tx.remove_factor(&member.id).await? {
        tell(&mut tx, &member.id, AccountNews::FactorRemoved, now).await?;
    }
    let link = welcome(&mut tx, key, &member.id, delivery, now).await?;
    if delivery == Delivery::Shown && member.password_hash.is_some() {
        // A mailed link tells it itself.
        tell(&mut tx, &member.id, AccountNews::PasswordReset, now).await?;
    }
    let detail = if what == Reset::Password { "" } else { "second factor too" };
    tx.add_audit(now, by.name(), "staff.reset", &member.id, detail).await?;
    tx.commit().await?;
    Ok(Changed::Done(link))
}

/// Gives somebody the name that they chose for themselves. The audit log says that, and not the name.
///
/// # Errors
/// When it is not stored.
pub async fn rename(tx: &mut Tx, member: &StaffMember, name: &str, now: Timestamp) -> Result<(), Error> {
    if member.name == name {
        return Ok(());
    }
    tx.set_name(&member.id, name).await?;
    tx.add_audit(now, &member.id, "staff.name", &member.id, "").await
}

/// Gives an account another role, unless nobody could look after the accounts then. Its sessions end.
///
/// # Errors
/// When it is not stored.
pub async fn set_role(
    store: &Store,
    by: By<'_>,
    member: &StaffMember,
    role: Role,
    now: Timestamp,
) -> Result<Changed<()>, Error> {
    if member.role == role {
        return Ok(Changed::Done(()));
    }
    let mut tx = store.begin().await?;
    tx.set_role(&member.id, role).await?;
    if is_last_admin(&mut tx, member).await? {
        return Ok(Changed::LastAdmin);
    }
    tell(&mut tx, &member.id, AccountNews::RoleChanged, now).await?;
    tx.add_audit(now, by.name(), "staff.role", &member.id, role.as_str()).await?;
    tx.commit().await?;
    Ok(Changed::Done(()))
}

/// Disables an account and forgets its drafts, unless nobody could look after the accounts then.
///
/// # Errors
/// When it is not stored.
pub async fn disable(store: &Store, by: By<'_>, member: &StaffMember, now: Timestamp) -> Result<Changed<()>, Error> {
    let mut tx = store.begin().await?;
    tx.disable_staff(&member.id, now).await?;
    if is_last_admin(&mut tx, member).await? {
        return Ok(Changed::LastAdmin);
    }
    tx.forget_drafts_of(&member.id).await?;
    tx.add_audit(now, by.name(), "staff.disabled", &member.id, "").await?;
    tx.commit().await?;
    Ok(Changed::Done(()))
}

/// Lets a disabled account sign in again.
///
/// # Errors
/// When it is not stored.
pub async fn enable(store: &Store, by: By<'_>, member: &StaffMember, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    tx.enable_staff(&member.id).await?;
    tx.add_audit(now, by.name(), "staff.enabled", &member.id, "").await?;
    tx.commit().await
}

/// Ends every session of somebody else.
///
/// # Errors
/// When it is not stored.
pub async fn end_sessions(store: &Store, by: By<'_>, member: &StaffMember, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    tx.end_sessions_of(&member.id).await?;
    tx.add_audit(now, by.name(), "staff.signed_out", &member.id, "").await?;
    tx.commit().await
}

/// Owes the owner of an account a mail about it. What a stranger can cause at will is told once an hour.
///
/// # Errors
/// When it is not stored.
pub async fn tell(tx: &mut Tx, staff: &str, news: AccountNews, now: Timestamp) -> Result<(), Error> {
    let kind = Kind::Account(news);
    if news.is_cheap() && tx.account_messages_since(staff, kind, now - CHEAP_NEWS_EVERY).await? > 0 {
        return Ok(());
    }
    tx.add_account_message(staff, kind, now).await?;
    Ok(())
}

/// Whether an admin is gone by this transaction's changes, and no other is left.
async fn is_last_admin(tx: &mut Tx, before: &StaffMember) -> Result<bool, Error> {
    let could = before.role == Role::Admin && before.disabled_at.is_none();
    Ok(could && tx.active_admins().await? == 0)
}

async fn welcome(tx: &mut Tx, key: &SecretKey, staff: &str, delivery: Delivery, now: Timestamp) -> Result<Link, Error> {
    let seed: [u8; 16] = random().map_err(Error::no_random)?;
    let secret = key.welcome_secret(&seed);
    tx.add_welcome(staff, &digest(&secret), &seed, now).await?;
    Ok(match delivery {
        Delivery::Shown => Link::Secret(secret),
        Delivery::Mailed => {
            tx.add_account_message(staff, Kind::Invitation, now).await?;
            Link::Mailed
        }
    })
}
