//! How it is shown: the only place that names actix. Public pages come ready from memory; the form, the receipt
//! and the desk are made for each request and never cached.

mod account;
mod accounts;
mod audit;
mod audit_words;
mod bench;
mod body;
mod call_draft;
pub mod certificate;
mod chart;
mod connections;
mod contact;
mod desk_error;
mod door;
mod encoding;
mod error;
mod events;
mod expiry;
mod field_words;
mod gaps;
mod guard;
mod headers;
mod health;
mod help;
mod inbox;
mod inquiry;
mod insights;
mod kept;
mod limits;
mod listen;
mod metrics;
mod origin;
mod outbox;
mod picture;
mod prerender;
mod qr;
mod readers;
mod reading;
mod receipt;
mod reception;
mod redirect;
mod refused;
mod routes;
mod second_factor;
mod second_step;
mod sign_in;
mod step_up;
mod stored_call;
mod structured;
mod styles;
mod suitability;
mod taken;
mod told;
mod tries;
mod watching;
mod way;
mod welcome;
mod wire;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

pub use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, middleware, web};
use askama::Template;
use ipnet::IpNet;
use tokio::sync::Notify;

pub use self::body::form_fields;
use self::certificate::Certificate;
pub use self::events::event_names;
use self::listen::{Manner, listen};
pub use self::metrics::Metrics;
pub use self::redirect::redirect;
use self::styles::{Dress, Styles};
pub use self::watching::{Watched, watch};
use self::way::Keeping;
use crate::clock::Clock;
use crate::config::ClinicView;
use crate::content::Content;
use crate::desk::{Copies, HeadFile, Policy};
use crate::patience::Patience;
use crate::secret::SecretKey;
use crate::staff::Hasher;
use crate::store::Store;

/// A visitor reads a page before the next click.
const KEPT: Duration = Duration::from_secs(30);

/// What every page shows, made once at start.
#[derive(Clone, Debug)]
pub struct Site {
    /// The clinic's card.
    pub clinic: ClinicView,
    /// How people reach us, without a trailing slash.
    pub public_url: String,
    /// How it looks.
    pub styles: Styles,
    /// The techniques, for navigation.
    pub techniques: Vec<Link>,
    /// Where the picture for links to us lies.
    pub picture: String,
}

/// A title and where it leads.
#[derive(Clone, Debug)]
pub struct Link {
    /// What it says.
    pub title: String,
    /// Where it leads.
    pub href: String,
}

/// What the head of a page says.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub title: String,
    pub description: String,
    pub path: String,
    /// Whether search engines may list it.
    pub index: bool,
    /// How it gets its style. Inside it costs one round trip less; only a page that travels compressed gains by it.
    pub dress: Dress,
    /// What it tells search engines about itself: the text of a JSON-LD script.
    pub data: Option<String>,
    /// The form of a page of the desk in which something may be typed. What leads elsewhere is then a button of that form, for a
    /// link would lose it.
    pub keeping: Option<Keeping>,
}

impl Head {
    fn new(title: &str, description: &str, path: &str) -> Self {
        let (title, description, path) = (title.to_owned(), description.to_owned(), path.to_owned());
        Self { title, description, path, index: true, dress: Dress::Linked, data: None, keeping: None }
    }

    /// With the style inside.
    fn dressed(self, dress: Dress) -> Self {
        Self { dress, ..self }
    }

    /// With what it tells search engines about itself.
    fn telling(self, data: impl FnOnce(&Self) -> serde_json::Value) -> Self {
        Self { data: Some(structured::script_text(&data(&self))), ..self }
    }

    fn hidden(title: &str, path: &str) -> Self {
        Self { index: false, ..Self::new(title, "", path) }
    }

    /// With a form whose words are kept on the way to another page.
    fn keeping(self, form: &'static str, action: String) -> Self {
        Self { keeping: Some(Keeping { form, action }), ..self }
    }

    /// Whether this is the page at that path, for `aria-current`.
    pub fn is(&self, path: &str) -> bool {
        self.path == path
    }
}

