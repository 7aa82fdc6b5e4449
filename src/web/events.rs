//! What touches safety, one log line each: every sign-in that was tried, every refused access, every attempt to go round a
//! rule. A line has a name from a closed list, and names accounts by id; it never holds what somebody typed, nor an address.
//! A flood cannot fill the disk: of each name only so many lines are written, and the others are counted.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::limits::client;
use super::metrics::{self, Metrics};
use crate::clock::Clock;
use crate::secret::SecretKey;
use crate::staff::Actor;

/// Lines of one name that may come at once; then so many a minute.
const BURST: u32 = 100;
const PER_MINUTE: u32 = 10;

macro_rules! events {
    ($($(#[doc = $doc:literal])* $event:ident = $name:literal,)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum What { $($(#[doc = $doc])* $event,)* }

        impl What {
            const ALL: &[Self] = &[$(Self::$event,)*];

            /// Its name in the log and the metrics.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$event => $name,)* }
            }
        }
    };
}

events! {
    SignedIn = "sign_in.succeeded",
    WrongPassword = "sign_in.wrong_password",
    UnknownName = "sign_in.unknown_name",
    DisabledAccount = "sign_in.disabled",
    WrongCode = "sign_in.wrong_code",
    /// The word between the two steps is missing, old or not ours.
    LateCode = "sign_in.late_code",
    SignInThrottled = "sign_in.throttled",
    SignInBusy = "sign_in.busy",
    SignInUnencrypted = "sign_in.unencrypted",
    /// A one-time link that is used up, too old, or was never given.
    DeadLink = "link.refused",
    Proved = "proof.succeeded",
    ProofRefused = "proof.refused",
    ProofThrottled = "proof.throttled",
    NoSession = "access.no_session",
    /// An account that must set up codes first.
    NoFactor = "access.no_factor",
    NotAdmin = "access.not_admin",
    CrossSite = "access.cross_site",
    NoToken = "form.no_token",
    ForeignToken = "form.foreign_token",
    OldToken = "form.old_token",
    CrossSiteForm = "form.cross_site",
    Trap = "form.trap",
    TooManyForms = "form.throttled",
    UnknownReceipt = "receipt.unknown",
    WrongMethod = "request.wrong_method",
    TooLarge = "request.too_large",
    OtherType = "request.other_type",
    TooSlow = "request.too_slow",
    Garbled = "request.garbled",
    Unencrypted = "request.unencrypted",
}

/// The name of every event, for the document that lists them.
pub fn event_names() -> impl Iterator<Item = &'static str> {
    What::ALL.iter().map(|what| what.name())
}

impl What {
    /// What an answer says by itself when nobody named it.
    fn by_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::BAD_REQUEST => Some(Self::Garbled),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::WrongMethod),
            StatusCode::REQUEST_TIMEOUT => Some(Self::TooSlow),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Self::OtherType),
            StatusCode::TOO_MANY_REQUESTS => Some(Self::ProofThrottled),
            _ => None,
        }
    }

    /// Whether somebody was asked again who they are and did not show it.
    pub(super) fn is_refused_proof(self) -> bool {
        matches!(self, Self::ProofRefused | Self::ProofThrottled)
    }
}

/// Something that happened, and where it is known, by what and to whom.
#[derive(Clone, Debug)]
struct Event {
    what: What,
    /// The factors that were given.
    by: &'static str,
    /// The account's id.
    account: Option<String>,
}

/// What happened while one request was answered.
#[derive(Clone, Default)]
pub(super) struct Notes(Rc<RefCell<Vec<Event>>>);

impl Notes {
    /// Those of a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let mut extensions = request.extensions_mut();
        if !extensions.contains::<Self>() {
            extensions.insert(Self::default());
        }
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    pub(super) fn add(&self, what: What) {
        self.0.borrow_mut().push(Event { what, by: "", account: None });
    }

    pub(super) fn add_about(&self, what: What, account: &str) {
        self.add_by(what, account, "");
    }

    /// With the factors that were given.
    pub(super) fn add_by(&self, what: What, account: &str, by: &'static str) {
        self.0.borrow_mut().push(Event { what, by, account: Some(account.to_owned()) });
    }
}

/// An answer that is an event by itself, wherever it is made.
pub(super) fn marked(mut response: HttpResponse, what: What) -> HttpResponse {
    response.extensions_mut().insert(what);
    response
}

/// Writes down what happened, once the answer is known.
pub(super) async fn write(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let outcome = next.call(request).await;
    if let Ok(response) = &outcome {
        let (request, status) = (response.request(), response.status());
        let mut happened = Notes::of(request).0.take();
        let by_itself = response.response().extensions().get::<What>().copied();
        let by_itself = by_itself.or_else(|| What::by_status(status).filter(|_| happened.is_empty()));
        happened.extend(by_itself.map(|what| Event { what, by: "", account: None }));
        for event in happened {
            record(request, status, event);
        }
    }
    outcome
}

