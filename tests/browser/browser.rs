//! Chromium, driven as a person would, and looked at by axe.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// How the screen is.
#[derive(Clone, Copy, Debug)]
pub enum Screen {
    WideLight,
    NarrowDark,
}

pub struct Browser {
    client: Client,
    axe: String,
    driver: Child,
    port: u16,
    screen: Screen,
    _profile: tempfile::TempDir,
}

/// Where scripts/test puts axe-core and aiosmtpd.
pub fn tools() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools");
    PathBuf::from(std::env::var("TEST_TOOLS").unwrap_or_else(|_| default.to_owned()))
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn shut_down(port: u16) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(b"GET /shutdown HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    std::io::copy(&mut stream, &mut std::io::sink()).map(drop)
}

impl Browser {
    pub async fn start(screen: Screen) -> Self {
        let axe = std::fs::read_to_string(tools().join("node_modules/axe-core/axe.min.js"))
            .expect("axe-core: run scripts/test once");
        let profile = tempfile::tempdir().unwrap();
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: run scripts/test once");
        for _ in 0..200 {
            if answers(port) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut arguments = vec![
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1280,900",
        ];
        let folder = format!("--user-data-dir={}", profile.path().display());
        arguments.push(&folder);
        let mut options = json!({});
        if matches!(screen, Screen::NarrowDark) {
            arguments.push("--blink-settings=preferredColorScheme=0");
            options["mobileEmulation"] = json!({ "deviceMetrics": { "width": 360, "height": 740, "pixelRatio": 1.0 } });
        }
        options["args"] = json!(arguments);
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, axe, driver, port, screen, _profile: profile }
    }

