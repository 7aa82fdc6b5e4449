//! Bounds on what one address may do: inquiries an hour, failed sign-ins. Memory is bounded; addresses are never kept elsewhere.

use std::collections::VecDeque;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use actix_web::HttpRequest;
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
        places.retain(|(at, _)| now.duration_since(*at) < self.length);
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

    /// Forgets a key: a right password clears the wrong ones before it.
    pub(super) fn forget(&self, key: &K) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).pop(key);
    }
}

/// Who is asking: the socket's peer, or, behind proxies we trust, the last address in `X-Forwarded-For` that is
/// not one of them. IPv6 clients count by their /64, since one household has that many addresses.
pub(super) fn client(request: &HttpRequest, trusted: &[IpNet]) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::from([127, 0, 0, 1]), |peer| canonical(peer.ip()));
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    if !is_trusted(&peer) {
        return network_of(peer);
    }
    let mut client = peer;
    let lists: Vec<&str> =
        request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
    for text in lists.iter().flat_map(|list| list.split(',')).rev() {
        let Ok(ip) = text.trim().parse::<IpAddr>() else { break };
        client = canonical(ip);
        if !is_trusted(&client) {
            break;
        }
    }
    network_of(client)
}

fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
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
    fn one_household_is_one_client() {
        let ip = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(ip("2001:db8::1"), ip("2001:db8::ffff"));
        assert_ne!(ip("2001:db8::1"), ip("2001:db8:0:1::1"));
        assert_ne!(ip("192.0.2.1"), ip("192.0.2.2"));
    }
}
