//! A QR code as the outline of an SVG path: made here, so that no other machine learns the secret in it.

use qrcodegen::{QrCode, QrCodeEcc};

/// How many modules wide it is, and its dark modules, row by row; None for a text that is too long.
pub(super) fn path(text: &str) -> Option<(i32, String)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let width = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            if width > 0 {
                path.push_str(&format!("M{x} {y}h{width}v1h-{width}z"));
            }
            x += i32::try_from(width).unwrap_or(0) + 1;
        }
    }
    Some((code.size(), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_corners_are_the_three_marks_that_scanners_look_for() {
        let (size, path) =
            path("otpauth://totp/Clinic:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Clinic").unwrap();
        assert!(size >= 33, "{size}");
        for mark in ["M0 0h7v1h-7z".to_owned(), format!("M{} 0h7v1h-7z", size - 7), format!("M0 {}h7v1h-7z", size - 1)]
        {
            assert!(path.contains(&mark), "{mark}");
        }
    }
}
