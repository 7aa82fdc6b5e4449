//! Copies of the database: made while people write, worth nothing to a thief, and never undoing what happened since.

use std::fs;
use std::path::PathBuf;

use backwise::contact::EmailAddress;
use backwise::desk::{self, Eraser};
use backwise::inquiry::{InquiryForm, Reference};
use backwise::outbox::{Kind, State, Verdict};
use backwise::secret::{SecretKey, digest};
use backwise::staff::{Browser, Role};
use backwise::store::{Call, Expected, ServerLock, Store};
use jiff::Timestamp;

use crate::app::{FRIDAY_AT_TEN, open_sqlite};
use crate::commands::{Shell, code, text};
use crate::sealing::{CANARIES, holds, written};
use crate::storage::policy;

/// A clinic with an embedded database; PostgreSQL has tools of its own.
struct Clinic {
    shell: Shell,
    store: Store,
}

fn now() -> Timestamp {
    FRIDAY_AT_TEN.parse().unwrap()
}

impl Clinic {
    async fn new() -> Self {
        let shell = Shell { folder: tempfile::tempdir().unwrap(), database: None };
        let store = Self::open(&shell).await;
        shell.says(&["user", "list"]);
        Self { shell, store }
    }

    async fn open(shell: &Shell) -> Store {
        let data = shell.folder.path().join("data");
        open_sqlite(&data.join("backwise.db"), Expected::Anything, &data).await.unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.shell.folder.path().join(name)
    }

    async fn receives(&self, message: &str) -> Reference {
        let key = SecretKey::passing().unwrap();
        let receipt =
            desk::receive(&self.store, &key, &policy(), &written(message, message), &[], now()).await.unwrap();
        self.store.inquiry_by_receipt(&digest(&receipt)).await.unwrap().unwrap().reference
    }