fn record(request: &HttpRequest, status: StatusCode, event: Event) {
    let (Some(lines), Some(clock)) = (request.app_data::<web::Data<Lines>>(), request.app_data::<web::Data<Clock>>())
    else {
        return;
    };
    let now = clock.now();
    let name = event.what.name();
    if let Some(metrics) = request.app_data::<web::Data<Metrics>>() {
        metrics.happened(event.what);
    }
    let Some(left_out) = lines.may_write(event.what, now) else { return };
    let none = Vec::new();
    let trusted = request.app_data::<web::Data<Vec<IpNet>>>().map_or(&none, |trusted| trusted.as_ref());
    let client = lines.mark(client(request, trusted), now);
    let actor = || request.extensions().get::<Actor>().map(|actor| actor.id().to_owned());
    let account = event.account.or_else(actor).unwrap_or_default();
    let (route, method) = (metrics::route(request), metrics::method(request.method()));
    let (by, status) = (event.by, status.as_u16());
    match event.what {
        What::SignedIn | What::Proved => {
            tracing::info!(event = name, by, account, client, route, method, status, left_out);
        }
        _ => tracing::warn!(event = name, by, account, client, route, method, status, left_out),
    }
}

/// How many lines may be written, and how a client is called in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    buckets: Vec<Bucket>,
    /// Of one day, and of this process: tomorrow nobody can tell who a mark was.
    key: Option<(Date, SecretKey)>,
}

#[derive(Clone, Debug)]
struct Bucket {
    tokens: u32,
    since: Timestamp,
    left_out: u64,
}

impl Lines {
    /// Whether a line may be written, and then how many of its name were left out before it.
    fn may_write(&self, what: What, now: Timestamp) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.buckets.is_empty() {
            state.buckets = vec![Bucket { tokens: BURST, since: now, left_out: 0 }; What::ALL.len()];
        }
        let bucket = state.buckets.get_mut(what as usize)?;
        // Either way, so that a clock that was set back silences nothing.
        let minutes = u32::try_from(now.duration_since(bucket.since).abs().as_mins()).unwrap_or(u32::MAX);
        if minutes > 0 {
            bucket.tokens = bucket.tokens.saturating_add(minutes.saturating_mul(PER_MINUTE)).min(BURST);
            bucket.since = now;
        }
        match bucket.tokens.checked_sub(1) {
            Some(tokens) => {
                bucket.tokens = tokens;
                Some(std::mem::take(&mut bucket.left_out))
            }
            None => {
                bucket.left_out += 1;
                None
            }
        }
    }

    /// A name for a client that tells it from others today, and tells nothing about it: its address is kept nowhere.
    fn mark(&self, client: IpAddr, now: Timestamp) -> String {
        let today = now.to_zoned(TimeZone::UTC).date();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.key.as_ref().is_none_or(|(day, _)| *day != today) {
            state.key = SecretKey::passing().ok().map(|key| (today, key));
        }
        let Some((_, key)) = &state.key else { return String::new() };
        key.mac("client", &[client.to_string().as_bytes()])[..4].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_milliseconds;

    #[test]
    fn a_flood_writes_ten_lines_a_minute_of_each_name_and_counts_the_others() {
        let (lines, minute) = (Lines::default(), |minutes: i64| from_milliseconds(minutes * 60_000));
        let written = |what, at, times| (0..times).filter_map(|_| lines.may_write(what, at)).collect::<Vec<_>>();
        assert_eq!(written(What::NoSession, minute(0), 1_000).len(), 100);
        assert_eq!(written(What::Trap, minute(0), 1), [0], "another name is not held up");
        assert_eq!(written(What::NoSession, minute(1), 1_000), [900, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(written(What::NoSession, minute(600), 1_000).len(), 100, "never more at once");
        assert_eq!(written(What::NoSession, minute(0), 1), [900], "a clock that was set back silences nothing");
    }

    #[test]
    fn a_client_has_one_mark_a_day_which_is_not_its_address() {
        let (lines, at) = (Lines::default(), |hours: i64| from_milliseconds(hours * 3_600_000));
        let mark = |ip: &str, hours| lines.mark(ip.parse().unwrap(), at(hours));
        let today = mark("192.0.2.1", 1);
        assert_eq!((today.len(), mark("192.0.2.1", 23)), (8, today.clone()));
        assert_ne!(mark("192.0.2.2", 1), today);
        assert_ne!(mark("192.0.2.1", 24), today, "tomorrow it has another");
        assert_ne!(mark("192.0.2.1", 1), today, "and yesterday's is forgotten");
        assert_ne!(Lines::default().mark("192.0.2.1".parse().unwrap(), at(1)), today);
    }
}
