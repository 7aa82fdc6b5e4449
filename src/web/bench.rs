//! What a handler of the desk works with: a proven actor, and everything a page of the desk needs.

use actix_web::dev::Payload;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use std::future::{Ready, ready};

use super::Site;
use super::guard::Demands;
use crate::clock::Clock;
use crate::content::Content;
use crate::desk::Policy;
use crate::staff::Actor;
use crate::store::{self, Store};

/// It can be had only behind the door, where the actor is.
pub(super) struct Bench {
    pub actor: Actor,
    pub site: web::Data<Site>,
    pub content: web::Data<Content>,
    pub store: web::Data<Store>,
    pub policy: web::Data<Policy>,
    pub demands: web::Data<Demands>,
    pub now: Timestamp,
}

impl actix_web::FromRequest for Bench {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let bench = || {
            Some(Self {
                actor: request.extensions().get::<Actor>()?.clone(),
                site: request.app_data::<web::Data<Site>>()?.clone(),
                content: request.app_data::<web::Data<Content>>()?.clone(),
                store: request.app_data::<web::Data<Store>>()?.clone(),
                policy: request.app_data::<web::Data<Policy>>()?.clone(),
                demands: request.app_data::<web::Data<Demands>>()?.clone(),
                now: request.app_data::<web::Data<Clock>>()?.now(),
            })
        };
        ready(bench().ok_or_else(|| actix_web::error::ErrorInternalServerError("nobody is signed in here")))
    }
}

impl Bench {
    /// "Wednesday 25 November, 14:30", in the clinic's zone, with the year where it is not the present one.
    pub(super) fn near(&self, at: Timestamp) -> String {
        let opening = &self.policy.opening;
        let is_this_year = opening.local(at).year() == opening.local(self.now).year();
        if is_this_year { opening.written_soon(at) } else { opening.written(at) }
    }

    /// How far a moment is from now, for a glance.
    pub(super) fn age(&self, at: Timestamp) -> String {
        age(self.now, at)
    }

    /// Whether this account must set up codes before anything else.
    pub(super) fn owes_a_factor(&self) -> bool {
        self.demands.are_owed_by(&self.actor)
    }

    /// The answer, or the page that says that the store failed.
    pub(super) fn or_unavailable(&self, answer: Result<HttpResponse, store::Error>) -> HttpResponse {
        answer.unwrap_or_else(|cause| self.unavailable(&cause))
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// "3 hours ago", "in 2 days": one number, in the largest unit of which there are two.
fn age(now: Timestamp, at: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let units =
        [(365 * DAY, "year"), (30 * DAY, "month"), (7 * DAY, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")];
    let far = seconds.abs();
    let Some((unit, name)) =
        units.into_iter().find(|(unit, _)| far >= 2 * unit).or((far >= MINUTE).then_some((MINUTE, "minute")))
    else {
        return if seconds <= 0 { "just now" } else { "now" }.to_owned();
    };
    let number = far / unit;
    let plural = if number == 1 { "" } else { "s" };
    if seconds < 0 { format!("{number} {name}{plural} ago") } else { format!("in {number} {name}{plural}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_one_number_in_a_unit_that_fits() {
        let now = Timestamp::UNIX_EPOCH;
        let at = |seconds| age(now, now + jiff::SignedDuration::from_secs(seconds));
        for (seconds, words) in [
            (0, "just now"),
            (59, "now"),
            (60, "in 1 minute"),
            (-119, "1 minute ago"),
            (-119 * 60, "119 minutes ago"),
            (2 * HOUR, "in 2 hours"),
            (-47 * HOUR, "47 hours ago"),
            (-13 * DAY, "13 days ago"),
            (-59 * DAY, "8 weeks ago"),
            (-100 * DAY, "3 months ago"),
            (-731 * DAY, "2 years ago"),
        ] {
            assert_eq!(at(seconds), words);
        }
    }
}
