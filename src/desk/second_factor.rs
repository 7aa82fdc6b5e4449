//! The second factor of an account: begun, confirmed by a first code, asked for, removed; and its recovery codes. Its
//! owner is told by mail of every change.

use jiff::Timestamp;

use super::accounts::tell;
use crate::outbox::AccountNews;
use crate::staff::{TotpSecret, new_recovery_codes, recovery_digest};
use crate::store::{Error, Store, StoredFactor, Tx};

/// Begins a second factor, which does not count before its first code; None when the account has one that counts.
///
/// # Errors
/// When it is not stored.
pub async fn begin(store: &Store, staff: &str) -> Result<Option<TotpSecret>, Error> {
    let secret = TotpSecret::new().map_err(Error::no_random)?;
    let mut tx = store.begin().await?;
    let begun = tx.begin_factor(staff, &secret.text()).await?;
    tx.commit().await?;
    Ok(begun.then_some(secret))
}

/// The secret of a second factor that was begun and not confirmed yet.
///
/// # Errors
/// When it cannot be read.
pub async fn begun(store: &Store, staff: &str) -> Result<Option<TotpSecret>, Error> {
    let factor = store.second_factor(staff).await?.filter(|factor| factor.confirmed_at.is_none());
    factor.as_ref().map(secret_of).transpose()
}

/// Confirms a second factor with its first code and gives the recovery codes, which nobody sees again; None for a code
/// that is not right. Every session of the account ends.
///
/// # Errors
/// When it is not stored.
pub async fn confirm(store: &Store, staff: &str, typed: &str, now: Timestamp) -> Result<Option<Vec<String>>, Error> {
    let Some(factor) = store.second_factor(staff).await? else { return Ok(None) };
    let Some(step) = secret_of(&factor)?.step_of(typed, now) else { return Ok(None) };
    let mut tx = store.begin().await?;
    if !tx.use_step(staff, step).await? || !tx.confirm_factor(staff, &factor, now).await? {
        return Ok(None);
    }
    let codes = give_codes(&mut tx, staff).await?;
    tx.end_sessions_of(staff).await?;
    tell(&mut tx, staff, AccountNews::FactorAdded, now).await?;
    tx.add_audit(now, staff, "factor.added", staff, "").await?;
    tx.commit().await?;
    Ok(Some(codes))
}

/// Takes the second factor away; the account's sessions end.
///
/// # Errors
/// When it is not stored.
pub async fn remove(store: &Store, staff: &str, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    if tx.remove_factor(staff).await? {
        tx.end_sessions_of(staff).await?;
        tell(&mut tx, staff, AccountNews::FactorRemoved, now).await?;
        tx.add_audit(now, staff, "factor.removed", staff, "").await?;
    }
    tx.commit().await
}

/// Ten new recovery codes in place of those before.
///
/// # Errors
/// When it is not stored.
pub async fn renew_codes(store: &Store, staff: &str, now: Timestamp) -> Result<Vec<String>, Error> {
    let mut tx = store.begin().await?;
    let codes = give_codes(&mut tx, staff).await?;
    tell(&mut tx, staff, AccountNews::RecoveryMade, now).await?;
    tx.add_audit(now, staff, "factor.codes", staff, "").await?;
    tx.commit().await?;
    Ok(codes)
}

/// Where a code came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// The app.
    App,
    /// The list for the day the phone is lost.
    Recovery,
}

/// What a typed code is, when it is right. Each works once.
///
/// # Errors
/// When it cannot be read, or that it was used not be stored.
pub async fn accepts(store: &Store, staff: &str, typed: &str, now: Timestamp) -> Result<Option<Factor>, Error> {
    let factor = store.second_factor(staff).await?.filter(|factor| factor.confirmed_at.is_some());
    let Some(factor) = factor else { return Ok(None) };
    let step = secret_of(&factor)?.step_of(typed, now);
    let mut tx = store.begin().await?;
    let right = match step {
        Some(step) => tx.use_step(staff, step).await?.then_some(Factor::App),
        None => use_recovery_code(&mut tx, staff, typed, now).await?.then_some(Factor::Recovery),
    };
    tx.commit().await?;
    Ok(right)
}

async fn use_recovery_code(tx: &mut Tx, staff: &str, typed: &str, now: Timestamp) -> Result<bool, Error> {
    if !tx.use_recovery_code(staff, &recovery_digest(typed)).await? {
        return Ok(false);
    }
    tell(tx, staff, AccountNews::RecoveryUsed, now).await?;
    tx.add_audit(now, staff, "factor.recovery", staff, "").await?;
    Ok(true)
}

async fn give_codes(tx: &mut Tx, staff: &str) -> Result<Vec<String>, Error> {
    let codes = new_recovery_codes().map_err(Error::no_random)?;
    let digests: Vec<Vec<u8>> = codes.iter().map(|code| recovery_digest(code)).collect();
    tx.set_recovery_codes(staff, &digests).await?;
    Ok(codes)
}

fn secret_of(factor: &StoredFactor) -> Result<TotpSecret, Error> {
    TotpSecret::parse(&factor.secret).ok_or(Error::Damaged("secret"))
}
