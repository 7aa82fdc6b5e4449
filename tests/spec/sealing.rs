//! What people wrote is sealed: a copy of the database gives nothing away, what was tampered with is noticed, and keys
//! change while the clinic works.

use std::path::Path;

use backwise::contact::{EmailAddress, PhoneNumber};
use backwise::inquiry::{Choices, Inquiry, InquiryForm, NewInquiry, Reference, Status};
use backwise::outbox::{Kind, Verdict};
use backwise::secret::{KeySource, digest};
use backwise::staff::Role;
use backwise::store::{
    BoxWords, Call, DraftBox, EntryKind, Error, Expected, InboxFilter, Inserted, PageOrder, Receiving, Resealing,
    Shown, Sort, Store, Tx, asked, words,
};
use jiff::Timestamp;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Connection, Row, SqlSafeStr};

use crate::app::{FRIDAY_AT_TEN, keys, new_postgres_database, patience};

/// One word for each field, as nobody else writes it.
pub const CANARIES: [&str; 14] = [
    "Zanzibarname",
    "zeppelinmail",
    "01632960777",
    "zimtzeit",
    "pregnancy",
    "Zwiebelwort",
    "Zaunkoenignotiz",
    "Zitherantwort",
    "zollserver",
    "zuckerstein",
    "Zettelentwurf",
    "Zweitnotiz",
    "Zaungast",
    "Zwischenruf",
];

/// A day of insights.
const DAY: i64 = 20_777;

/// A database that can be opened, closed and looked into behind the program's back.
struct House {
    folder: tempfile::TempDir,
    url: Option<String>,
}

impl House {
    async fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), url: new_postgres_database().await }
    }

    fn keys(&self) -> KeySource {
        keys(self.folder.path())
    }

    async fn open(&self) -> Store {
        self.open_with(&self.keys()).await.unwrap()
    }

    async fn open_with(&self, keys: &KeySource) -> Result<Store, Error> {
        match &self.url {
            Some(url) => Store::open_postgres(&url.clone().into(), 5, keys, patience().database).await,
            None => {
                Store::open_sqlite(
                    &self.folder.path().join("backwise.db"),
                    Expected::Anything,
                    keys,
                    patience().database,
                )
                .await
            }
        }
    }

    /// Does something to the rows that the program would not.
    async fn tampers(&self, sql: &str) {
        match &self.url {
            Some(url) => {
                let mut db = sqlx::PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut db).await.unwrap();
            }
            None => {
                let mut db = self.sqlite().await;
                sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut db).await.unwrap();
            }
        }
    }

    async fn sqlite(&self) -> sqlx::SqliteConnection {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.folder.path().join("backwise.db"));
        sqlx::SqliteConnection::connect_with(&options.create_if_missing(true)).await.unwrap()
    }

    /// Everything that a thief of the database gets: the file with its log, or every column of every table.
    async fn loot(&self) -> Vec<u8> {
        let Some(url) = &self.url else {
            let bytes = |name: &str| std::fs::read(self.folder.path().join(name)).unwrap_or_default();
            return [bytes("backwise.db"), bytes("backwise.db-wal")].concat();
        };
        let mut db = sqlx::PgConnection::connect(url).await.unwrap();
        let tables = sqlx::query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            .fetch_all(&mut db)
            .await
            .unwrap();
        let mut loot = String::new();
        for table in tables {
            let table: String = table.get(0);
            for row in
                sqlx::query(AssertSqlSafe(format!("SELECT t::text FROM {table} t"))).fetch_all(&mut db).await.unwrap()
            {
                loot += &row.get::<String, _>(0);
            }
        }
        loot.into_bytes()
    }
}

/// Whether a text stands in bytes, as it is or as PostgreSQL writes bytes.
pub fn holds(loot: &[u8], text: &str) -> bool {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    [text.to_owned(), text.to_lowercase(), hex]
        .iter()
        .any(|text| loot.windows(text.len()).any(|part| part == text.as_bytes()))
}

