//! How a server of ours listens: what `actix_web::HttpServer` does with a socket, with our wire (`wire`) between it and HTTP,
//! for which `HttpServer` has no place.

use std::future::ready;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Request};
use actix_server::GracefulShutdownSignal;
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_tls::accept::rustls_0_23::{Acceptor, TlsStream};
use actix_tls::accept::{TlsError, max_concurrent_tls_connect};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, Service, ServiceResponse};
use actix_web::rt::net::TcpStream;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};

use super::connections::Connections;
use super::headers;
use super::wire::Wire;
use crate::patience::Patience;

/// Whoever does not close their side of a finished connection is waited for so long.
const CLOSED_WITHIN: Duration = Duration::from_secs(1);
/// TLS handshakes in hand at once on each worker. With the usual 256, four thousand that never go on would keep an honest
/// visitor waiting in the queue for forty seconds; one in hand holds a few kilobytes.
const HANDSHAKES: usize = 10_000;
/// Seconds that requests in hand have when the program stops.
const FINISHED_WITHIN: u64 = 10;

/// How connections are held.
#[derive(Clone)]
pub(super) struct Manner {
    /// Without a number there is one for each core.
    pub workers: Option<usize>,
    /// How long the head of a request, and a TLS handshake, is waited for.
    pub patience: Patience,
    /// How long a connection is kept after an answer.
    pub keep_alive: KeepAlive,
    /// Whether answers promise HTTPS.
    pub promises_https: bool,
    /// Where they are counted.
    pub connections: Option<Connections>,
}

impl Manner {
    /// Of a small server beside that of the pages: one answer a connection, and no promise of HTTPS.
    pub(super) fn beside(patience: Patience) -> Self {
        Self { workers: Some(1), patience, keep_alive: KeepAlive::Disabled, promises_https: false, connections: None }
    }
}

/// Makes the server on `listener`, with HTTPS when there is a configuration for it; it runs when awaited.
///
/// # Errors
/// A socket that cannot be used.
pub(super) fn listen<F, I, S, B>(
    listener: TcpListener,
    tls: Option<ServerConfig>,
    manner: Manner,
    app: F,
) -> io::Result<Server>
where
    F: Fn() -> I + Clone + Send + 'static,
    I: IntoServiceFactory<S, Request> + 'static,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error, InitError = ()>,
    S: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    max_concurrent_tls_connect(HANDSHAKES);
    let mut server = Server::build().shutdown_timeout(FINISHED_WITHIN).disable_signals();
    if let Some(workers) = manner.workers {
        server = server.workers(workers);
    }
    let stopped = server.graceful_shutdown_signal();
    let lines: Arc<str> = headers::lines(manner.promises_https).into();
    let server = match tls {
        None => server.listen("plain", listener, move || {
            let lines = lines.clone();
            let wire = move |tcp: TcpStream| {
                let peer = tcp.peer_addr().ok();
                ready(Ok((Wire::over(tcp, lines.clone()), peer)))
            };
            fn_service(wire).and_then(http(app(), manner.clone(), stopped.clone()))
        })?,
        Some(mut tls) => {
            tls.alpn_protocols = vec![b"http/1.1".to_vec()];
            let mut acceptor = Acceptor::new(tls);
            acceptor.set_handshake_timeout(manner.patience.head);
            server.listen("encrypted", listener, move || {
                let lines = lines.clone();
                let wire = move |tls: TlsStream<TcpStream>| {
                    let peer = tls.get_ref().0.peer_addr().ok();
                    ready(Ok((Wire::over(tls, lines.clone()), peer)))
                };
                let http = http(app(), manner.clone(), stopped.clone()).map_err(TlsError::Service);
                acceptor.clone().map_err(TlsError::into_service_error).and_then(wire).and_then(http)
            })?
        }
    };
    Ok(server.run())
}

/// HTTP on a connection of any kind.
fn http<T, I, S, B>(
    app: I,
    manner: Manner,
    stopped: GracefulShutdownSignal,
) -> impl ServiceFactory<(T, Option<SocketAddr>), Config = (), Response = (), Error = DispatchError, InitError = ()>
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error, InitError = ()>,
    S: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    HttpService::build()
        .graceful_shutdown_signal(move || {
            let stopped = stopped.clone();
            async move { stopped.notified().await }
        })
        .keep_alive(manner.keep_alive)
        .client_request_timeout(manner.patience.head)
        .client_disconnect_timeout(CLOSED_WITHIN)
        .on_connect_ext(move |_: &T, connection| {
            if let Some(connections) = &manner.connections {
                connections.count(connection);
            }
        })
        // Only what makes addresses from a request's host reads this configuration, and nothing of ours does.
        .h1(map_config(app.into_factory().map_err(|fault: Error| fault.error_response()), |()| AppConfig::default()))
}
