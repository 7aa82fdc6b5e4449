//! What happened here since the start, for the metrics listener: requests, how long they took, failed sign-ins. Labels are
//! route patterns, methods and statuses, never what somebody typed: their number is bounded, and they name nobody.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, web};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::events::What;
use super::reading::Pages;
use super::routes;

/// Seconds; the promises of the pages are between a few milliseconds and a second, those of faults below ten.
const BUCKETS: [f64; 7] = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0];

/// Counts for as long as the process lives. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram>,
    sign_in_failures: Counter,
    events: Family<Named, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Named {
    event: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            sign_in_failures: Counter::default(),
            events: Family::default(),
        }
    }
}

impl Metrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests answered", self.0.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from the head of a request to the head of its answer",
            Unit::Seconds,
            self.0.durations.clone(),
        );
        let help = "Sign-ins refused, and refused answers to who asks again";
        registry.register("sign_in_failures", help, self.0.sign_in_failures.clone());
        let help = "What touched safety, by name, whether or not its line was left out of the log";
        registry.register("security_events", help, self.0.events.clone());
    }

    /// Counts something that touched safety.
    pub(super) fn happened(&self, what: What) {
        if what.is_refused_proof() {
            self.0.sign_in_failures.inc();
        }
        self.0.events.get_or_create(&Named { event: what.name() }).inc();
    }

    fn count(&self, route: String, method: &'static str, status: StatusCode, since: Instant) {
        if route == routes::LOGIN && method == "POST" && status.is_client_error() {
            self.0.sign_in_failures.inc();
        }
        self.0.durations.get_or_create(&Route { route: route.clone() }).observe(since.elapsed().as_secs_f64());
        self.0.requests.get_or_create(&Request { route, method, status: status.as_u16() }).inc();
    }
}

/// Counts each request when it is answered, those that fail on the way included.
pub(super) async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let (since, method) = (Instant::now(), method(request.method()));
    let outcome = next.call(request).await;
    if let Some(metrics) = metrics {
        match &outcome {
            Ok(response) => metrics.count(route(response.request()), method, response.status(), since),
            Err(error) => metrics.count("none".to_owned(), method, error.as_response_error().status_code(), since),
        }
    }
    outcome
}

/// The pattern of a route, or the path of a ready page; everything else is one.
pub(super) fn route(request: &HttpRequest) -> String {
    let is_page = || request.app_data::<web::Data<Pages>>().is_some_and(|pages| pages.has(request.path()));
    request
        .match_pattern()
        .or_else(|| is_page().then(|| request.path().to_owned()))
        .unwrap_or_else(|| "none".to_owned())
}

pub(super) fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
