//! Reading a form's body: bounded, strictly UTF-8, nothing lost and nothing repaired. What a person typed reaches
//! the form exactly, or they are told that it did not.

use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, dev, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use percent_encoding::percent_decode;

use super::{Site, error};
use crate::patience::Patience;

/// Of the public form: 5,000 characters of four bytes, each byte percent-encoded, are 60,000.
pub(super) const PUBLIC: usize = 64 * 1024;
/// Of the desk: 20,000 such characters, and what a form has beside them.
pub(super) const DESK: usize = 256 * 1024;
/// What is too large is read on for a while, so that the browser hears the answer instead of a broken connection.
const DRAINED: usize = 4 * 1024 * 1024;

/// The fields of a form in the order they were sent.
#[derive(Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

/// Why a body is no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    OtherType,
    TooLarge,
    TooSlow,
    Garbled,
}

impl Fields {
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first field of this name; empty when there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Whether there is a field of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// All of them, in order.
    pub(super) fn all(&self) -> &[(String, String)] {
        &self.0
    }

    /// All fields but those of these names, in order.
    pub(super) fn without(&self, names: &[&str]) -> Vec<(String, String)> {
        self.0.iter().filter(|(key, _)| !names.contains(&key.as_str())).cloned().collect()
    }

    /// Every field of this name.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }
}

/// A form of the desk, for the handlers that work with nothing else of the request.
impl FromRequest for Fields {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let site = web::Data::<Site>::extract(&request).await?;
            let payload = web::Payload::from_request(&request, &mut payload).await?;
            read(&request, payload, DESK).await.map_err(|unreadable| refuse(unreadable.page(&site)))
        })
    }
}

/// An answer in place of what a handler asked for.
pub(super) fn refuse(answer: HttpResponse) -> Error {
    InternalError::from_response("", answer).into()
}

impl Unreadable {
    /// The page that says so.
    pub(super) fn page(self, site: &Site) -> HttpResponse {
        let (status, heading, what) = match self {
            Self::OtherType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "We could not read that",
                "What was sent is not in the form that this page sends.",
            ),
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "That is too long", "What was sent is longer than we can take.")
            }
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "That took too long",
                "The connection was too slow, and the rest did not arrive.",
            ),
            Self::Garbled => (StatusCode::BAD_REQUEST, "We could not read that", "Some characters arrived damaged."),
        };
        error::say(
            site,
            status,
            heading,
            &[what, "Nothing was sent or changed. Go back: your words should still be there.", "You can also call us."],
        )
    }
}

/// Reads `application/x-www-form-urlencoded` of at most `largest` bytes.
pub(super) async fn read(request: &HttpRequest, body: web::Payload, largest: usize) -> Result<Fields, Unreadable> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let patience = request.app_data::<Patience>().copied().unwrap_or_default();
    let bytes = tokio::time::timeout(patience.body, collect(body, largest)).await.map_err(|_| Unreadable::TooSlow)?;
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Unreadable::OtherType);
    }
    parse(&bytes?)
}

/// The pairs that a body of `application/x-www-form-urlencoded` holds; None when a byte of it would have to be guessed.
/// Handlers use [`read`]; this is the door for those who test decoding with anything (`fuzz`).
pub fn form_fields(body: &[u8]) -> Option<Vec<(String, String)>> {
    parse(body).ok().map(|fields| fields.0)
}

/// The fields of a form that was sent in the address; what is damaged there is as if it were not.
pub(super) fn query(request: &HttpRequest) -> Fields {
    parse(request.query_string().as_bytes()).unwrap_or_default()
}

async fn collect(mut body: web::Payload, largest: usize) -> Result<Vec<u8>, Unreadable> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Unreadable::Garbled)?;
        length += chunk.len();
        if length > DRAINED {
            break;
        }
        if length <= largest {
            bytes.extend_from_slice(&chunk);
        }
    }
    if length > largest { Err(Unreadable::TooLarge) } else { Ok(bytes) }
}

fn parse(bytes: &[u8]) -> Result<Fields, Unreadable> {
    let pairs = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(equals);
        Ok((decode(name)?, decode(value.strip_prefix(b"=").unwrap_or(value))?))
    });
    pairs.collect::<Result<_, _>>().map(Fields)
}

fn decode(text: &[u8]) -> Result<String, Unreadable> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8().map(|text| text.into_owned()).map_err(|_| Unreadable::Garbled)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn whatever_a_browser_encodes_arrives_as_it_was(pairs in proptest::collection::vec((".+", ".*"), 0..8)) {
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(&pairs);
            proptest::prop_assert_eq!(parse(body.finish().as_bytes()).unwrap().0, pairs);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _read = parse(&bytes);
        }
    }

    #[test]
    fn a_form_arrives_exactly_or_not_at_all() {
        let fields = parse("name=A+%2B+B&health=a&health=b&message=%0D%0A%F0%9F%99%82&empty=&lone".as_bytes()).unwrap();
        assert_eq!(fields.text("name"), "A + B");
        assert_eq!(fields.texts("health"), ["a", "b"]);
        assert_eq!(fields.text("message"), "\r\n🙂");
        assert_eq!((fields.text("empty"), fields.text("lone"), fields.text("absent")), Default::default());
        for damaged in ["name=%FF", "name=%C3", "%ED%A0%80=x"] {
            assert_eq!(parse(damaged.as_bytes()).err(), Some(Unreadable::Garbled), "{damaged}");
        }
    }
}
