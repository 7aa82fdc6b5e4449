//! Plain HTTP beside HTTPS: pages are sent on, so that an old link or a typed address works; what somebody typed into a form
//! is refused, because it has already travelled in the clear and a redirect would teach the browser to do it again.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::http::header::LOCATION;
use actix_web::http::{Method, StatusCode};
use actix_web::{App, HttpRequest, HttpResponse, middleware, web};

use super::listen::{Manner, listen};
use super::{Parts, Site, error, events, headers};

/// Where plain HTTP is sent to.
struct Destination(String);

/// Makes the server on `listener`; it runs when awaited.
///
/// # Errors
/// A socket that cannot be used.
pub fn redirect(parts: &Parts, listener: TcpListener) -> std::io::Result<Server> {
    let site = &parts.site;
    let destination = web::Data::new(Destination(site.public_url.clone()));
    // Here we are known by the plain address: no promise of HTTPS is made over plain HTTP (RFC 6797, 7.2).
    let plain = site.public_url.replacen("https://", "http://", 1);
    let site = web::Data::new(Site { public_url: plain, ..site.clone() });
    let (clock, lines) = (web::Data::new(parts.clock.clone()), web::Data::new(events::Lines::default()));
    let metrics = web::Data::new(parts.metrics.clone());
    let app = move || {
        App::new()
            .app_data(destination.clone())
            .app_data(site.clone())
            .app_data(clock.clone())
            .app_data(lines.clone())
            .app_data(metrics.clone())
            .wrap(middleware::from_fn(headers::add))
            .wrap(middleware::from_fn(events::write))
            .default_service(web::to(send_on))
    };
    listen(listener, None, Manner::beside(parts.patience), app)
}

async fn send_on(request: HttpRequest, destination: web::Data<Destination>, site: web::Data<Site>) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return error::unencrypted(&site, &destination.0);
    }
    // `GET *` is HTTP too, and would turn into another host's name.
    let path = request.uri().path_and_query().map(|path| path.as_str()).filter(|path| path.starts_with('/'));
    let path = path.unwrap_or("/");
    HttpResponse::build(StatusCode::PERMANENT_REDIRECT)
        .insert_header((LOCATION, format!("{}{path}", destination.0)))
        .finish()
}