fn now() -> Timestamp {
    FRIDAY_AT_TEN.parse().unwrap()
}

pub fn written(message: &str, token: &str) -> NewInquiry {
    let form = InquiryForm {
        urgent: "unsure".into(),
        technique: "zuckerstein".into(),
        name: "Anna Zanzibarname".into(),
        email: "anna.zeppelinmail@clinic.example".into(),
        phone: "01632960777".into(),
        best_time: "zimtzeit".into(),
        health: vec!["pregnancy".into()],
        message: message.into(),
        consent: "yes".into(),
        token: token.into(),
        ..InquiryForm::default()
    };
    form.parse(Choices { techniques: &["zuckerstein".to_owned()], conditions: &["pregnancy".to_owned()] }).unwrap()
}

async fn add_in(tx: &mut Tx, message: &str, token: &str) -> i64 {
    let reference = Reference::random().unwrap();
    let receiving = Receiving {
        reference: &reference,
        receipt_digest: &digest(token),
        received_at: now(),
        answer_by: now(),
        status: Status::New,
        consent_version: "test",
        signals: &[],
    };
    match tx.add_inquiry(&written(message, token), &receiving).await.unwrap() {
        Inserted::New(seq) => seq,
        other => panic!("{other:?}"),
    }
}

pub async fn add(store: &Store, message: &str, token: &str) -> i64 {
    let mut tx = store.begin().await.unwrap();
    let seq = add_in(&mut tx, message, token).await;
    tx.commit().await.unwrap();
    seq
}

/// An inquiry with a word of its own in everything that can be written about it.
async fn add_everything(store: &Store) -> i64 {
    let seq = add(store, "Mein Zwiebelwort schmerzt", "one").await;
    let mut tx = store.begin().await.unwrap();
    tx.add_entry(seq, now(), None, EntryKind::Note, "Zaunkoenignotiz").await.unwrap();
    tx.add_words(seq, &words::words_and_beginnings("Zaunkoenignotiz")).await.unwrap();
    tx.add_entry(seq, now(), None, EntryKind::Reply, "Zitherantwort").await.unwrap();
    tx.add_words(seq, &words::words_and_beginnings("Zitherantwort")).await.unwrap();
    tx.add_message(seq, Kind::Acknowledgement, None, None, now()).await.unwrap();
    let claimed = tx.claim_due(now(), 8).await.unwrap();
    tx.settle(&claimed[0], &Verdict::GiveUp("550 zollserver knows no such mailbox".into()), now()).await.unwrap();
    tx.keep_insight_day("UTC", DAY, Some("1 zuckerstein")).await.unwrap();
    let boxes = [(DraftBox::Reply, BoxWords::Are("Zettelentwurf")), (DraftBox::Note, BoxWords::Are("Zweitnotiz"))];
    let shown = Shown { was: "e=anna.zeppelinmail".to_owned(), ..Shown::default() };
    let address = EmailAddress::parse("desk@clinic.example").unwrap();
    let staff = tx.add_staff(&address, "Name", Role::Staff, now()).await.unwrap().unwrap();
    tx.keep_draft(seq, &staff, boxes, &shown, now()).await.unwrap();
    tx.keep_call_draft(&staff, "call", &called(), now()).await.unwrap();
    tx.commit().await.unwrap();
    seq
}