    pub async fn opens(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Waits for the page whose title begins like this: a click returns before the next page is there.
    pub async fn sees(&self, title: &str) {
        for _ in 0..200 {
            let ready = self.script("return document.readyState").await;
            let now = self.client.title().await.unwrap_or_default();
            if now.starts_with(title) && ready == json!("complete") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{:?}: {title:?} was expected, the page is {:?}", self.screen, self.client.title().await);
    }

    /// axe finds nothing, nothing is wider than the screen, and the colours are those that were wished for.
    pub async fn finds_nothing_wrong_with(&self, page: &str) {
        self.passes_axe(&format!("{page} {:?}", self.screen)).await;
        let dark = self.script("return matchMedia('(prefers-color-scheme: dark)').matches").await;
        assert_eq!(dark, json!(matches!(self.screen, Screen::NarrowDark)), "{page}");
    }

    /// What people came for begins within the first 280 of the 740 pixels of a phone.
    pub async fn soon_shows(&self, css: &str) {
        let script = format!("return document.querySelector('{css}').getBoundingClientRect().top");
        let top = self.script(&script).await.as_f64().unwrap();
        assert!(top < 280.0 || matches!(self.screen, Screen::WideLight), "{css} begins at {top} px");
    }

    /// A row of one line has at its end what unfolds it on a phone. Then all of it lies on the screen; what is current, before.
    pub async fn unfolds(&self, row: &str) {
        let beside = |css: &str| {
            format!(
                "const beside = e => {{ const at = e.getBoundingClientRect(); return at.left < 0 || at.right > innerWidth; }}; \
                 return [...document.querySelectorAll('{row} {css}')].filter(e => e.checkVisibility() && beside(e)).length"
            )
        };
        let all = beside(":is(a, button)");
        assert_eq!(self.script(&beside("[aria-current]")).await, json!(0), "{row}: what is current is in sight");
        if matches!(self.screen, Screen::NarrowDark) {
            assert_ne!(self.script(&all).await, json!(0), "{row} is a row");
            assert_eq!(self.script(&beside(".unfold")).await, json!(0), "{row}: the way to the rest is in sight");
            self.presses(&format!("{row} :is(a.unfold, .unfold a)")).await;
        }
        assert_eq!(self.script(&all).await, json!(0), "{row}: everything is on the screen");
    }

    /// A row of a list takes less than a third of a phone's 740 pixels, and what is touched in it has 44 pixels each way.
    pub async fn has_low_rows(&self, css: &str) {
        let script = format!(
            "const sizes = css => [...document.querySelectorAll('{css} ' + css)].map(found => found.getBoundingClientRect()); \
             return [Math.max(...sizes('> li').map(row => row.height)), \
                 Math.min(...sizes(':is(h2 a, label)').flatMap(size => [size.width, size.height]))]"
        );
        let found = self.script(&script).await;
        let (row, target) = (found[0].as_f64().unwrap(), found[1].as_f64().unwrap());
        assert!(row < 230.0 || matches!(self.screen, Screen::WideLight), "a row has {row} px");
        assert!(target >= 44.0, "a target has {target} px");
    }

    /// What a script with axe before it answers by its last argument.
    pub async fn runs_with_axe(&self, script: &str) -> Value {
        self.client.execute(&self.axe, vec![]).await.unwrap();
        self.client.execute_async(script, vec![]).await.unwrap()
    }

    pub async fn session(&self) -> String {
        self.client.session_id().await.unwrap().unwrap()
    }

    pub fn driver_address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits until the page is there whole.
    pub async fn is_complete(&self) {
        for _ in 0..400 {
            if self.script("return document.readyState").await == json!("complete") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{:?} does not become complete", self.client.title().await);
    }

    pub async fn types(&self, field: &str, words: &str) {
        let field = self.client.find(Locator::Css(&format!("[name={field}]"))).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(words).await.unwrap();
    }

    pub async fn presses(&self, css: &str) {
        let element = self.client.find(Locator::Css(css)).await.unwrap_or_else(|e| panic!("{css}: {e}"));
        element.click().await.unwrap();
    }

    /// Presses what leads to another page, and waits until that one is there: the page of before may say the same words.
    pub async fn sends(&self, css: &str) {
        self.marks_this_page().await;
        self.presses(css).await;
        self.has_left(css).await;
    }

    pub async fn follows(&self, words: &str) {
        self.marks_this_page().await;
        let link = self.client.find(Locator::LinkText(words)).await.unwrap_or_else(|e| panic!("{words}: {e}"));
        link.click().await.unwrap();
        self.has_left(words).await;
    }

    pub async fn marks_this_page(&self) {
        self.script("window.isLeft = false").await;
    }

    /// Waits for another page than the one that was marked.
    pub async fn has_left(&self, by: &str) {
        // An answer that refuses a form of the desk sends on to its page at once.
        let script = "const [way] = performance.getEntriesByType('navigation'); \
            const isSentOn = location.pathname.startsWith('/admin/') && [409, 422].includes(way?.responseStatus) \
                && /^.admin.(inquiries|users)/.test(location.pathname); \
            return document.readyState === 'complete' && window.isLeft === undefined && !isSentOn";
        for _ in 0..400 {
            if self.script(script).await == json!(true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{by} leads nowhere from {:?}", self.client.title().await);
    }

    /// What the page says now; empty while the next one is on its way.
    pub async fn words(&self) -> String {
        self.script("return document.querySelector('main').innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says this.
    pub async fn reads(&self, words: &str) {
        for _ in 0..200 {
            if self.words().await.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{words:?} was expected in {}", self.words().await);
    }

    /// As when a session has ended.
    pub async fn forgets_cookies(&self) {
        self.client.delete_all_cookies().await.unwrap();
    }

    pub async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// To the page before, with the browser's own button.
    pub async fn goes_back_to(&self, address: &str) {
        self.client.back().await.unwrap();
        for _ in 0..200 {
            if self.address().await == address {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("back leads to {}", self.address().await);
    }

    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap_or_default()
    }

    pub async fn ends(self) {
        self.client.clone().close().await.unwrap();
    }
}

impl Drop for Browser {
    /// A driver that is killed leaves its browser behind; one that is asked takes it along, also when a test panicked.
    fn drop(&mut self) {
        let _gone = shut_down(self.port);
        let _gone = self.driver.kill();
        let _gone = self.driver.wait();
    }
}
