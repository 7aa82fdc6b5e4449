//! What a handler of the desk works with: a proven actor, and everything a page of the desk needs.

use actix_web::dev::Payload;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use std::future::{Ready, ready};

use super::{Site, error};
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
                now: request.app_data::<web::Data<Clock>>()?.now(),
            })
        };
        ready(bench().ok_or_else(|| actix_web::error::ErrorInternalServerError("nobody is signed in here")))
    }
}

impl Bench {
    /// "Wednesday 25 November, 14:30", in the clinic's zone.
    pub(super) fn soon(&self, at: Timestamp) -> String {
        self.policy.opening.written_soon(at)
    }

    /// The answer, or the page that says that the store failed.
    pub(super) fn or_unavailable(&self, answer: Result<HttpResponse, store::Error>) -> HttpResponse {
        answer.unwrap_or_else(|cause| error::unavailable(&self.site, &cause))
    }
}