/// What the handlers work with.
#[derive(Clone)]
pub struct Parts {
    /// What pages show.
    pub site: Site,
    /// The words.
    pub content: Content,
    /// What is kept.
    pub store: Store,
    /// Tokens and receipt keys.
    pub key: SecretKey,
    /// How inquiries are received.
    pub policy: Policy,
    /// Now.
    pub clock: Clock,
    /// Where the audit log stood when somebody last looked.
    pub heads: HeadFile,
    /// Where copies of the database were made.
    pub copies: Copies,
    /// Wakes the courier.
    pub bell: Arc<Notify>,
    /// Networks whose word about a client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// How long we wait for requests, and for the database.
    pub patience: Patience,
    /// Inquiries an hour and address.
    pub per_address_per_hour: u32,
    /// Whether an account without codes can do nothing but set them up.
    pub require_second_factor: bool,
    /// Counts what happens.
    pub metrics: Metrics,
}

impl Site {
    /// The site's frame: the clinic, its address, its navigation.
    pub fn new(clinic: ClinicView, public_url: &str, content: &Content) -> Self {
        let techniques = content
            .techniques()
            .iter()
            .map(|t| Link { title: t.name().to_owned(), href: routes::technique(t.slug().as_str()) });
        let (public_url, techniques, picture) = (public_url.to_owned(), techniques.collect(), picture::path());
        Self { clinic, public_url, styles: Styles::new(), techniques, picture }
    }

    /// The whole address of a path.
    pub fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Passwords and sessions travel encrypted, or do not leave this machine.
    fn may_sign_in(&self) -> bool {
        let host = url::Url::parse(&self.public_url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default();
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        self.is_https() || host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
    }

    /// A `tel:` link for a short number.
    pub fn tel(&self, number: &str) -> String {
        let dialled: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        format!("tel:{dialled}")
    }
}

/// The path of a one-time link, for the shell to print.
pub fn welcome_path(secret: &str) -> String {
    routes::welcome(secret)
}

/// Renders every public page and makes the server on `listener`, with HTTPS when there is a certificate; it runs when awaited.
///
/// # Errors
/// A page that cannot be rendered, or a socket that cannot be used.
pub fn serve(parts: Parts, listener: TcpListener, certificate: Option<&Certificate>) -> anyhow::Result<Server> {
    let pages = web::Data::new(reading::Pages::render(&parts.site, &parts.content, parts.clock.now())?);
    let limits = web::Data::new(contact::Accepted::new(parts.per_address_per_hour));
    let tries = web::Data::new(tries::Tries::default());
    let hasher = web::Data::new(Hasher::default());
    let pulse = web::Data::new(health::Pulse::default());
    let lines = web::Data::new(events::Lines::default());
    let refused = web::Data::new(refused::Refused::new()?);
    let connections = connections::Connections::new();
    let manner = Manner {
        workers: None,
        patience: parts.patience,
        keep_alive: KEPT.into(),
        promises_https: parts.site.is_https(),
        connections: Some(connections.clone()),
    };
    let connections = web::Data::new(connections);
    let tls = certificate.map(Certificate::server_config).transpose()?;
    let app = move || {
        App::new()
            .app_data(connections.clone())
            .app_data(pages.clone())
            .app_data(limits.clone())
            .app_data(tries.clone())
            .app_data(hasher.clone())
            .app_data(pulse.clone())
            .app_data(lines.clone())
            .app_data(refused.clone())
            .app_data(web::Data::new(parts.site.clone()))
            .app_data(web::Data::new(parts.content.clone()))
            .app_data(web::Data::new(parts.store.clone()))
            .app_data(web::Data::new(parts.key.clone()))
            .app_data(web::Data::new(parts.policy.clone()))
            .app_data(web::Data::new(parts.clock.clone()))
            .app_data(parts.patience)
            .app_data(web::Data::new(parts.heads.clone()))
            .app_data(web::Data::new(parts.copies.clone()))
            .app_data(web::Data::new(parts.trusted_proxies.clone()))
            .app_data(web::Data::from(parts.bell.clone()))
            .app_data(web::Data::new(guard::Demands { second_factor: parts.require_second_factor }))
            .app_data(web::Data::new(parts.metrics.clone()))
            .wrap(middleware::from_fn(routes::without_slash))
            .wrap(middleware::from_fn(headers::add))
            .wrap(middleware::from_fn(events::write))
            .wrap(middleware::from_fn(connections::close_when_many))
            .wrap(middleware::from_fn(metrics::count))
            .configure(routes::all)
    };
    Ok(listen(listener, tls, manner, app)?)
}

/// A page with its status; a template that fails is a fault of ours.
fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(body) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(body),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            HttpResponse::InternalServerError()
                .content_type("text/plain; charset=utf-8")
                .body("Something went wrong on our side.")
        }
    }
}

/// Sends the browser on with a GET.
fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("location", path.to_owned())).finish()
}
