//! What is not here, proven: what a program does not have cannot be attacked. The rows of docs/asvs.md that do not apply
//! name these tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::app::App;
use crate::http::send;
use crate::pages::PUBLIC;
use crate::people::{Staff, somebody_asks};

/// The libraries that are built into the program, those of tests left out.
fn libraries() -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--locked", "--offline"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let names: Vec<String> = text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(names.len() > 150 && names.iter().any(|name| name == "actix-web"), "{} libraries", names.len());
    names
}

fn none_is_built_in(words: &[&str]) {
    for library in libraries() {
        let parts: Vec<&str> = library.split(['-', '_']).collect();
        for word in words {
            assert!(library != *word && !parts.contains(word), "{library} is built in");
        }
    }
}

/// Every file of the program, its own tests left out.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            found.push((path, code.to_owned()));
        }
    }
}

fn files_that_say(words: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    sources(&root, &mut all);
    assert!(all.len() > 50);
    let mut named: Vec<String> = all
        .iter()
        .filter(|(_, code)| words.iter().any(|word| code.contains(word)))
        .map(|(path, _)| path.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    named.sort();
    named
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_way_to_sign_in_and_none_through_others() {
    none_is_built_in(&[
        "oauth",
        "oauth2",
        "openid",
        "openidconnect",
        "saml",
        "samael",
        "jsonwebtoken",
        "jwt",
        "ldap3",
        "webauthn",
    ]);
    let app = App::start().await;
    for path in [
        "/login",
        "/signin",
        "/wp-login.php",
        "/oauth/authorize",
        "/oauth/token",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
        "/saml/acs",
        "/api",
        "/api/login",
        "/graphql",
        "/register",
    ] {
        for method in ["GET", "POST"] {
            assert_eq!(send(app.address, method, path, &[], b"").await.status, 404, "{method} {path}");
        }
    }
    let bearer =
        [("authorization", "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ."), ("x-user", "admin@clinic.example")];
    let answer = send(app.address, "GET", "/admin/inquiries", &bearer, b"").await;
    assert_eq!(answer.status, 303, "no token of another kind opens the desk");
}

#[test]
fn no_library_reads_xml_yaml_or_objects_of_strangers_or_speaks_other_protocols() {
    none_is_built_in(&["xml", "roxmltree", "sxd", "xpath", "yaml", "bincode", "rmp", "ciborium", "pickle", "postcard"]);
    none_is_built_in(&[
        "graphql",
        "juniper",
        "websocket",
        "tungstenite",
        "webrtc",
        "ldap",
        "memcache",
        "redis",
        "jndi",
    ]);
    none_is_built_in(&["h2", "zip", "tar", "image", "tex", "rhai", "mlua", "boa", "deno", "wasmtime"]);
}

/// v5.0.0-1.2.5, 1.3.2, 1.3.6, 15.3.2: nothing is run, nothing is fetched.
#[test]
fn v5_0_0_1_3_6_no_process_is_started_and_no_address_is_fetched() {
    none_is_built_in(&["reqwest", "ureq", "hyper", "isahc", "curl", "awc", "surf"]);
    assert_eq!(files_that_say(&["process::Command", "Command::new", "exec("]), [] as [&str; 0]);
    assert_eq!(files_that_say(&["UdpSocket", "UnixStream", "TcpStream::connect"]), [] as [&str; 0]);
    assert_eq!(files_that_say(&["TcpStream"]), ["web/listen.rs"], "it takes connections and opens none");
}

/// v5.0.0-1.2.9, 5.3.2
#[test]
fn v5_0_0_5_3_2_what_visitors_send_becomes_no_pattern_and_no_path() {
    assert_eq!(files_that_say(&["Regex"]), [] as [&str; 0]);
    let of_the_web: Vec<String> =
        files_that_say(&["fs::", "File::"]).into_iter().filter(|file| file.starts_with("web/")).collect();
    assert_eq!(of_the_web, ["web/certificate.rs", "web/watching.rs"], "they open what the operator named");
}

/// v5.0.0-15.3.6, 3.5.5, 3.7.1: nothing runs in a browser, so nothing there can be tricked.
#[tokio::test(flavor = "multi_thread")]
async fn v5_0_0_3_7_1_no_page_carries_anything_that_runs() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let inquiry = staff.inbox("").await.remove(0);
    let mut paths: Vec<&str> = PUBLIC.to_vec();
    paths.extend([
        "/contact",
        "/unknown",
        "/admin/inquiries",
        "/admin/mail",
        "/admin/users",
        "/admin/audit",
        "/admin/account",
    ]);
    paths.extend([receipt.as_str(), &inquiry]);
    for path in paths {
        let text = staff.opens(path).await.text().to_lowercase();
        assert!(text.contains("<html"), "{path}");
        // Data about the page, for search engines, is no script that runs.
        let scripts = text.matches("<script").count();
        assert_eq!(scripts, text.matches("<script type=\"application/ld+json\"").count(), "{path}");
        for never in
            ["<iframe", "<object", "<embed", "<applet", "<base", "javascript:", "data:text", "http-equiv", " srcdoc"]
        {
            assert!(!text.contains(never), "{path}: {never}");
        }
        let attributes = text.split('<').filter_map(|tag| tag.split('>').next());
        let handlers =
            attributes.flat_map(|tag| tag.split('"').step_by(2)).filter(|piece| piece.trim_start().starts_with("on"));
        assert_eq!(handlers.count(), 0, "{path}");
    }
    app.deliver().await;
}

/// v5.0.0-13.4: what a deployment may have left behind is not served, and nothing lists what there is.
#[tokio::test(flavor = "multi_thread")]
async fn v5_0_0_13_4_nothing_is_served_that_is_no_page() {
    let app = App::start().await;
    for path in [
        "/.git/HEAD",
        "/.svn/entries",
        "/.env",
        "/backwise.toml",
        "/backwise.db",
        "/secret.key",
        "/static",
        "/content",
        "/templates",
        "/metrics",
        "/debug",
        "/debug/pprof",
        "/actuator/health",
        "/server-status",
        "/phpinfo.php",
        "/docs",
        "/swagger.json",
        "/admin/metrics",
        "/backup.zip",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, if path.starts_with("/admin") { 303 } else { 404 }, "{path}");
    }
    let said = format!("{:?}", app.get("/unknown").await.headers) + &app.get("/unknown").await.text();
    for word in ["actix", "rust", "sqlite", env!("CARGO_PKG_VERSION")] {
        assert!(!said.to_lowercase().contains(word), "{word}");
    }
}

/// v5.0.0-11.2.1, 11.4.1: nothing of our own making, nothing that is broken. (PostgreSQL's old sign-in brings MD5 into its
/// driver; no code of ours names it.)
#[test]
fn cryptography_comes_from_well_kept_libraries() {
    let libraries = libraries();
    for library in ["rustls", "ring", "sha2", "hmac", "argon2", "subtle", "getrandom"] {
        assert!(libraries.iter().any(|name| name == library), "{library}");
    }
    none_is_built_in(&["openssl", "native-tls", "aws-lc", "rc4", "des", "blowfish", "md4", "ecb"]);
    assert_eq!(files_that_say(&["Md5", "md5::", "Rc4", "TripleDes", "Ecb", "thread_rng", "SmallRng"]), [] as [&str; 0]);
}