/// Whether all of it is there, for those who may read it.
async fn is_whole(store: &Store, seq: i64) -> Inquiry {
    let stored = store.inquiry_by_seq(seq).await.unwrap().unwrap();
    assert_eq!(&stored.answers, written("Mein Zwiebelwort schmerzt", "one").answers());
    let said: Vec<String> = store.timeline(seq).await.unwrap().into_iter().map(|entry| entry.words).collect();
    assert_eq!(said, ["Zaunkoenignotiz", "Zitherantwort"]);
    let answer = store.messages_of(seq).await.unwrap()[0].last_answer.clone().unwrap();
    assert!(answer.contains("zollserver"));
    for word in ["zwiebelwort", "ZAUNKOENIGNOTIZ", "zitherantwort", "zanzi", "zeppel", "01632", "zimtzeit"] {
        assert!(found(store, word).await.contains(&seq), "{word}");
    }
    let filter = InboxFilter { technique: Some("zuckerstein".to_owned()), urgent: true, ..InboxFilter::default() };
    let listed = store.inbox(&filter, Sort::UrgentFirst, PageOrder::First, 9).await.unwrap().rows;
    assert!(listed.iter().any(|row| row.inquiry.seq == seq), "it is listed by what was chosen");
    stored
}

/// What somebody has taken down of a call.
fn called() -> Call {
    let form = InquiryForm { name: "Zaungast".to_owned(), message: "Zwischenruf".to_owned(), ..InquiryForm::default() };
    Call { form, ..Call::default() }
}

/// Whether the drafts open, for their writer.
async fn has_draft(store: &Store, seq: i64) -> bool {
    let staff = store.staff().await.unwrap().remove(0).id;
    let draft = store.draft(seq, &staff).await.unwrap().unwrap();
    assert_eq!(format!("{draft:?}"), format!("Draft({})", now()), "no word of it gets into a log by mistake");
    let call = store.call_draft(&staff, "call").await.unwrap().unwrap();
    assert_eq!(format!("{call:?}{:?}", called()), format!("CallDraft({})Call(…)", now()), "nor of a call");
    call.call == Some(called())
        && (draft.reply.as_str(), draft.note.as_str()) == ("Zettelentwurf", "Zweitnotiz")
        && draft.shown.was == "e=anna.zeppelinmail"
}

