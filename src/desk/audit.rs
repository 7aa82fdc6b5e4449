//! Proving the audit log. Its chain shows a changed entry; that its end was cut off shows against the head that is kept
//! in a file of the data folder, outside the database.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::secret::private_file;
use crate::store::{AuditHead, AuditProof, Error, Store};

/// What was added since the file was written last could be cut off unseen: at most this long.
const KEPT_EVERY: Duration = Duration::from_secs(10);

/// Where the audit log stood when somebody last looked.
#[derive(Clone, Debug)]
pub struct HeadFile(PathBuf);

impl HeadFile {
    /// The file `audit.head` of this folder.
    pub fn of(data_dir: &Path) -> Self {
        Self(data_dir.join("audit.head"))
    }

    /// The head that is kept; None when there is no file yet.
    ///
    /// # Errors
    /// A file that cannot be read or holds something else.
    pub fn read(&self) -> io::Result<Option<AuditHead>> {
        match fs::read_to_string(&self.0) {
            Ok(text) => text.parse().map(Some).map_err(|cause| self.named(io::Error::other(cause))),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(self.named(cause)),
        }
    }

    /// Keeps a head, durably.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep(&self, head: &AuditHead) -> io::Result<()> {
        let write = || {
            let draft = self.0.with_extension(format!("{}.tmp", std::process::id()));
            let mut file = private_file(&draft)?;
            writeln!(file, "{head}")?;
            file.sync_all()?;
            fs::rename(&draft, &self.0)
        };
        write().map_err(|cause| self.named(cause))
    }

    fn named(&self, cause: io::Error) -> io::Error {
        io::Error::new(cause.kind(), format!("{}: {cause}", self.0.display()))
    }

    /// Keeps the present head, unless the log no longer holds the one that is kept: then the file is the proof of it, and
    /// stays as it is. False in that case.
    ///
    /// # Errors
    /// When the database or the file cannot be read, or the file not be written.
    pub async fn follow(&self, store: &Store) -> Result<bool, HeadError> {
        let (kept, head) = (self.read()?, store.audit_head().await?);
        if kept == Some(head) {
            return Ok(true);
        }
        if let Some(kept) = kept
            && kept.seq > 0
            && !store.has_audit_head(&kept).await?
        {
            return Ok(false);
        }
        self.keep(&head)?;
        Ok(true)
    }

    /// Follows the log until it is told to stop; says once when the log was cut off or rewritten.
    pub async fn follow_until(self, store: Store, mut stopped: watch::Receiver<bool>) {
        loop {
            match self.follow(&store).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::error!("the audit log does not hold what it held before; run: backwise audit verify");
                    return;
                }
                Err(cause) => tracing::warn!(%cause, "where the audit log stands could not be kept"),
            }
            let is_told = tokio::time::timeout(KEPT_EVERY, stopped.wait_for(|stop| *stop)).await.is_ok();
            if is_told {
                break;
            }
        }
        if let Err(cause) = self.follow(&store).await {
            tracing::warn!(%cause, "where the audit log stands at the end could not be kept");
        }
    }
}

/// Why a head was not kept.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
    /// The file.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// Reads the whole log against the heads that are known, and keeps its present head when nothing speaks against it.
///
/// # Errors
/// When the database or the file cannot be read, or the file not be written.
pub async fn prove_audit(store: &Store, file: &HeadFile, known: &[AuditHead]) -> Result<AuditProof, HeadError> {
    let known: Vec<AuditHead> = file.read()?.into_iter().chain(known.iter().copied()).collect();
    let proof = store.prove_audit(&known).await?;
    if proof.is_whole() {
        file.keep(&proof.head)?;
    }
    Ok(proof)
}

/// Takes a log as it is though a head that was kept is missing: after a restored copy, say. That somebody did so becomes
/// an entry, with the number that the log had reached.
///
/// # Errors
/// When it is not stored.
pub async fn accept_audit(store: &Store, file: &HeadFile, reached: i64, now: Timestamp) -> Result<(), HeadError> {
    let mut tx = store.begin().await?;
    tx.add_audit(now, "operator", "audit.accepted", "", &format!("had reached {reached}")).await?;
    tx.commit().await?;
    Ok(file.keep(&store.audit_head().await?)?)
}
