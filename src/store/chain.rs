//! The audit log as a chain: each entry's hash covers its content and the hash before it, so that nobody changes, takes
//! out or puts in an entry without changing every hash after it. What a chain cannot show by itself is that its end was
//! cut off; for that an [`AuditHead`] is kept elsewhere.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::audit::{AuditEntry, entry};
use super::row::Columns;
use super::{Error, Store, Tx, reading, writing};

/// Entries read at once.
const PAGE: i64 = 1_000;

/// PostgreSQL lets only one transaction at a time add to the chain: who holds the lock of this number.
const CHAIN_LOCK: i64 = 0x0061_7564_6974;

/// The last entry of the log: where it stood at some time. Written as `120:5f3a…`, to be kept outside the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditHead {
    /// The entry's number; 0 when there is none.
    pub seq: i64,
    /// Its hash, SHA-256; zeros when there is none.
    pub hash: [u8; 32],
}

impl AuditHead {
    /// Before the first entry.
    const NONE: Self = Self { seq: 0, hash: [0; 32] };

    /// The head once this entry is added: the hash over what it says and over the present head's.
    fn then(&self, entry: &AuditEntry) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.hash);
        hash.update(entry.seq.to_be_bytes());
        hash.update(entry.at.as_millisecond().to_be_bytes());
        for part in [&entry.actor, &entry.action, &entry.subject, &entry.detail] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self { seq: entry.seq, hash: hash.finalize().into() }
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.seq)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is no head of an audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no head of an audit log; write it as `backwise audit verify` prints it, like 120:5f3a…")]
pub struct NotAHead;

impl FromStr for AuditHead {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let (seq, digits) = text.trim().split_once(':').ok_or(NotAHead)?;
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotAHead);
        }
        let mut hash = [0; 32];
        for (byte, at) in hash.iter_mut().zip((0..).step_by(2)) {
            *byte = digits.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok()).ok_or(NotAHead)?;
        }
        Ok(Self { seq: seq.parse().map_err(|_| NotAHead)?, hash })
    }
}

/// What reading the whole log has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditProof {
    /// Entries read.
    pub entries: u64,
    /// The last of them.
    pub head: AuditHead,
    /// The first entry that is not what its hash says, or whose predecessor is not.
    pub broken: Option<i64>,
    /// Heads known from elsewhere that the log does not hold (any more).
    pub missing: Vec<AuditHead>,
}

impl AuditProof {
    /// Whether nothing speaks against the log.
    pub fn is_whole(&self) -> bool {
        self.broken.is_none() && self.missing.is_empty()
    }
}