async fn found(store: &Store, words: &str) -> Vec<i64> {
    let filter = InboxFilter { words: asked::asked(words), ..InboxFilter::default() };
    store
        .inbox(&filter, Sort::UrgentFirst, PageOrder::First, 9)
        .await
        .unwrap()
        .rows
        .iter()
        .map(|row| row.inquiry.seq)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_database_gives_nothing_away_that_a_person_wrote() {
    let house = House::new().await;
    let store = house.open().await;
    let seq = add_everything(&store).await;
    let stored = is_whole(&store, seq).await;
    assert!(has_draft(&store, seq).await);
    let loot = house.loot().await;
    assert!(holds(&loot, stored.reference.as_str()), "what is in the clear is found in the loot");
    for canary in CANARIES {
        assert!(!holds(&loot, canary), "{canary}");
    }
    store.close().await;
    let loot = house.loot().await;
    for canary in CANARIES {
        assert!(!holds(&loot, canary), "{canary} after closing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_was_changed_or_moved_or_replaced_is_never_shown() {
    for (how, sql, column) in [
        (
            "a flipped bit",
            "UPDATE inquiry SET message = substr(message, 1, 40) || {x} || substr(message, 42)",
            "message",
        ),
        ("the first byte", "UPDATE inquiry SET name = {x} || substr(name, 2)", "name"),
        ("a cut value", "UPDATE inquiry SET message = substr(message, 1, 60)", "message"),
        (
            "another row's value",
            "UPDATE inquiry SET name = (SELECT max(o.name) FROM inquiry o WHERE o.seq <> inquiry.seq)",
            "name",
        ),
        ("another column's value", "UPDATE inquiry SET phone = email", "phone"),
        ("another reference", "UPDATE inquiry SET reference = 'BW-2222-222' || (seq + 1)", "email"),
        ("another column in place of the choices", "UPDATE inquiry SET chosen = email", "chosen"),
        ("a plain value", "UPDATE inquiry SET name = {plain}", "name"),
    ] {
        let house = House::new().await;
        let store = house.open().await;
        let (first, _) = (add(&store, "one", "one").await, add(&store, "two", "two").await);
        // bytea has no max(): its hex has.
        let sql = match &house.url {
            Some(_) => sql
                .replace("{x}", "'\\x5a'::bytea")
                .replace("{plain}", "'\\x416e6e61'::bytea")
                .replace("SELECT max(o.name)", "SELECT decode(max(encode(o.name, 'hex')), 'hex')"),
            None => sql
                .replace(
                    "substr(message, 1, 40) || {x} || substr(message, 42)",
                    "CAST(substr(message, 1, 40) || x'5a' || substr(message, 42) AS BLOB)",
                )
                .replace("{x} || substr(name, 2)", "CAST(x'5a' || substr(name, 2) AS BLOB)")
                .replace("{plain}", "'Anna'"),
        };
        house.tampers(&sql).await;
        let read = store.inquiry_by_seq(first).await;
        assert!(matches!(&read, Err(Error::Damaged(named)) if *named == column), "{how}: {read:?}");
        assert!(!read.unwrap_err().to_string().contains("Anna"));
        let rows = store.inbox(&InboxFilter::default(), Sort::UrgentFirst, PageOrder::First, 9).await.unwrap().rows;
        let names: Vec<&str> = rows.iter().map(|row| row.inquiry.answers.name.as_str()).collect();
        assert!(names.len() == 2 && names.contains(&"Damaged: restore it from a backup"), "{how}: {names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_opens_in_its_own_line_only() {
    let house = House::new().await;
    let store = house.open().await;
    let seq = add_everything(&store).await;
    house
        .tampers("UPDATE entry SET words = (SELECT o.words FROM entry o WHERE o.kind = 'note') WHERE kind = 'reply'")
        .await;
    assert!(matches!(store.timeline(seq).await, Err(Error::Damaged("words"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_its_key_is_refused_and_no_new_key_is_made() {
    let house = House::new().await;
    let store = house.open().await;
    let name = store.sealing_state().await.unwrap().current;
    add(&store, "words", "one").await;
    store.close().await;
    let other = tempfile::tempdir().unwrap();
    let refusal = house.open_with(&keys(other.path())).await.unwrap_err().to_string();
    assert!(refusal.contains(&name.to_string()) && refusal.contains("sealing.keys"), "{refusal}");
    assert!(!other.path().join("sealing.keys").exists());
    keys(other.path()).create().unwrap();
    assert!(matches!(house.open_with(&keys(other.path())).await, Err(Error::KeyMissing { .. })));
    house.open().await.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_changes_while_people_write_and_search() {
    let house = House::new().await;
    let serving = house.open().await;
    let seq = add_everything(&serving).await;
    let first = serving.sealing_state().await.unwrap().current;

    let command = house.open().await;
    let second = command.rotate_key(now()).await.unwrap();
    assert_ne!(first, second);
    is_whole(&serving, seq).await;
    assert_eq!(serving.insight_days(DAY, DAY + 1).await.unwrap(), [(DAY, "1 zuckerstein".to_owned())]);
    let later = add(&serving, "a later word", "two").await;
    assert_eq!(found(&serving, "later").await, [later]);
    let mut tx = serving.begin().await.unwrap();
    let writer = EmailAddress::parse("ANNA.zeppelinmail@clinic.example").unwrap();
    assert_eq!(tx.acknowledgements_since(&writer, now() - jiff::SignedDuration::from_hours(1)).await.unwrap(), 1);
    drop(tx);
    assert!(command.retire_keys().await.unwrap().is_empty(), "the first key still opens something");

    let mut progress = Resealing::default();
    assert!(!command.reseal(&mut progress).await.unwrap());
    command.close().await;
    let again = house.open().await;
    let mut progress = Resealing::default();
    while !again.reseal(&mut progress).await.unwrap() {
        is_whole(&serving, seq).await;
    }
    assert_eq!(progress.broken, 0);
    assert_eq!(again.retire_keys().await.unwrap(), [first]);
    assert_eq!(house.keys().load().unwrap().ids(), [second]);
    assert_eq!(serving.sealing_state().await.unwrap().keys.len(), 1);
    is_whole(&serving, seq).await;
    assert_eq!(serving.insight_days(DAY, DAY + 1).await.unwrap(), [(DAY, "1 zuckerstein".to_owned())]);
    let stored = serving.inquiry_by_seq(later).await.unwrap().unwrap();
    let mut tx = serving.begin().await.unwrap();
    let contact = stored.answers.contact.clone().with_phone(PhoneNumber::parse("01632 960 888").unwrap());
    tx.set_contact(&stored, &contact).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(&serving, "888").await, [later]);
    assert_eq!(serving.references_of(&writer).await.unwrap().len(), 2);
    let fresh = house.open().await;
    is_whole(&fresh, seq).await;
    assert!(has_draft(&fresh, seq).await, "a draft was sealed anew too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_does_not_open_keeps_its_key_from_being_dropped() {
    let house = House::new().await;
    let store = house.open().await;
    add_everything(&store).await;
    house
        .tampers("UPDATE entry SET words = (SELECT o.words FROM entry o WHERE o.kind = 'note') WHERE kind = 'reply'")
        .await;
    store.rotate_key(now()).await.unwrap();
    let mut progress = Resealing::default();
    while !store.reseal(&mut progress).await.unwrap() {}
    assert!(progress.broken > 0);
    assert!(store.retire_keys().await.unwrap().is_empty());
    assert_eq!(house.keys().load().unwrap().ids().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_words_and_their_beginnings() {
    let house = House::new().await;
    let store = house.open().await;
    let mut tx = store.begin().await.unwrap();
    // References have no O: no beginning of one is taken for these words.
    let rare = add_in(&mut tx, "common solo organ Rückenschmerzpatientin", "rare").await;
    for number in 0..1_050 {
        add_in(&mut tx, "common words", &format!("token {number}")).await;
    }
    tx.commit().await.unwrap();
    assert_eq!(found(&store, "solo").await, [rare]);
    assert_eq!(found(&store, "common solo").await, [rare], "a common word beside a rare one");
    assert_eq!(found(&store, "common anna").await.len(), 9, "two common words");
    assert_eq!(found(&store, "za zeppel clin 0163").await.len(), 9);
    assert_eq!(found(&store, "sol comm").await, [rare], "the beginnings of words in a message");
    assert_eq!(found(&store, "ruckenschmerzpatie").await, [rare], "however long");
    assert!(found(&store, "common words solo").await.is_empty(), "common words, and a rare one elsewhere");
    assert_eq!(found(&store, "so").await, [rare], "two letters of a word in a message");
    assert_eq!(found(&store, "o").await, [rare], "one letter, too");
    assert_eq!(found(&store, "c").await.len(), 9);
    for nothing in ["xo", "ommon", "solo words", "common nobody", "ж"] {
        assert!(found(&store, nothing).await.is_empty(), "{nothing}");
    }
    let reference = store.inquiry_by_seq(rare).await.unwrap().unwrap().reference;
    assert_eq!(found(&store, reference.as_str()).await, [rare]);
    assert!(found(&store, &reference.as_str()[..6]).await.contains(&rare));
}

#[tokio::test(flavor = "multi_thread")]
async fn common_words_are_found_where_they_meet_however_seldom() {
    let house = House::new().await;
    let store = house.open().await;
    let mut tx = store.begin().await.unwrap();
    for number in 0..1_010 {
        add_in(&mut tx, "sofa", &format!("sofa {number}")).await;
        add_in(&mut tx, "stool", &format!("stool {number}")).await;
    }
    let both = add_in(&mut tx, "stool, then sofa", "both").await;
    tx.commit().await.unwrap();
    assert_eq!(found(&store, "sofa").await.len(), 9);
    assert_eq!(found(&store, "sofa stool").await, [both]);
    assert_eq!(found(&store, "stool sofa then").await, [both]);
    assert!(found(&store, "sofa stool never").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_in_plain_is_sealed_at_the_next_start_and_leaves_no_trace() {
    let house = House::new().await;
    let engine = if house.url.is_some() { "postgres" } else { "sqlite" };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let sql = std::fs::read_to_string(folder.join("0001_inquiries_and_desk.sql")).unwrap();
    let first =
        Migration::new(1, "inquiries and desk".into(), MigrationType::Simple, AssertSqlSafe(sql).into_sql_str(), false);
    let migrator = Migrator::with_migrations(vec![first]);
    match &house.url {
        Some(url) => migrator.run(&mut sqlx::PgConnection::connect(url).await.unwrap()).await.unwrap(),
        None => migrator.run(&mut house.sqlite().await).await.unwrap(),
    }
    let blob = |hex: &str| if house.url.is_some() { format!("'\\x{hex}'::bytea") } else { format!("x'{hex}'") };
    house
        .tampers(&format!(
            "INSERT INTO inquiry (reference, submission, receipt_digest, received_at, answer_by, rank, status, urgent, name, email, \
             email_folded, phone, contact_by, voicemail, technique, best_time, health, message, consent_version, signals) VALUES \
             ('BW-7K3M-9QXT', {}, {}, 1, 1, 0, 'new', 'unsure', 'Anna Zanzibarname', 'anna.zeppelinmail@clinic.example', \
             'anna.zeppelinmail@clinic.example', '01632960777', 'email', FALSE, 'zuckerstein', 'zimtzeit', 'pregnancy', \
             'Mein Zwiebelwort schmerzt', 'test', ''), \
             ('BW-7K3M-9QXV', {}, {}, 1, 1, 1, 'new', 'no', 'Bert', NULL, NULL, '01632960778', 'phone', FALSE, NULL, NULL, '', 'Kurz', 'test', ''); \
             INSERT INTO inquiry_word (word, inquiry) VALUES ('zwiebelwort', 1), ('zanzibarname', 1); \
             INSERT INTO entry (inquiry, at, kind, words) VALUES (1, 1, 'note', 'Zaunkoenignotiz'), (1, 1, 'reply', 'Zitherantwort'); \
             INSERT INTO outbox (id, inquiry, kind, state, created_at, attempts, next_attempt_at, give_up_at, last_answer) \
             VALUES ('m', 1, 'acknowledgement', 'failed', 1, 1, 1, 1, '550 zollserver');",
            blob(&"01".repeat(32)), blob(&"02".repeat(32)), blob(&"03".repeat(32)), blob(&"04".repeat(32)),
        ))
        .await;
    assert!(holds(&house.loot().await, "Zwiebelwort"));
    let store = house.open().await;
    is_whole(&store, 1).await;
    let second = store.inquiry(&Reference::parse("BW-7K3M-9QXV").unwrap()).await.unwrap().unwrap();
    assert_eq!((second.answers.name.as_str(), second.answers.health.len()), ("Bert", 0));
    for (words, inquiry) in [("zwiebelw", 1), ("zaunk", 1), ("zith", 1), ("kur", 2)] {
        assert_eq!(found(&store, words).await, [inquiry], "{words}");
    }
    let loot = house.loot().await;
    for canary in CANARIES {
        assert!(!holds(&loot, canary), "{canary}");
    }
    store.close().await;
    is_whole(&house.open().await, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_when_short_beginnings_found_nothing_is_found_by_them_after_the_next_start() {
    let house = House::new().await;
    let store = house.open().await;
    let seq = add(&store, "Mein Ohr", "one").await;
    assert_eq!(found(&store, "o").await, [seq]);
    store.close().await;
    house.tampers("DELETE FROM inquiry_token; DELETE FROM _sqlx_migrations WHERE version = 110").await;
    let store = house.open().await;
    assert_eq!((found(&store, "o").await, found(&store, "oh").await), (vec![seq], vec![seq]));
}