    fn restores(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.shell.run(&[&["restore", "copy.db"], arguments].concat());
        (code(&output), text(&output.stdout) + &text(&output.stderr))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_checked_carries_no_key_and_says_how_to_keep_it() {
    let clinic = Clinic::new().await;
    clinic.receives("Mein Zwiebelwort schmerzt").await;
    let said = clinic.shell.says(&["backup", "copy.db"]);
    for words in ["1 inquiries", "2 mails", "reopened and whole", "carries no key", "sealing.keys", "secret.key"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let copy = fs::read(clinic.path("copy.db")).unwrap();
    let keys = fs::read_to_string(clinic.path("data/sealing.keys")).unwrap();
    let key = keys.lines().last().unwrap().split(' ').nth(1).unwrap();
    assert!(holds(&copy, "CREATE TABLE"), "the copy is a database");
    for secret in CANARIES.iter().copied().chain([key]) {
        assert!(!holds(&copy, secret), "{secret}");
    }
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(clinic.path("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    let again = clinic.shell.run(&["backup", "copy.db"]);
    assert!(code(&again) == 1 && text(&again.stderr).contains("not overwritten"), "{}", text(&again.stderr));
    assert_eq!(fs::read(clinic.path("copy.db")).unwrap(), copy);
    assert!(!clinic.path("copy.db.part").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_copy_does_not_undo_what_happened_since() {
    let clinic = Clinic::new().await;
    let (gone, stays) = (clinic.receives("one").await, clinic.receives("two").await);
    let mut tx = clinic.store.begin().await.unwrap();
    let anna = tx
        .add_staff(&EmailAddress::parse("anna@clinic.example").unwrap(), "Anna", Role::Admin, now())
        .await
        .unwrap()
        .unwrap();
    tx.add_session(&digest("cookie"), &anna, &Browser::of(""), now()).await.unwrap();
    tx.add_welcome(&anna, &digest("link"), b"seed", now()).await.unwrap();
    let call = Call { form: InquiryForm { name: "Petra".to_owned(), ..InquiryForm::default() }, ..Call::default() };
    tx.keep_call_draft(&anna, "call", &call, now()).await.unwrap();
    tx.commit().await.unwrap();
    clinic.shell.says(&["backup", "copy.db"]);

    let inquiry = clinic.store.inquiry(&gone).await.unwrap().unwrap();
    desk::erase(&clinic.store, Eraser::Writer, &inquiry, now()).await.unwrap();
    let mut tx = clinic.store.begin().await.unwrap();
    let claimed = tx.claim_due(now(), 8).await.unwrap();
    let notice = claimed.iter().find(|message| message.kind == Kind::Notice).unwrap();
    tx.settle(notice, &Verdict::Sent("250 ok".to_owned()), now()).await.unwrap();
    tx.commit().await.unwrap();

    let (ended, said) = clinic.restores(&["--drill"]);
    assert_eq!(ended, 0, "{said}");
    for words in [
        "2 inquiries",
        "1 later erasures",
        "1 mails had left since; 0 mails",
        "every sealed value opens",
        "nothing was replaced",
        "1 drafts of calls are left out",
    ] {
        assert!(words == "2 inquiries" || said.contains(words), "{words} in {said}");
    }
    assert!(clinic.store.session(&digest("cookie")).await.unwrap().is_some(), "a drill changes nothing");
    assert!(!clinic.path("data/backwise.db.restore").exists());

    let lock = ServerLock::take(&clinic.path("data/backwise.db")).unwrap();
    let (ended, said) = clinic.restores(&["--force"]);
    assert!(ended == 1 && said.contains("already uses"), "{said}");
    drop(lock);
    let (ended, said) = clinic.restores(&[]);
    assert!(ended == 1 && said.contains("--force"), "{said}");
    clinic.store.close().await;
    let (ended, said) = clinic.restores(&["--force"]);
    assert!(ended == 0 && said.contains("is restored"), "{said}");

    let store = Clinic::open(&clinic.shell).await;
    assert!(store.inquiry(&gone).await.unwrap().is_none(), "what was erased stays erased");
    let back = store.inquiry(&stays).await.unwrap().unwrap();
    assert_eq!(back.answers.message.as_str(), "two");
    let states: Vec<(Kind, State)> =
        store.messages_of(back.seq).await.unwrap().iter().map(|mail| (mail.kind, mail.state)).collect();
    assert_eq!(states, [(Kind::Notice, State::Sent), (Kind::Acknowledgement, State::Queued)]);
    assert!(store.session(&digest("cookie")).await.unwrap().is_none());
    assert!(store.welcomed(&digest("link"), now()).await.unwrap().is_none());
    assert!(store.call_draft(&anna, "call").await.unwrap().is_none(), "it may have been stored or erased since");
    assert!(store.audit(9).await.unwrap().iter().any(|entry| entry.action == "database.restored"));
    store.close().await;
    assert_eq!(code(&clinic.shell.run(&["check"])), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_erases_is_told_which_backups_still_hold_it() {
    let clinic = Clinic::new().await;
    let reference = clinic.receives("one").await;
    clinic.shell.says(&["backup", "copy.db"]);
    clinic.shell.says(&["backup", "gone.db"]);
    fs::remove_file(clinic.path("gone.db")).unwrap();
    let said = clinic.shell.says(&["erase", "--reference", reference.as_str()]);
    assert!(said.contains("still in the backup") && said.contains("copy.db") && !said.contains("gone.db"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_disk_no_mail_is_sent_twice_and_none_is_forgotten() {
    let clinic = Clinic::new().await;
    let reference = clinic.receives("one").await;
    clinic.shell.says(&["backup", "copy.db"]);
    clinic.store.close().await;
    for end in ["", "-wal", "-shm"] {
        let _there = fs::remove_file(clinic.path(&format!("data/backwise.db{end}")));
    }
    let (ended, said) = clinic.restores(&[]);
    assert!(ended == 0 && said.contains("2 mails may have left and are held back"), "{said}");
    let store = Clinic::open(&clinic.shell).await;
    let inquiry = store.inquiry(&reference).await.unwrap().unwrap();
    for mail in store.messages_of(inquiry.seq).await.unwrap() {
        assert_eq!(mail.state, State::Failed);
        assert!(mail.last_answer.unwrap().starts_with("held back"));
    }
    store.close().await;
    assert_eq!(clinic.shell.says(&["mail", "retry", "--all"]), "2 queued\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_does_not_fit_is_refused_and_nothing_is_touched() {
    let clinic = Clinic::new().await;
    clinic.receives("one").await;
    clinic.shell.says(&["backup", "copy.db"]);
    clinic.store.close().await;
    let before = fs::read(clinic.path("data/backwise.db")).unwrap();
    let keys = clinic.path("data/sealing.keys");
    fs::rename(&keys, clinic.path("kept.keys")).unwrap();
    let (ended, said) = clinic.restores(&["--force"]);
    assert!(
        ended == 1 && said.contains("copy.db cannot be restored") && said.contains("sealing.keys; put that key there"),
        "{said}"
    );
    assert!(!keys.exists(), "no new key is made");
    fs::rename(clinic.path("kept.keys"), &keys).unwrap();

    let whole = fs::read(clinic.path("copy.db")).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    for (how, bytes) in [("empty", Vec::new()), ("half", half), ("garbage", b"no database".repeat(999))] {
        fs::write(clinic.path("copy.db"), bytes).unwrap();
        let (ended, said) = clinic.restores(&["--force"]);
        assert!(ended == 1 && said.contains("copy.db"), "{how}: {said}");
    }
    assert_eq!(fs::read(clinic.path("data/backwise.db")).unwrap(), before);
    assert!(!clinic.path("data/backwise.db.restore").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_is_told_of_its_own_tools() {
    let shell = Shell { folder: tempfile::tempdir().unwrap(), database: Some("postgres://localhost:1/x".to_owned()) };
    for (arguments, words) in [(["backup", "copy.db"], "pg_dump"), (["restore", "copy.db"], "pg_restore")] {
        let output = shell.run(&arguments);
        assert!(code(&output) == 2 && text(&output.stderr).contains(words), "{}", text(&output.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_changed_from_a_shell_while_the_server_runs() {
    let clinic = Clinic::new().await;
    let reference = clinic.receives("one").await;
    let before = clinic.shell.says(&["key", "list"]);
    assert!(before.lines().count() == 1 && before.trim_end().ends_with("seals"), "{before}");
    let said = clinic.shell.says(&["key", "rotate"]);
    for words in ["new key", "rows sealed anew", "is dropped", "keep a new copy of"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let after = clinic.shell.says(&["key", "list", "--json"]);
    assert!(after.lines().count() == 1 && !after.contains(&before[..8]), "{after}");
    assert_eq!(clinic.store.inquiry(&reference).await.unwrap().unwrap().answers.message.as_str(), "one");
    clinic.receives("two").await;
    // A rotation that was interrupted is finished before another begins.
    clinic.store.rotate_key(now()).await.unwrap();
    assert_eq!(clinic.shell.says(&["key", "list"]).lines().count(), 2);
    assert!(clinic.shell.says(&["key", "rotate"]).contains("interrupted"));
    assert_eq!(clinic.shell.says(&["key", "list"]).lines().count(), 1);
    let given = clinic
        .shell
        .command(&["key", "rotate"])
        .env(
            "BACKWISE_PRIVACY__KEYS",
            fs::read_to_string(clinic.path("data/sealing.keys"))
                .unwrap()
                .lines()
                .last()
                .unwrap()
                .split(' ')
                .nth(1)
                .unwrap(),
        )
        .output()
        .unwrap();
    assert!(code(&given) == 2 && text(&given.stderr).contains("privacy.keys"), "{}", text(&given.stderr));
}
