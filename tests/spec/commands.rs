//! The command line: what each command does, how it ends, and that every fault of a configuration is told at once.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::people::PASSWORD;

pub struct Shell {
    pub folder: tempfile::TempDir,
    pub database: Option<String>,
}

impl Shell {
    pub async fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: crate::app::new_postgres_database().await }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backwise"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("BACKWISE_SERVER__BIND", "127.0.0.1:0");
        if let Some(url) = &self.database {
            command.env("BACKWISE_DATABASE__URL", url);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    pub fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    fn types(&self, arguments: &[&str], input: &str) -> Output {
        use std::io::Write;
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn help_and_version_are_everywhere_and_advertise_only_what_there_is() {
    let shell = Shell::new().await;
    assert_eq!(shell.says(&["--version"]), format!("backwise {}\n", env!("CARGO_PKG_VERSION")));
    let help = shell.says(&["--help"]);
    insta::assert_snapshot!(help.split("\n\n").nth(2).unwrap(), @r"
    Commands:
      serve    Serve the site and the desk, and deliver mail
      check    Validate configuration, content and database without serving
      user     Look after the accounts of the desk
      mail     Look after the outbox
      export   Write all inquiries to a file or to stdout
      erase    Erase a person's inquiries with notes, timeline and mails, and say what went
      purge    Erase what was kept long enough (`serve` does it daily)
      backup   Write a copy of the database while it is in use, and check it
      restore  Check a copy of the database, make up for what happened since, and put it in place
      key      Look after the keys under which people's words are sealed
      audit    Look into the audit log: who did and read what
      help     Print this message or the help of the given subcommand(s)
    ");
    for command in ["serve", "check", "user", "mail", "export", "erase", "purge", "backup", "restore", "key", "audit"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} in {help}");
        assert!(shell.says(&[command, "--help"]).contains("Usage: backwise"));
        assert!(shell.says(&[command, "--version"]).starts_with("backwise"));
    }
    for wrong in [
        &["unknown"][..],
        &["--unknown"],
        &["user", "add"],
        &["user", "add", "a@example.org", "--role", "boss"],
        &["mail", "retry"],
    ] {
        let output = shell.run(wrong);
        assert_eq!(code(&output), 2, "{wrong:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_configuration_is_told_at_once_with_its_remedy() {
    let shell = Shell::new().await;
    let settings = "data_dirr = 'x'\n[server]\nbind = 'here'\n[mail]\nurl = 'smtp://mail.example.org?tls=none'\nstaff = ['nobody']\n[clinic]\ntimezone = 'Mars/Olympus'\nreply_within_hours = 0\n";
    std::fs::write(shell.folder.path().join("backwise.toml"), settings).unwrap();
    for arguments in [&["serve"][..], &["check"], &[], &["user", "list"]] {
        let output = shell
            .command(arguments)
            .env_remove("BACKWISE_SERVER__BIND")
            .env("BACKWISE_MAIL__FORM", "x")
            .output()
            .unwrap();
        let words = text(&output.stderr);
        assert_eq!(code(&output), 2, "{words}");
        for key in [
            "data_dirr",
            "data_dir",
            "server.bind",
            "mail.staff",
            "mail.detail",
            "clinic.timezone",
            "clinic.reply_within_hours",
            "BACKWISE_MAIL__FORM",
            "BACKWISE_MAIL__FROM",
        ] {
            assert!(words.contains(key), "{arguments:?}: {key} in {words}");
        }
    }
    let output = shell.run(&["--config", "absent.toml", "check"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output.stderr).contains("absent.toml"));
    let odd = shell
        .command(&["check"])
        .current_dir("/tmp")
        .env("BACKWISE_DATA_DIR", shell.folder.path().join("a?b"))
        .output()
        .unwrap();
    assert_eq!(code(&odd), 0, "{}", text(&odd.stderr));
    let empty = shell
        .command(&["check"])
        .current_dir("/tmp")
        .env("BACKWISE_MAIL__URL", "smtps://localhost?ca=/nowhere.pem")
        .output()
        .unwrap();
    assert!(code(&empty) == 1 && text(&empty.stdout).contains("/nowhere.pem"), "{}", text(&empty.stdout));
    let broken = Shell::new().await;
    std::fs::write(broken.folder.path().join("backwise.toml"), "[server\n").unwrap();
    assert_eq!(code(&broken.run(&["check"])), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_finds_faults_of_the_content_with_file_and_line() {
    let shell = Shell::new().await;
    let words = shell.says(&["check"]);
    assert!(words.starts_with("ok: configuration: no backwise.toml is here, so the defaults"), "{words}");
    assert!(
        words.contains("ok: content: article.md: reading age ") && words.contains("backwise can serve like this; "),
        "{words}"
    );
    assert!(words.contains("ok: configuration") && words.contains("no clinician has reviewed this page"), "{words}");
    let content = shell.folder.path().join("content");
    std::fs::create_dir(&content).unwrap();
    std::fs::write(content.join("cautions.toml"), "# nothing\n").unwrap();
    let output = shell.command(&["check"]).env("BACKWISE_CONTENT_DIR", &content).output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(
        text(&output.stdout).contains("error: content: cautions.toml:1: the caution list is empty"),
        "{}",
        text(&output.stdout)
    );
    let json = shell.says(&["check", "--json", "--mail"]);
    for line in json.lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(finding["weight"].is_string() && finding["words"].is_string());
        let is_warning_of_content = finding["about"] == "content" && finding["weight"] == "warning";
        assert!(!is_warning_of_content || finding["file"].is_string() && finding["line"].is_u64(), "{line}");
    }
    assert!(json.contains("\"file\":\"techniques/swedish.md\",\"reading_age\":"), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_cared_for_from_a_shell() {
    let shell = Shell::new().await;
    let link = shell.says(&["user", "add", "anna@example.org", "--role", "admin", "--name", "Anna"]);
    assert!(link.contains("/admin/welcome/"), "{link}");
    assert_eq!(code(&shell.run(&["user", "add", "ANNA@example.org", "--role", "staff"])), 1);
    assert_eq!(code(&shell.run(&["user", "add", "no address", "--role", "staff"])), 2);
    let short = shell.types(&["user", "add", "b@example.org", "--role", "staff", "--password-stdin"], "short\n");
    assert_eq!(code(&short), 2);
    assert!(text(&short.stderr).contains("is shorter than 15 characters"));
    assert_eq!(
        code(
            &shell.types(
                &["user", "add", "b@example.org", "--role", "staff", "--password-stdin"],
                &format!("{PASSWORD}\n")
            )
        ),
        0
    );
    let list = shell.says(&["user", "list"]);
    assert!(
        list.contains("anna@example.org\tadmin\tno password yet\tAnna")
            && list.contains("b@example.org\tstaff\tactive"),
        "{list}"
    );
    let json: Vec<serde_json::Value> =
        shell.says(&["user", "list", "--json"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json[0]["role"], "admin");
    let again = shell.says(&["user", "reset", "b@example.org"]);
    assert!(
        again.contains("/admin/welcome/")
            && shell.says(&["user", "list"]).contains("b@example.org\tstaff\tno password yet")
    );
    assert_eq!(shell.says(&["user", "disable", "b@example.org"]), "disabled\n");
    assert_eq!(code(&shell.run(&["user", "disable", "anna@example.org"])), 1, "the last admin stays");
    assert_eq!(code(&shell.run(&["user", "disable", "nobody@example.org"])), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_mail_and_an_export_of_nothing() {
    let shell = Shell::new().await;
    let sent = shell.says(&["mail", "test", "anna@example.org"]);
    assert!(sent.starts_with("sent: written to "), "{sent}");
    let mails: Vec<_> = std::fs::read_dir(shell.folder.path().join("data/mail")).unwrap().collect();
    assert_eq!(mails.len(), 1);
    let refused = shell
        .command(&["mail", "test", "anna@example.org"])
        .env("BACKWISE_MAIL__URL", "smtp://127.0.0.1:1?tls=none")
        .output()
        .unwrap();
    assert_eq!(code(&refused), 1);
    assert_eq!(shell.says(&["mail", "list"]), "");
    assert_eq!(shell.says(&["mail", "retry", "--all"]), "0 queued\n");
    assert_eq!(code(&shell.run(&["mail", "retry", "unknown"])), 1);
    let csv = shell.says(&["export"]);
    assert!(csv.starts_with("\u{feff}\"reference\",\"received_at\"") && csv.ends_with("\r\n"), "{csv:?}");
    assert_eq!(shell.says(&["export", "--format", "jsonl", "--since", "2026-01-01"]), "");
    assert_eq!(code(&shell.run(&["export", "--since", "yesterday"])), 2);
    assert_eq!(code(&shell.run(&["export", "--person", "no address"])), 2);
    assert_eq!(code(&shell.run(&["export", "--person", "a@example.org", "--since", "2026-01-01"])), 2);
    let nobody = shell.run(&["export", "--person", "anna@example.org"]);
    assert!(code(&nobody) == 1 && text(&nobody.stderr).contains("nobody wrote from this address"));
    assert_eq!(code(&shell.run(&["audit", "show", "--reference", "nonsense"])), 2);
    assert_eq!(code(&shell.run(&["audit", "show", "--reference", "BW-7K3M-9QXT"])), 1);
    assert_eq!(code(&shell.run(&["erase"])), 2);
    assert_eq!(code(&shell.run(&["erase", "--email", "anna@example.org"])), 1);
    assert_eq!(code(&shell.run(&["erase", "--reference", "nonsense"])), 2);
    std::fs::write(shell.folder.path().join("all.csv"), "before").unwrap();
    shell.says(&["export", "--out", "all.csv"]);
    assert!(!shell.folder.path().join("all.part").exists());
    assert_eq!(mode(&shell.folder.path().join("all.csv")), 0o600);
    assert_eq!(mode(&shell.folder.path().join("data/secret.key")), 0o600);
    assert_eq!(mode(&shell.folder.path().join("data")), 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_proven_from_a_shell_and_a_cut_off_end_is_told() {
    let shell = Shell::new().await;
    assert!(shell.says(&["audit", "verify"]).starts_with("unbroken: 0 entries, the head is 0:0000"));
    shell.says(&["user", "add", "anna@example.org", "--role", "admin"]);
    shell.says(&["user", "add", "b@example.org", "--role", "staff"]);
    let words = shell.says(&["audit", "verify"]);
    assert!(words.starts_with("unbroken: 2 entries, the head is 2:"), "{words}");
    let head = words.trim().rsplit(' ').next().unwrap();
    assert_eq!(mode(&shell.folder.path().join("data/audit.head")), 0o600);
    let proven: serde_json::Value = serde_json::from_str(&shell.says(&["audit", "verify", "--json"])).unwrap();
    assert_eq!((&proven["whole"], &proven["entries"], &proven["head"]), (&true.into(), &2.into(), &head.into()));
    assert_eq!(code(&shell.run(&["audit", "verify", "--head", head])), 0);
    assert_eq!(code(&shell.run(&["audit", "verify", "--head", "nonsense"])), 2);
    // A head from a log that went further than this one: its end was cut off, or it is a copy from before.
    let lost = format!("3:{}", "ab".repeat(32));
    std::fs::write(shell.folder.path().join("data/audit.head"), format!("{lost}\n")).unwrap();
    let output = shell.run(&["audit", "verify"]);
    let words = text(&output.stderr);
    assert!(code(&output) == 1 && words.contains("had reached entry 3 and now ends at entry 2"), "{words}");
    let json = text(&shell.run(&["audit", "verify", "--json"]).stdout);
    assert!(json.contains("\"whole\":false") && json.contains(&lost), "{json}");
    assert!(shell.says(&["audit", "verify", "--accept"]).contains("that is recorded in it"));
    assert!(shell.says(&["audit", "verify"]).starts_with("unbroken: 3 entries"));
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
