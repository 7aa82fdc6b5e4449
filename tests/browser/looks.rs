//! The looks that are worth taking at a page: axe with every rule it has, on each screen, and a picture to keep.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::browser::Browser;

/// Every rule, those that axe leaves off by default too: AAA contrast, target sizes, experimental ones.
const EVERY_RULE: &str = "const done = arguments[arguments.length - 1];
    const rules = Object.fromEntries(axe.getRules().map(rule => [rule.ruleId, { enabled: true }]));
    axe.run({ rules, resultTypes: ['violations'] }).then(done, error => done(String(error)))";

/// A screen: its width, and whether dark is wished for.
const SCREENS: [(u32, &str); 4] = [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")];

/// Where the pictures of every page stay.
pub fn pictures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("artifacts/screens")
}

impl Browser {
    /// axe finds nothing in the page as it is now.
    pub async fn passes_axe(&self, page: &str) {
        let result = self.runs_with_axe(EVERY_RULE).await;
        let violations = result["violations"].as_array().unwrap_or_else(|| panic!("axe did not run: {result}"));
        let told: Vec<String> =
            violations.iter().map(|found| format!("{} {}", found["id"], found["nodes"][0]["html"])).collect();
        assert!(told.is_empty(), "{page}: {told:#?}");
        let passes = result["passes"].as_array().unwrap();
        let has_passed = |rule: &str| passes.iter().any(|passed| passed["id"] == rule);
        assert!(has_passed("color-contrast-enhanced") && has_passed("target-size"), "{page}: axe left out rules");
        let wide =
            self.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
        assert_eq!(wide, json!(0), "{page} scrolls sideways");
    }

    /// The same on every screen in both schemes, and without a mouse; what the browser itself complains of counts too.
    pub async fn is_fit_for_everyone(&self, page: &str) {
        self.is_complete().await;
        for (width, scheme) in SCREENS {
            self.becomes(width, scheme).await;
            let dark = self.script("return matchMedia('(prefers-color-scheme: dark)').matches").await;
            assert_eq!(dark, json!(scheme == "dark"), "{page}");
            self.passes_axe(&format!("{page}, {width} px, {scheme}")).await;
            self.takes_a_picture(&format!("{}-{width}-{scheme}", file_name(page))).await;
        }
        self.is_used_by_keyboard(page).await;
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{page}: the browser says {complaints:#?}");
    }

    /// On the first screen of a small phone something begins above a line; heights in px.
    pub async fn begins_above(&self, css: &str, line: i64) {
        self.becomes(360, "light").await;
        let top = self.script(&format!("return document.querySelector('{css}').getBoundingClientRect().top")).await;
        assert!(top.as_f64().unwrap() < line as f64, "{css} begins at {top} px");
        self.becomes(1280, "light").await;
    }

    /// Everything of this kind says so on a small phone, too.
    pub async fn says_on_a_phone(&self, css: &str, words: &str) {
        self.becomes(360, "light").await;
        let said = self.script(&format!("return [...document.querySelectorAll('{css}')].map(e => e.innerText)")).await;
        let said = said.as_array().unwrap();
        assert!(!said.is_empty() && said.iter().all(|said| said == words), "{css}: {said:?}");
        self.becomes(1280, "light").await;
    }

    async fn becomes(&self, width: u32, scheme: &str) {
        let mobile = width < 600;
        let screen = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": mobile });
        self.devtools("Emulation.setDeviceMetricsOverride", &screen).await;
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &features).await;
    }

    async fn takes_a_picture(&self, name: &str) {
        use base64::Engine;
        let size =
            self.script("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]").await;
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let wish = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.devtools("Page.captureScreenshot", &wish).await;
        let picture = base64::engine::general_purpose::STANDARD.decode(answer["data"].as_str().unwrap()).unwrap();
        std::fs::create_dir_all(pictures()).unwrap();
        std::fs::write(pictures().join(format!("{name}.png")), picture).unwrap();
    }

    /// What stands in the browser's console, apart from statuses such as 422, which it calls failures.
    async fn complaints(&self) -> Vec<String> {
        let entries = self.asks_driver("se/log", &json!({ "type": "browser" })).await;
        let serious = entries.as_array().unwrap().iter().filter(|entry| entry["level"] != "INFO");
        let words = serious.map(|entry| entry["message"].as_str().unwrap().to_owned());
        words
            .filter(|words| !words.contains("Failed to load resource: the server responded with a status of"))
            .collect()
    }

    pub async fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.asks_driver("goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await
    }

    /// What fantoccini has no word for.
    async fn asks_driver(&self, what: &str, body: &Value) -> Value {
        let path = format!("/session/{}/{what}", self.session().await);
        let (address, body) = (self.driver_address(), body.to_string());
        let answer = tokio::task::spawn_blocking(move || post(&address, &path, &body)).await.unwrap().unwrap();
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["value"]["error"].is_null(), "{what}: {answer}");
        answer["value"].take()
    }
}

/// chromedriver keeps its connections open, so the answer ends where it says.
fn post(address: &str, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut bytes = vec![0; length];
    answer.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(std::io::Error::other)
}

fn file_name(page: &str) -> String {
    let name: String = page.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    match name.trim_matches('-') {
        "" => "home".to_owned(),
        name => name.to_owned(),
    }
}
