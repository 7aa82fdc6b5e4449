//! Public pages and files: rendered and compressed once, before the first request is answered, then served from memory.

use std::io::Write;

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Pages may be a few minutes old; after that the ETag tells.
const PAGES: &str = "public, max-age=300";
/// Files whose name changes with their content.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// A body in every encoding we offer.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    kind: &'static str,
    cache: &'static str,
    etag: String,
    plain: Bytes,
    gzip: Bytes,
    brotli: Bytes,
}

impl Ready {
    /// A page or file under a lasting address.
    pub(super) fn page(kind: &'static str, body: impl Into<Bytes>) -> std::io::Result<Self> {
        Self::new(kind, PAGES, body.into())
    }

    /// A file whose address holds its hash.
    pub(super) fn hashed(kind: &'static str, body: impl Into<Bytes>) -> std::io::Result<Self> {
        Self::new(kind, FOREVER, body.into())
    }

    fn new(kind: &'static str, cache: &'static str, body: Bytes) -> std::io::Result<Self> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&body)?;
        let mut brotli = Vec::new();
        let params = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
        brotli::BrotliCompress(&mut &body[..], &mut brotli, &params)?;
        Ok(Self {
            kind,
            cache,
            etag: URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..12]),
            gzip: gzip.finish()?.into(),
            brotli: brotli.into(),
            plain: body,
        })
    }

    /// The answer to a GET or HEAD: 304 when the browser has it, else the best encoding it takes.
    pub(super) fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let (encoding, body) = self.choose(request.headers());
        // Each encoding is another representation, so each has its own strong ETag (RFC 9110, 8.8.3.3).
        let etag = format!("\"{}{}\"", self.etag, encoding.map_or("", |name| if name == "br" { "-b" } else { "-g" }));
        let known = request
            .headers()
            .get_all(header::IF_NONE_MATCH)
            .any(|value| value.to_str().is_ok_and(|list| matches(list, &etag)));
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((header::ETAG, etag))
            .insert_header((header::CACHE_CONTROL, self.cache))
            .insert_header((header::VARY, "Accept-Encoding"));
        if known {
            return response.finish();
        }
        if let Some(encoding) = encoding {
            response.insert_header((header::CONTENT_ENCODING, encoding));
        }
        response.content_type(self.kind).body(body.clone())
    }

    /// The encoding with the higher weight; brotli when both weigh alike.
    fn choose(&self, headers: &HeaderMap) -> (Option<&'static str>, &Bytes) {
        let accepted: Vec<&str> =
            headers.get_all(header::ACCEPT_ENCODING).filter_map(|value| value.to_str().ok()).collect();
        let (brotli, gzip) = (weight_of(&accepted, "br"), weight_of(&accepted, "gzip"));
        match (brotli, gzip) {
            (brotli, gzip) if brotli > 0.0 && brotli >= gzip => (Some("br"), &self.brotli),
            (_, gzip) if gzip > 0.0 => (Some("gzip"), &self.gzip),
            _ => (None, &self.plain),
        }
    }
}

fn matches(list: &str, etag: &str) -> bool {
    list.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == etag)
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