impl Store {
    /// The last entry of the log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_head(&self) -> Result<AuditHead, Error> {
        reading!(self, db => head(sqlx::query(HEAD).fetch_optional(db).await?.as_ref()))
    }

    /// Whether the log holds this very entry.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_audit_head(&self, wanted: &AuditHead) -> Result<bool, Error> {
        let found = reading!(self, db => {
            let row = sqlx::query("SELECT seq, hash FROM audit WHERE seq = $1").bind(wanted.seq).fetch_optional(db).await?;
            head(row.as_ref())?
        });
        Ok(found == *wanted)
    }

    /// Reads the whole log and proves that each entry follows from the one before; `known` are heads that were kept
    /// elsewhere and must be in it. It reads page by page: a million entries take some seconds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn prove_audit(&self, known: &[AuditHead]) -> Result<AuditProof, Error> {
        let mut proof = AuditProof { entries: 0, head: AuditHead::NONE, broken: None, missing: Vec::new() };
        let mut unseen: HashSet<AuditHead> = known.iter().copied().filter(|head| *head != AuditHead::NONE).collect();
        loop {
            let page: Vec<(AuditEntry, Vec<u8>)> = reading!(self, db => {
                sqlx::query("SELECT seq, at, actor, action, subject, detail, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2")
                    .bind(proof.head.seq).bind(PAGE).fetch_all(db).await?.iter()
                    .map(|row| Ok((entry(row)?, row.bytes("hash").unwrap_or_default()))).collect::<Result<_, Error>>()?
            });
            if page.is_empty() {
                break;
            }
            for (entry, kept) in &page {
                let next = proof.head.then(entry);
                if kept.as_slice() != next.hash && proof.broken.is_none() {
                    proof.broken = Some(entry.seq);
                }
                proof.entries += 1;
                // Behind a broken entry the chain goes on from what is kept, so that the end still has a name.
                proof.head = AuditHead { seq: entry.seq, hash: kept.as_slice().try_into().unwrap_or(next.hash) };
                unseen.remove(&proof.head);
            }
        }
        proof.missing = unseen.into_iter().collect();
        proof.missing.sort_unstable();
        Ok(proof)
    }

    /// Gives the entries of a log from before there was a chain their hashes, once.
    pub(super) async fn chain_audit(&self) -> Result<(), Error> {
        let unchained =
            "SELECT seq, at, actor, action, subject, detail FROM audit WHERE hash IS NULL ORDER BY seq LIMIT $1";
        if reading!(self, db => sqlx::query(unchained).bind(1_i64).fetch_optional(db).await?.is_none()) {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        tx.lock_chain().await?;
        let mut last = AuditHead::NONE;
        loop {
            let page: Vec<AuditEntry> = writing!(&mut tx, db => {
                sqlx::query(unchained).bind(PAGE).fetch_all(db).await?.iter().map(entry).collect::<Result<_, _>>()?
            });
            if page.is_empty() {
                return tx.commit().await;
            }
            for entry in &page {
                last = last.then(entry);
                writing!(&mut tx, db => {
                    sqlx::query("UPDATE audit SET hash = $1 WHERE seq = $2").bind(last.hash.to_vec()).bind(last.seq).execute(db).await?;
                });
            }
        }
    }
}

const HEAD: &str = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";

impl Tx {
    /// Gives the entry its number and hash. Two writers cannot both follow the same entry: SQLite has one writer, and on
    /// PostgreSQL the second waits until the first has committed, which is why the entry is the last thing of a
    /// transaction.
    pub(super) async fn follow_head(&mut self, entry: &mut AuditEntry) -> Result<AuditHead, Error> {
        self.lock_chain().await?;
        let last = writing!(self, db => head(sqlx::query(HEAD).fetch_optional(db).await?.as_ref()))?;
        entry.seq = last.seq + 1;
        Ok(last.then(entry))
    }

    async fn lock_chain(&mut self) -> Result<(), Error> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(CHAIN_LOCK).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

fn head(row: Option<&impl Columns>) -> Result<AuditHead, Error> {
    let Some(row) = row else { return Ok(AuditHead::NONE) };
    let hash = row.bytes("hash")?.try_into().map_err(|_| Error::Damaged("hash"))?;
    Ok(AuditHead { seq: row.number("seq")?, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_written_and_nothing_else_is() {
        let head = AuditHead { seq: 120, hash: [0xa5; 32] };
        assert_eq!(head.to_string().parse(), Ok(head));
        for odd in ["", ":", "1:", "1:zz", "x:00", &format!("1:{}", "é".repeat(32)), &format!("1:{}", "0".repeat(63))]
        {
            assert_eq!(odd.parse::<AuditHead>(), Err(NotAHead), "{odd}");
        }
    }

    #[test]
    fn a_hash_covers_every_part_and_where_it_ends() {
        let entry = |seq, at, parts: [&str; 4]| AuditEntry {
            seq,
            at: crate::clock::from_milliseconds(at),
            actor: parts[0].into(),
            action: parts[1].into(),
            subject: parts[2].into(),
            detail: parts[3].into(),
        };
        let all = [
            entry(1, 1, ["ab", "c", "d", "e"]),
            entry(2, 1, ["ab", "c", "d", "e"]),
            entry(1, 2, ["ab", "c", "d", "e"]),
            entry(1, 1, ["a", "bc", "d", "e"]),
            entry(1, 1, ["ab", "c", "de", ""]),
            entry(1, 1, ["ab", "c", "", "de"]),
        ];
        let mut hashes: Vec<_> = all.iter().map(|entry| AuditHead::NONE.then(entry).hash).collect();
        hashes.push(AuditHead { seq: 0, hash: [1; 32] }.then(&all[0]).hash);
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 7);
    }
}
