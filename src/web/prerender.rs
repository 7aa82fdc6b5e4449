//! Public pages and files: rendered and compressed once, before the first request is answered, then served from memory.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::encoding::{Effort, Encoding};

/// Pages may be a few minutes old; after that the ETag tells.
const PAGES: &str = "public, max-age=300";
/// Files whose name changes with their content.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// A body in every encoding we offer.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    kind: &'static str,
    cache: &'static str,
    /// The policy of a page that carries its style inside.
    policy: Option<HeaderValue>,
    etag: String,
    plain: Bytes,
    /// Gzip and brotli; None for what is packed already.
    packed: Option<(Bytes, Bytes)>,
}

impl Ready {
    /// A page, with the Content-Security-Policy that allows just the style it carries inside.
    pub(super) fn page(body: String, policy: Option<HeaderValue>) -> std::io::Result<Self> {
        let page = Self::file("text/html; charset=utf-8", body)?;
        Ok(Self { policy, ..page })
    }

    /// A file under a lasting address.
    pub(super) fn file(kind: &'static str, body: impl Into<Bytes>) -> std::io::Result<Self> {
        Self::new(kind, PAGES, body.into())
    }

    /// A file whose address holds its hash.
    pub(super) fn hashed(kind: &'static str, body: impl Into<Bytes>) -> std::io::Result<Self> {
        Self::new(kind, FOREVER, body.into())
    }

    fn new(kind: &'static str, cache: &'static str, body: Bytes) -> std::io::Result<Self> {
        let pack = |encoding: Encoding| encoding.apply(&body, Effort::Most);
        let packed = match kind {
            "image/png" => None,
            _ => Some((pack(Encoding::Gzip)?, pack(Encoding::Brotli)?)),
        };
        let etag = URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..12]);
        Ok(Self { kind, cache, policy: None, etag, plain: body, packed })
    }

    /// The answer to a GET or HEAD: 304 when the browser has it, else the best encoding it takes.
    pub(super) fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let encoding = self.packed.as_ref().and_then(|_| Encoding::choose(request.headers()));
        let (mark, body) = match (encoding, &self.packed) {
            (Some(Encoding::Brotli), Some((_, brotli))) => ("-b", brotli),
            (Some(Encoding::Gzip), Some((gzip, _))) => ("-g", gzip),
            _ => ("", &self.plain),
        };
        // Each encoding is another representation, so each has its own strong ETag (RFC 9110, 8.8.3.3).
        let etag = format!("\"{}{mark}\"", self.etag);
        let known = request
            .headers()
            .get_all(header::IF_NONE_MATCH)
            .any(|value| value.to_str().is_ok_and(|list| matches(list, &etag)));
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((header::ETAG, etag))
            .insert_header((header::CACHE_CONTROL, self.cache))
            .insert_header((header::VARY, "Accept-Encoding"));
        // A browser takes over the headers of a 304 too, so the policy goes with both.
        if let Some(policy) = &self.policy {
            response.insert_header((header::CONTENT_SECURITY_POLICY, policy.clone()));
        }
        if known {
            return response.finish();
        }
        if let Some(encoding) = encoding {
            response.insert_header((header::CONTENT_ENCODING, encoding.name()));
        }
        response.content_type(self.kind).body(body.clone())
    }
}

fn matches(list: &str, etag: &str) -> bool {
    list.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == etag)
}
