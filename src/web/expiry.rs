//! Until when a certificate is good. The TLS library checks other people's certificates and does not tell about our own,
//! so the one field is read here: X.509 in DER (RFC 5280, 4.1), without trust in any length it names.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The certificate's `notAfter`; None for what is no certificate.
pub(super) fn expires_at(certificate: &[u8]) -> Option<Timestamp> {
    let whole = Value::first(certificate)?.inside(SEQUENCE)?;
    let signed = Value::first(whole)?.inside(SEQUENCE)?;
    let after_version = match Value::first(signed)? {
        version if version.tag == VERSION => version.rest,
        _ => signed,
    };
    // Serial number, signature algorithm, issuer.
    let validity = (0..3).try_fold(after_version, |rest, _| Value::first(rest).map(|value| value.rest))?;
    let not_before = Value::first(Value::first(validity)?.inside(SEQUENCE)?)?;
    Value::first(not_before.rest)?.time()
}

/// One value and what follows it.
struct Value<'a> {
    tag: u8,
    content: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Value<'a> {
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let (&tag, bytes) = bytes.split_first()?;
        let (&length, bytes) = bytes.split_first()?;
        let (length, bytes) = match length {
            short @ ..=0x7f => (usize::from(short), bytes),
            // 0x80 is the indefinite form, which DER forbids; four bytes are more than any certificate needs.
            long @ 0x81..=0x84 => {
                let (length, bytes) = bytes.split_at_checked(usize::from(long & 0x0f))?;
                (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), bytes)
            }
            _ => return None,
        };
        let (content, rest) = bytes.split_at_checked(length)?;
        Some(Self { tag, content, rest })
    }

    fn inside(self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.content)
    }

    fn time(&self) -> Option<Timestamp> {
        let text = std::str::from_utf8(self.content).ok()?;
        let full = match self.tag {
            // Two digits of the year: RFC 5280, 4.1.2.5.1.
            UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
            UTC_TIME => format!("19{text}"),
            GENERALIZED_TIME => text.to_owned(),
            _ => return None,
        };
        let moment = strtime::parse("%Y%m%d%H%M%SZ", &full).ok()?.to_datetime().ok()?;
        // "No end" is written as the last second of the year 9999, a little beyond the calendar.
        Some(moment.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate_until(year: i32, month: u8, day: u8) -> Vec<u8> {
        let mut parameters = rcgen::CertificateParams::new(["clinic.example".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(year, month, day);
        let key = rcgen::KeyPair::generate().unwrap();
        parameters.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn the_last_day_is_read_in_both_ways_of_writing_it() {
        for (year, month, day, says) in [
            (2026, 12, 5, "2026-12-05T00:00:00Z"),
            (2049, 12, 31, "2049-12-31T00:00:00Z"),
            (2050, 1, 1, "2050-01-01T00:00:00Z"),
            (1999, 1, 1, "1999-01-01T00:00:00Z"),
        ] {
            assert_eq!(expires_at(&certificate_until(year, month, day)).unwrap().to_string(), says);
        }
    }

    #[test]
    fn half_a_certificate_has_no_last_day_and_no_bytes_make_it_panic() {
        let whole = certificate_until(2026, 12, 5);
        for length in 0..whole.len() {
            assert_eq!(expires_at(&whole[..length]), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 0_usize..400, byte: u8) {
            let mut damaged = certificate_until(2026, 12, 5);
            let at = at % damaged.len();
            damaged[at] = byte;
            let _read = expires_at(&damaged);
        }
    }
}
