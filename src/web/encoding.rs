//! Content encodings: which one a browser takes, and how a body gets there.

use std::io::Write;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

/// How a body travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

/// How long may be spent on making a body small.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effort {
    /// Once, before the port opens.
    Most,
    /// For one answer.
    Little,
}

impl Encoding {
    /// The accepted encoding with the higher weight; brotli when both weigh alike, None when neither is taken.
    pub(super) fn choose(headers: &HeaderMap) -> Option<Self> {
        let accepted: Vec<&str> =
            headers.get_all(header::ACCEPT_ENCODING).filter_map(|value| value.to_str().ok()).collect();
        let (brotli, gzip) = (weight_of(&accepted, "br"), weight_of(&accepted, "gzip"));
        match (brotli, gzip) {
            (brotli, gzip) if brotli > 0.0 && brotli >= gzip => Some(Self::Brotli),
            (_, gzip) if gzip > 0.0 => Some(Self::Gzip),
            _ => None,
        }
    }

    /// Its name in headers (RFC 9110, 8.4.1; RFC 7932).
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The body in this encoding.
    pub(super) fn apply(self, body: &[u8], effort: Effort) -> std::io::Result<Bytes> {
        match self {
            Self::Gzip => {
                let level = if matches!(effort, Effort::Most) { 9 } else { 6 };
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
                gzip.write_all(body)?;
                Ok(gzip.finish()?.into())
            }
            Self::Brotli => {
                let quality = match effort {
                    // A debug build starts a hundred servers in its tests, and 11 costs each of them a second and a half.
                    Effort::Most if cfg!(debug_assertions) => 9,
                    Effort::Most => 11,
                    Effort::Little => 5,
                };
                let mut brotli = Vec::new();
                let params = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
                brotli::BrotliCompress(&mut &body[..], &mut brotli, &params)?;
                Ok(brotli.into())
            }
        }
    }
}

/// A ready page of one answer, in the encoding that the browser takes; as it is when it cannot be compressed.
pub(super) fn compress(request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let Some(encoding) = Encoding::choose(request.headers()) else { return response };
    let (mut response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => return response.set_body(body),
    };
    match encoding.apply(&body, Effort::Little) {
        Ok(small) => {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
            response.set_body(BoxBody::new(small))
        }
        Err(_) => response.set_body(BoxBody::new(body)),
    }
}

/// How much an encoding is wished for, by its name or by `*`; 0 when it is not (RFC 9110, 12.5.3).
fn weight_of(lists: &[&str], encoding: &str) -> f32 {
    let weight = |wanted: &str| {
        lists.iter().flat_map(|list| list.split(',')).find_map(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let weight =
                parameters.trim().strip_prefix("q=").map_or(1.0, |number| number.trim().parse().unwrap_or(0.0));
            name.trim().eq_ignore_ascii_case(wanted).then_some(weight)
        })
    };
    weight(encoding).or_else(|| weight("*")).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_used_only_when_it_is_accepted() {
        assert_eq!(weight_of(&["gzip, deflate, br"], "br"), 1.0);
        assert_eq!(weight_of(&["gzip;q=0.5"], "gzip"), 0.5);
        assert_eq!(weight_of(&["*"], "br"), 1.0);
        assert_eq!(weight_of(&["br;q=0, gzip"], "br"), 0.0);
        assert_eq!(weight_of(&["identity"], "gzip"), 0.0);
        assert_eq!(weight_of(&[], "gzip"), 0.0);
    }
}
