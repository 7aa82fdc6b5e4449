//! The short name of a browser, by which somebody tells their own sessions apart. All its words stand here: what a browser
//! says of itself is read for them and not kept.

use std::fmt;

/// What a browser calls itself, and the name it is known by. The first that fits counts, since most call themselves Chrome or
/// Safari too.
const BROWSERS: [(&str, &str); 12] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
];
/// The same of what it runs on: Android calls itself Linux too.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

/// "Firefox on Windows", or nothing that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser(String);

impl Browser {
    /// Reads the short name out of what a browser says of itself.
    pub fn of(user_agent: &str) -> Self {
        let known = |table: &'static [(&str, &str)]| table.iter().find(|(word, _)| user_agent.contains(word));
        match (known(&BROWSERS), known(&SYSTEMS)) {
            (Some((_, browser)), Some((_, system))) => Self(format!("{browser} on {system}")),
            (Some((_, browser)), None) => Self((*browser).to_owned()),
            (None, _) => Self(String::new()),
        }
    }

    /// As the store kept it.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// As the store keeps it: empty for one that is not known.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "A browser that does not say its name" } else { &self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_in_use_are_called_what_their_owners_call_them() {
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit";
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        let android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        let ipad = "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
        for (said, name) in [
            (format!("{windows}; rv:145.0) Gecko/20100101 Firefox/145.0"), "Firefox on Windows"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".into(), "Firefox on Linux"),
            ("Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0".into(), "Firefox on Android"),
            (format!("{iphone} FxiOS/145.0 Mobile/15E148 Safari/605.1.15"), "Firefox on iPhone"),
            (format!("{windows} {chrome}"), "Chrome on Windows"),
            (format!("{android} Chrome/142.0.0.0 Mobile Safari/537.36"), "Chrome on Android"),
            (format!("{iphone} CriOS/142.0.0.0 Mobile/15E148 Safari/604.1"), "Chrome on iPhone"),
            (format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {chrome}"), "Chrome on ChromeOS"),
            (format!("{windows} {chrome} Edg/142.0.0.0"), "Edge on Windows"),
            (format!("{android} Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0"), "Edge on Android"),
            (format!("{iphone} Version/18.0 EdgiOS/142.0.0.0 Mobile/15E148 Safari/604.1"), "Edge on iPhone"),
            (format!("{windows} {chrome} OPR/125.0.0.0"), "Opera on Windows"),
            (
                format!("{android} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36"),
                "Samsung Internet on Android",
            ),
            (format!("{iphone} Version/18.6 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15"), "DuckDuckGo on iPhone"),
            (format!("{mac}/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"), "Safari on Mac"),
            (format!("{iphone} Version/18.6 Mobile/15E148 Safari/604.1"), "Safari on iPhone"),
            (format!("{ipad} Version/18.6 Mobile/15E148 Safari/604.1"), "Safari on iPad"),
            ("Mozilla/5.0 (Fridge) Gecko/20100101 Firefox/145.0".into(), "Firefox"),
        ] {
            assert_eq!(Browser::of(&said).to_string(), name, "{said}");
        }
    }

    #[test]
    fn nothing_of_what_a_browser_says_gets_into_its_name() {
        for said in ["", "curl/8.5.0", "Somebody's own (Windows NT 10.0)", "<b>\u{202e}"] {
            assert_eq!(Browser::of(said).as_str(), "", "{said}");
            assert_eq!(Browser::of(said).to_string(), "A browser that does not say its name");
        }
        assert_eq!(Browser::of("canary Firefox/1 canary (Windows; canary)").as_str(), "Firefox on Windows");
    }
}
