//! Bounds on what one address may do: inquiries an hour, failed sign-ins. Memory is bounded; addresses are never kept elsewhere.

use std::collections::VecDeque;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use lru::LruCache;

/// Addresses remembered at most; the one unused for longest is forgotten first.
const REMEMBERED: NonZeroUsize = match NonZeroUsize::new(50_000) {
    Some(number) => number,
    None => NonZeroUsize::MIN,
};

/// At most so many different things a key within a sliding window. `governor` would do for a steady rate, but it
/// cannot let the same submission pass again without counting it, and a double click must not cost a place.
pub(super) struct Window<K: Hash + Eq> {
    most: usize,
    length: SignedDuration,
    seen: Mutex<LruCache<K, VecDeque<(Timestamp, u64)>>>,
}

impl<K: Hash + Eq> Window<K> {
    pub(super) fn new(most: usize, length: SignedDuration) -> Self {
        Self { most, length, seen: Mutex::new(LruCache::new(REMEMBERED)) }
    }

    /// Takes a place for `what`, or says how long until one is free. The same thing again takes no further place.
    pub(super) fn take(&self, key: K, what: u64, now: Timestamp) -> Result<(), SignedDuration> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let places = seen.get_or_insert_mut(key, VecDeque::new);
        // A clock that was ahead must not hold people up for as long as it was ahead.
        places.retain(|(at, _)| now.duration_since(*at).abs() < self.length);
        if places.iter().any(|(_, known)| *known == what) {
            return Ok(());
        }
        if places.len() >= self.most {
            let oldest = places.front().map_or(now, |(at, _)| *at);
            return Err(self.length - now.duration_since(oldest));
        }
        places.push_back((now, what));
        Ok(())
    }

    /// How many places of a key are taken now.
    pub(super) fn count(&self, key: &K, now: Timestamp) -> usize {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.peek(key)
            .map_or(0, |places| places.iter().filter(|(at, _)| now.duration_since(*at).abs() < self.length).count())
    }

    /// Forgets a key: a right password clears the wrong ones before it.
    pub(super) fn forget(&self, key: &K) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).pop(key);
    }
}

/// Who is asking: the socket's peer, or, behind proxies we trust, the last address in `X-Forwarded-For` (without it, in
/// `Forwarded`, RFC 7239) that is not one of them. IPv6 clients count by their /64, since one household has that many
/// addresses.
pub(super) fn client(request: &HttpRequest, trusted: &[IpNet]) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.ip().to_canonical());
    network_of(walk(peer, request.headers(), trusted))
}

fn walk(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut client = peer;
    for told in forwarded(headers).iter().rev() {
        if !is_trusted(&client) {
            break;
        }
        // What cannot be read was not written by a proxy of ours: the one before it is the last we know.
        let Some(ip) = told else { break };
        client = *ip;
    }
    client
}

/// The addresses that proxies say they had before them, the nearest proxy's word last.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let all = |name: &str| -> Vec<String> {
        let texts = headers.get_all(name).filter_map(|value| value.to_str().ok());
        texts.flat_map(|text| text.split(',')).map(|text| text.trim().to_owned()).collect()
    };
    let plain = all("x-forwarded-for");
    if !plain.is_empty() {
        return plain.iter().map(|text| address(text)).collect();
    }
    let is_for = |pair: &&str| pair.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("for="));
    let node = |element: &String| {
        element.split(';').map(str::trim).find(is_for).and_then(|pair| address(pair[4..].trim_matches('"')))
    };
    all("forwarded").iter().map(node).collect()
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port).map(|ip: IpAddr| ip.to_canonical())
}

fn network_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_milliseconds;

    #[test]
    fn a_window_slides_and_the_same_thing_again_takes_no_place() {
        let window = Window::new(2, SignedDuration::from_hours(1));
        let at = |minutes: i64| from_milliseconds(minutes * 60_000);
        assert!(window.take("a", 1, at(0)).is_ok());
        assert!(window.take("a", 1, at(1)).is_ok());
        assert!(window.take("a", 2, at(10)).is_ok());
        assert_eq!(window.take("a", 3, at(20)), Err(SignedDuration::from_mins(40)));
        assert!(window.take("a", 2, at(20)).is_ok());
        assert!(window.take("b", 3, at(20)).is_ok());
        assert!(window.take("a", 3, at(60)).is_ok());
    }

    #[test]
    fn only_proxies_that_are_trusted_say_who_is_behind_them() {
        use actix_web::http::header::{HeaderName, HeaderValue};
        let trusted: [IpNet; 2] = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let walked = |peer: &str, pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            walk(peer.parse().unwrap(), &headers, &trusted).to_string()
        };
        let list = "x-forwarded-for";
        assert_eq!(walked("192.0.2.9", &[(list, "198.51.100.1")]), "192.0.2.9");
        assert_eq!(walked("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(walked("10.0.0.1", &[(list, "198.51.100.1, 203.0.113.5")]), "203.0.113.5");
        assert_eq!(walked("10.0.0.1", &[(list, "198.51.100.1, 203.0.113.5, 10.0.0.2")]), "203.0.113.5");
        assert_eq!(walked("10.0.0.1", &[(list, "198.51.100.1"), (list, "203.0.113.5")]), "203.0.113.5");
        assert_eq!(walked("10.0.0.1", &[(list, "203.0.113.5:4711")]), "203.0.113.5");
        assert_eq!(walked("10.0.0.1", &[(list, "198.51.100.1, garbage")]), "10.0.0.1");
        let standard = "forwarded";
        assert_eq!(
            walked("10.0.0.1", &[(standard, "for=198.51.100.1, For=\"[2001:db8::1]:4711\";proto=https")]),
            "2001:db8::1"
        );
        assert_eq!(walked("fd00::1", &[(standard, "by=10.0.0.1;for=203.0.113.5;host=x")]), "203.0.113.5");
        assert_eq!(walked("10.0.0.1", &[(standard, "for=unknown")]), "10.0.0.1");
        assert_eq!(walked("10.0.0.1", &[(standard, "for=198.51.100.1"), (list, "203.0.113.5")]), "203.0.113.5");
    }

    #[test]
    fn one_household_is_one_client() {
        let ip = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(ip("2001:db8::1"), ip("2001:db8::ffff"));
        assert_ne!(ip("2001:db8::1"), ip("2001:db8:0:1::1"));
        assert_ne!(ip("192.0.2.1"), ip("192.0.2.2"));
    }
}
