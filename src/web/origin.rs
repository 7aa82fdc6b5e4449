//! Whether a state-changing request comes from this site. No token is needed: browsers say where a request comes from,
//! and the answer is compared with our configured address, never with the Host header.

use actix_web::http::header::{HeaderMap, ORIGIN};

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// This site, or a person's own doing (a bookmark, a reload).
    Ours,
    /// Another site, or something that hides or garbles where it comes from.
    Foreign,
    /// It does not say: an old browser, or a program.
    Unsaid,
}

/// Reads `Sec-Fetch-Site`, and `Origin` where a browser does not send it.
pub(super) fn of(headers: &HeaderMap, public_url: &str) -> Origin {
    let mut sites = headers.get_all("sec-fetch-site");
    match (sites.next().map(|value| value.as_bytes()), sites.next()) {
        (Some(b"same-origin" | b"none"), None) => return Origin::Ours,
        (Some(_), _) => return Origin::Foreign,
        (None, _) => {}
    }
    let mut origins = headers.get_all(ORIGIN);
    match (origins.next(), origins.next()) {
        (None, _) => Origin::Unsaid,
        (Some(origin), None) if origin.as_bytes() == public_url.as_bytes() => Origin::Ours,
        _ => Origin::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn origin(pairs: &[(&'static str, &'static str)]) -> Origin {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        of(&headers, "https://clinic.example")
    }

    #[test]
    fn every_row_of_the_same_site_table_holds() {
        assert_eq!(origin(&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")]), Origin::Ours);
        assert_eq!(origin(&[("sec-fetch-site", "none")]), Origin::Ours);
        for site in ["same-site", "cross-site", "", "Same-Origin", "same-origin,none"] {
            assert_eq!(
                origin(&[("sec-fetch-site", site), ("origin", "https://clinic.example")]),
                Origin::Foreign,
                "{site}"
            );
        }
        assert_eq!(origin(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")]), Origin::Foreign);
        assert_eq!(origin(&[("origin", "https://clinic.example")]), Origin::Ours);
        for other in
            ["null", "", "https://clinic.example.evil.example", "http://clinic.example", "https://clinic.example/"]
        {
            assert_eq!(origin(&[("origin", other)]), Origin::Foreign, "{other}");
        }
        assert_eq!(
            origin(&[("origin", "https://clinic.example"), ("origin", "https://clinic.example")]),
            Origin::Foreign
        );
        assert_eq!(origin(&[]), Origin::Unsaid);
    }
}
