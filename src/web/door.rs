//! What proving who one is takes: the hashes, the counts of failed tries, and how to tell an account's owner.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::events::{Notes, What};
use super::guard::Demands;
use super::limits::client;
use super::tries::{Account, Buckets, Tries};
use super::{Site, guard, tries};
use crate::clock::Clock;
use crate::contact::EmailAddress;
use crate::desk::accounts;
use crate::outbox::AccountNews;
use crate::secret::SecretKey;
use crate::staff::{Hasher, StaffMember};
use crate::store::Store;

/// So many failures from anywhere are told to the account's owner; then not before so many more.
const TOLD_AT: [usize; 3] = [5, 20, 50];
/// Whoever gives wrong codes knew the password.
const TOLD_AT_CODES: [usize; 2] = [3, 10];

pub(super) const TOO_MANY: &str = "Too many tries. Wait a quarter of an hour, then try again.";
pub(super) const BUSY: &str = "Too many people sign in just now. Try again in a minute.";

#[derive(Clone)]
pub(super) struct Door {
    pub site: web::Data<Site>,
    pub store: web::Data<Store>,
    pub hasher: web::Data<Hasher>,
    pub tries: web::Data<Tries>,
    pub key: web::Data<SecretKey>,
    pub demands: web::Data<Demands>,
    pub bell: Arc<Notify>,
    pub client: IpAddr,
    pub notes: Notes,
    pub now: Timestamp,
}

impl FromRequest for Door {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let door = || {
            Some(Self {
                site: request.app_data::<web::Data<Site>>()?.clone(),
                store: request.app_data::<web::Data<Store>>()?.clone(),
                hasher: request.app_data::<web::Data<Hasher>>()?.clone(),
                tries: request.app_data::<web::Data<Tries>>()?.clone(),
                key: request.app_data::<web::Data<SecretKey>>()?.clone(),
                demands: request.app_data::<web::Data<Demands>>()?.clone(),
                bell: request.app_data::<web::Data<Notify>>()?.clone().into_inner(),
                client: client(request, request.app_data::<web::Data<Vec<IpNet>>>()?),
                notes: Notes::of(request),
                now: request.app_data::<web::Data<Clock>>()?.now(),
            })
        };
        ready(door().ok_or_else(|| actix_web::error::ErrorInternalServerError("no door here")))
    }
}

/// Who tries, and from where.
#[derive(Clone, Copy)]
pub(super) struct Visitor {
    pub account: Account,
    client: IpAddr,
    pub is_known_browser: bool,
}

impl Door {
    pub(super) fn visitor(&self, request: &HttpRequest, email: &str) -> Visitor {
        let account = tries::account(&self.key, email);
        let is_known_browser = guard::is_known_browser(request, &self.site, &self.key, &account);
        Visitor { account, client: self.client, is_known_browser }
    }

    /// Somebody who is signed in to an account already: strangers do not hold them up.
    pub(super) fn insider(&self, email: &EmailAddress) -> Visitor {
        let account = tries::account(&self.key, email.as_str());
        Visitor { account, client: self.client, is_known_browser: true }
    }

    /// A password was wrong: its owner is told when that happens often. Behind the answer, which takes as long as the one
    /// to an unknown name.
    pub(super) fn password_failed(&self, visitor: &Visitor, member: Option<StaffMember>) {
        let often = TOLD_AT.contains(&self.tries.passwords.failed(&visitor.account, self.now));
        self.tell_when(often, member, AccountNews::FailedTries);
    }

    /// A code was wrong after a right password.
    pub(super) fn code_failed(&self, visitor: &Visitor, member: &StaffMember) {
        let often = TOLD_AT_CODES.contains(&self.tries.codes.failed(&visitor.account, self.now));
        self.tell_when(often, Some(member.clone()), AccountNews::FailedCodes);
    }

    /// Somebody who is signed in was asked again who they are, and did not show it.
    pub(super) fn proof_failed(&self, visitor: &Visitor, member: &StaffMember) {
        self.notes.add_about(What::ProofRefused, &member.id);
        let often = TOLD_AT.contains(&self.tries.passwords.failed(&visitor.account, self.now));
        self.tell_when(often, Some(member.clone()), AccountNews::FailedProofs);
    }

    fn tell_when(&self, often: bool, member: Option<StaffMember>, news: AccountNews) {
        let Some(member) = member.filter(|_| often) else { return };
        let door = self.clone();
        actix_web::rt::spawn(async move {
            let told = async {
                let mut tx = door.store.begin().await?;
                accounts::tell(&mut tx, &member.id, news, door.now).await?;
                tx.add_audit(door.now, "system", "staff.failed_tries", &member.id, "").await?;
                tx.commit().await
            };
            match told.await {
                Ok(()) => door.bell.notify_one(),
                Err(cause) => tracing::error!(%cause, "the owner of an account could not be told of failed tries"),
            }
        });
    }
}

impl Visitor {
    /// Counts a try before it is made, or says how long to wait.
    pub(super) fn take(&self, buckets: &Buckets, now: Timestamp) -> Result<(), SignedDuration> {
        buckets.take(self.account, self.client, self.is_known_browser, now)
    }

    pub(super) fn succeeded(&self, buckets: &Buckets) {
        buckets.succeeded(self.account, self.client, self.is_known_browser);
    }
}

/// The same answer, with how long to wait.
pub(super) fn wait(mut response: HttpResponse, wait: SignedDuration) -> HttpResponse {
    response.headers_mut().insert(RETRY_AFTER, (wait.as_secs().max(0) + 1).into());
    response
}
