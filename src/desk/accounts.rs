//! Accounts of the desk: added and reset with a one-time link, disabled with all their sessions at once.

use jiff::Timestamp;

use crate::contact::EmailAddress;
use crate::secret::{digest, random_secret};
use crate::staff::{Actor, Role, StaffMember};
use crate::store::{Error, Store, Tx};

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

/// What came of disabling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disabled {
    /// Done; its sessions have ended.
    Done,
    /// It is the last admin; nothing was done.
    LastAdmin,
}

/// Adds an account and gives the secret of its one-time link; None when the address has an account.
///
/// # Errors
/// When it is not stored.
pub async fn add(
    store: &Store,
    by: By<'_>,
    email: &EmailAddress,
    name: &str,
    role: Role,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    let mut tx = store.begin().await?;
    let Some(staff) = tx.add_staff(email, name, role, now).await? else { return Ok(None) };
    let secret = welcome(&mut tx, &staff, now).await?;
    tx.add_audit(now, by.name(), "staff.added", &staff, role.as_str()).await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// Adds an account that can sign in at once; false when the address has an account.
///
/// # Errors
/// When it is not stored.
pub async fn add_with_password(
    store: &Store,
    by: By<'_>,
    email: &EmailAddress,
    name: &str,
    role: Role,
    hash: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let mut tx = store.begin().await?;
    let Some(staff) = tx.add_staff(email, name, role, now).await? else { return Ok(false) };
    tx.set_password(&staff, Some(hash)).await?;
    tx.add_audit(now, by.name(), "staff.added", &staff, role.as_str()).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes an account's password and sessions away and gives the secret of its new one-time link.
/// A disabled account stays disabled.
///
/// # Errors
/// When it is not stored.
pub async fn reset(store: &Store, by: By<'_>, member: &StaffMember, now: Timestamp) -> Result<String, Error> {
    let mut tx = store.begin().await?;
    tx.set_password(&member.id, None).await?;
    let secret = welcome(&mut tx, &member.id, now).await?;
    tx.add_audit(now, by.name(), "staff.reset", &member.id, "").await?;
    tx.commit().await?;
    Ok(secret)
}

/// Disables an account, unless nobody could look after the accounts then.
///
/// # Errors
/// When it is not stored.
pub async fn disable(store: &Store, by: By<'_>, member: &StaffMember, now: Timestamp) -> Result<Disabled, Error> {
    let mut tx = store.begin().await?;
    tx.disable_staff(&member.id, now).await?;
    if member.role == Role::Admin && member.disabled_at.is_none() && tx.active_admins().await? == 0 {
        return Ok(Disabled::LastAdmin);
    }
    tx.add_audit(now, by.name(), "staff.disabled", &member.id, "").await?;
    tx.commit().await?;
    Ok(Disabled::Done)
}

async fn welcome(tx: &mut Tx, staff: &str, now: Timestamp) -> Result<String, Error> {
    let secret = random_secret().map_err(Error::no_random)?;
    tx.add_welcome(staff, &digest(&secret), now).await?;
    Ok(secret)
}
