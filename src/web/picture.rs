//! The picture that stands beside a link to us elsewhere. build/picture.rs draws it from the drawing of the home page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A PNG of 1200 by 630.
pub(super) const PNG: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/share.png"));

/// Where it lies; the name changes with its content.
pub(super) fn path() -> String {
    format!("/static/back-{}.png", URL_SAFE_NO_PAD.encode(&Sha256::digest(PNG)[..9]))
}
