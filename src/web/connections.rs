//! How many connections are open. The web server's time limit for a request's head counts for the first request of a
//! connection only; one that was answered and then dawdles could stay for ever. So connections are kept alive while
//! there are few of them: beyond that each answer closes its connection, and dawdlers can hold only those few.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::{Error, web};

/// Without a limit of the system, this many are few.
const MOST_KEPT: usize = 1_000;

/// The open connections of all workers.
#[derive(Clone)]
pub(super) struct Connections {
    open: Arc<AtomicUsize>,
    kept: usize,
}

/// Counts one connection for as long as it lives.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connections {
    /// A quarter of the file descriptors that the process may have is few.
    pub(super) fn new() -> Self {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let descriptors = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        Self { open: Arc::default(), kept: MOST_KEPT.min(descriptors / 4) }
    }

    /// Counts a new connection for as long as its extensions live.
    pub(super) fn count(&self, connection: &mut Extensions) {
        self.open.fetch_add(1, Ordering::Relaxed);
        connection.insert(Open(self.open.clone()));
    }
}

/// Closes the connection after the answer when there are many.
pub(super) async fn close_when_many(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let connections = request.app_data::<web::Data<Connections>>();
    let many = connections.is_some_and(|connections| connections.open.load(Ordering::Relaxed) > connections.kept);
    let mut response = next.call(request).await?;
    if many {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
