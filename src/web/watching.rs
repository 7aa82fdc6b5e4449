//! `/metrics` on a listener of its own, in the text form that Prometheus reads. What lies in the database is counted when
//! somebody asks; when it cannot be read, its numbers are left out and `backwise_database_up` is 0, so that no old number
//! passes for a new one.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

use actix_web::dev::Server;
use actix_web::http::Method;
use actix_web::{App, HttpRequest, HttpResponse, middleware, web};
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::certificate::Certificate;
use super::headers;
use super::listen::{Manner, listen};
use super::metrics::Metrics;
use crate::clock::Clock;
use crate::patience::Patience;
use crate::store::{Figures, Store};

const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is watched.
#[derive(Clone)]
pub struct Watched {
    /// What is kept.
    pub store: Store,
    /// Now.
    pub clock: Clock,
    /// How long we wait; a database that answers later counts as down.
    pub patience: Patience,
    /// The folder whose disk must not fill up.
    pub data_dir: PathBuf,
    /// The certificate that we show.
    pub certificate: Option<Certificate>,
    /// What happened since the start.
    pub metrics: Metrics,
}

/// Makes the server on `listener`; it runs when awaited.
///
/// # Errors
/// A socket that cannot be used.
pub fn watch(watched: Watched, listener: TcpListener) -> std::io::Result<Server> {
    let (patience, watched) = (watched.patience, web::Data::new(watched));
    let app = move || {
        App::new()
            .app_data(watched.clone())
            .wrap(middleware::from_fn(headers::add))
            .route("/metrics", web::get().to(metrics))
            .default_service(web::to(nothing))
    };
    listen(listener, None, Manner::beside(patience), app)
}

async fn nothing(request: HttpRequest) -> HttpResponse {
    match request.method() {
        &Method::GET | &Method::HEAD => HttpResponse::NotFound().body("only /metrics is here\n"),
        _ => HttpResponse::MethodNotAllowed().insert_header(("allow", "GET")).finish(),
    }
}

async fn metrics(watched: web::Data<Watched>) -> HttpResponse {
    let figures = tokio::time::timeout(watched.patience.counting, watched.store.figures(watched.clock.now())).await;
    let figures = figures.ok().and_then(Result::ok);
    // A disk that hangs must not hold up the listener.
    let told =
        tokio::time::timeout(watched.patience.counting, web::block(move || text(&watched, figures.as_ref()))).await;
    match told {
        Ok(Ok(Ok(text))) => HttpResponse::Ok().content_type(KIND).body(text),
        _ => HttpResponse::ServiceUnavailable().body("the numbers could not be gathered\n"),
    }
}

fn text(watched: &Watched, figures: Option<&Figures>) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("backwise");
    registry.register("build", "What runs here", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    watched.metrics.register(&mut registry);
    let mut gauges = Gauges(&mut registry);
    gauges.add("database_up", "Whether the database could be read", i64::from(figures.is_some()));
    if let Some(figures) = figures {
        gauges.figures(figures, watched.clock.now());
    }
    gauges.machine(watched);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct By {
    state: &'static str,
}

/// Puts numbers of this moment into a registry.
struct Gauges<'r>(&'r mut Registry);

impl Gauges<'_> {
    fn add(&mut self, name: &str, help: &str, value: i64) {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        self.0.register(name, help, gauge);
    }

    fn add_by_state<const N: usize>(&mut self, name: &str, help: &str, values: [(&'static str, i64); N]) {
        let family = Family::<By, Gauge>::default();
        for (state, value) in values {
            family.get_or_create(&By { state }).set(value);
        }
        self.0.register(name, help, family);
    }

    fn add_with_unit(&mut self, name: &str, help: &str, unit: Unit, value: u64) {
        let gauge = Gauge::<u64, AtomicU64>::default();
        gauge.set(value);
        self.0.register_with_unit(name, help, unit, gauge);
    }

    fn figures(&mut self, figures: &Figures, now: jiff::Timestamp) {
        let kept = figures.inquiries;
        let inquiries = [
            ("new", kept.new),
            ("open", kept.open),
            ("answered", kept.answered),
            ("closed", kept.closed),
            ("spam", kept.spam),
        ];
        self.add_by_state("inquiries", "Inquiries kept, by status", inquiries);
        self.add("inquiries_unopened", "Inquiries that nobody has opened, suspected spam left out", kept.unopened);
        self.add("inquiries_overdue", "Inquiries not answered by the promised time", figures.overdue);
        let outbox = &figures.outbox;
        let mails = [("queued", outbox.queued), ("sent", outbox.sent), ("failed", outbox.failed)];
        self.add_by_state("mails", "Mails in the outbox; failed ones need a person", mails);
        self.add("mails_delayed", "Queued mails with a failed attempt behind them", outbox.delayed);
        let age = figures.oldest_queued.map_or(0, |since| now.duration_since(since).as_secs().max(0));
        let help = "How long the oldest queued mail has waited";
        self.add_with_unit("mails_oldest_queued", help, Unit::Seconds, age.unsigned_abs());
    }

    fn machine(&mut self, watched: &Watched) {
        if let Ok(disk) = rustix::fs::statvfs(&watched.data_dir) {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            self.add_with_unit("data_dir_free", "Disk space left for the data folder", Unit::Bytes, free);
        }
        if let Some(bytes) = resident_memory() {
            self.add_with_unit("resident_memory", "Memory of the process", Unit::Bytes, bytes);
        }
        if let Some(certificate) = &watched.certificate {
            let until = certificate.expires_at().as_second();
            self.add(
                "tls_certificate_expires_timestamp_seconds",
                "Until when the certificate is good, seconds since 1970",
                until,
            );
        }
    }
}

fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
