//! Whether the process lives, and whether it could store an inquiry now.

use std::sync::Mutex;
use std::sync::PoisonError;

use actix_web::{HttpResponse, web};
use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::store::Store;

/// A probe writes to the database; a flood of probes must not become a flood of writes.
const GOOD_FOR: SignedDuration = SignedDuration::from_millis(900);

/// The last probe that succeeded.
#[derive(Default)]
pub(super) struct Pulse(Mutex<Option<Timestamp>>);

pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok")
}

pub(super) async fn ready(store: web::Data<Store>, clock: web::Data<Clock>, pulse: web::Data<Pulse>) -> HttpResponse {
    let now = clock.now();
    let fresh = pulse
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .is_some_and(|at| now.duration_since(at).abs() < GOOD_FOR);
    if fresh {
        return alive().await;
    }
    match store.ready(now).await {
        Ok(()) => {
            *pulse.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
            alive().await
        }
        Err(error) => HttpResponse::ServiceUnavailable()
            .content_type("text/plain; charset=utf-8")
            .body(format!("an inquiry could not be stored now: {error}\n")),
    }
}
