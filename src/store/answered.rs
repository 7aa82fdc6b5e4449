//! What a reply does to its inquiry by leaving, or by not leaving: nobody counts as answered by a mail that was given up.

use jiff::{SignedDuration, Timestamp};
use sqlx::QueryBuilder;

use super::entry::{EntryKind, entry_words};
use super::row::Columns;
use super::{Error, Tx, writing};
use crate::inquiry::{Reference, Status};
use crate::outbox::{About, Kind, OwedMessage, State, Verdict};

/// Who writes when no person does.
const SYSTEM: &str = "system";
/// A change is undone within this time; what comes later is another change.
const UNDONE_WITHIN: SignedDuration = SignedDuration::from_mins(30);

/// An inquiry as a transaction sees it that may change it.
struct Standing {
    seq: i64,
    reference: Reference,
    status: Status,
    answered_at: Option<Timestamp>,
    /// The one that is kept in its place.
    kept: Option<i64>,
}

impl Tx {
    /// Before a reply is settled, its inquiry is locked: everyone else takes hold of the inquiry first and of its mails after.
    pub(super) async fn hold_inquiry_of(&mut self, message: &OwedMessage) -> Result<(), Error> {
        if let (Kind::Reply, About::Inquiry { seq, .. }) = (message.kind, &message.about) {
            self.standing(*seq).await?;
        }
        Ok(())
    }

    /// What became of a reply, for its inquiry.
    pub(super) async fn follow_reply(
        &mut self,
        message: &OwedMessage,
        verdict: &Verdict,
        state: State,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (Kind::Reply, About::Inquiry { seq, .. }) = (message.kind, &message.about) else { return Ok(()) };
        let Some(inquiry) = self.standing(*seq).await? else { return Ok(()) };
        match state {
            State::Queued => Ok(()),
            State::Sent => self.reply_left(&inquiry, now).await,
            State::Failed => self.reply_failed(&inquiry, why(verdict), now).await,
        }
    }

    /// The first one that left answers an inquiry that counted as unanswered since one did not.
    async fn reply_left(&mut self, inquiry: &Standing, now: Timestamp) -> Result<(), Error> {
        if inquiry.answered_at.is_some() {
            return Ok(());
        }
        self.mark_answered(inquiry.seq, now).await?;
        if inquiry.status.is_to_do() {
            self.set_status(inquiry.seq, Status::Answered).await?;
        }
        self.note(inquiry, EntryKind::Delivered, "", "inquiry.reply-sent", now).await
    }

    /// Back to what is to be done, unless somebody answered in another way.
    async fn reply_failed(&mut self, inquiry: &Standing, why: &str, now: Timestamp) -> Result<(), Error> {
        let answered_at = self.still_answered_at(inquiry.seq).await?;
        self.set_answered(inquiry.seq, answered_at).await?;
        self.note(inquiry, EntryKind::Undelivered, why, "inquiry.reply-failed", now).await?;
        if answered_at.is_some() {
            return Ok(());
        }
        let Some(kept) = inquiry.kept else { return self.reopen(inquiry).await };
        // Staff deal with the one that is kept.
        let Some(kept) = self.standing(kept).await? else { return Ok(()) };
        self.reopen(&kept).await?;
        self.note(&kept, EntryKind::Undelivered, why, "inquiry.reply-failed", now).await
    }

    async fn reopen(&mut self, inquiry: &Standing) -> Result<(), Error> {
        match inquiry.status {
            Status::Answered | Status::Closed => self.set_status(inquiry.seq, Status::Open).await,
            Status::New | Status::Open | Status::Spam => Ok(()),
        }
    }

    async fn standing(&mut self, inquiry: i64) -> Result<Option<Standing>, Error> {
        let lock = if matches!(self, Self::Postgres(_)) { " FOR UPDATE OF i" } else { "" };
        writing!(self, db => {
            let mut query = QueryBuilder::new(
                "SELECT i.seq, i.reference, i.status, i.answered_at, k.seq AS kept \
                 FROM inquiry i LEFT JOIN inquiry k ON k.reference = i.merged_into WHERE i.seq = ",
            );
            query.push_bind(inquiry).push(lock);
            query.build().fetch_optional(db).await?.map(|row| standing(&row)).transpose()
        })
    }

    async fn note(
        &mut self,
        inquiry: &Standing,
        kind: EntryKind,
        words: &str,
        action: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.bump_version(inquiry.seq, None).await?;
        self.add_entry(inquiry.seq, now, None, kind, words).await?;
        self.add_audit(now, SYSTEM, action, inquiry.reference.as_str(), "").await
    }

    /// When somebody answered whose answer stands: by a reply that was not given up, or by saying that they called.
    async fn still_answered_at(&mut self, inquiry: i64) -> Result<Option<Timestamp>, Error> {
        let replied = writing!(&mut *self, db => {
            sqlx::query("SELECT min(created_at) AS at FROM outbox WHERE inquiry = $1 AND kind = 'reply' AND state <> 'failed'")
                .bind(inquiry).fetch_one(db).await?.maybe_time("at")?
        });
        let called = self.called_at(inquiry).await?;
        Ok([replied, called].into_iter().flatten().min())
    }

    /// When somebody said first that it is answered, and did not take that back at once.
    async fn called_at(&mut self, inquiry: i64) -> Result<Option<Timestamp>, Error> {
        let sealing = self.sealing();
        let changes: Vec<(Timestamp, String)> = writing!(self, db => {
            sqlx::query("SELECT seq, at, words FROM entry WHERE inquiry = $1 AND kind = 'status' ORDER BY seq")
                .bind(inquiry).fetch_all(db).await?.iter()
                // What does not open says nothing.
                .filter_map(|row| Some((row.time("at").ok()?, entry_words(row, row.number("seq").ok()?, &sealing).ok()?)))
                .collect()
        });
        Ok(first_called(&changes))
    }

    async fn set_answered(&mut self, inquiry: i64, at: Option<Timestamp>) -> Result<(), Error> {
        let at = at.map(Timestamp::as_millisecond);
        writing!(self, db => {
            sqlx::query("UPDATE inquiry SET answered_at = $1 WHERE seq = $2").bind(at).bind(inquiry).execute(db).await?;
        });
        Ok(())
    }
}

/// A word for the timeline. What the server said may quote an address, which somebody may put right, and then it is gone.
fn why(verdict: &Verdict) -> &'static str {
    if matches!(verdict, Verdict::TryAgain(_)) { "week" } else { "refused" }
}

fn standing(row: &impl Columns) -> Result<Standing, Error> {
    Ok(Standing {
        seq: row.number("seq")?,
        reference: Reference::parse(&row.text("reference")?).ok_or(Error::Damaged("reference"))?,
        status: Status::parse(&row.text("status")?).ok_or(Error::Damaged("status"))?,
        answered_at: row.maybe_time("answered_at")?,
        kept: row.maybe_number("kept")?,
    })
}

/// Of changes of the status in order, the first to "answered" that was not undone.
fn first_called(changes: &[(Timestamp, String)]) -> Option<Timestamp> {
    let stands = |place: usize, at: Timestamp, before: &str| {
        let next = changes.get(place + 1);
        !next.is_some_and(|(later, words)| {
            words.strip_prefix("answered>") == Some(before) && later.duration_since(at) < UNDONE_WITHIN
        })
    };
    changes.iter().enumerate().find_map(|(place, (at, words))| {
        let before = words.strip_suffix(">answered")?;
        stands(place, *at, before).then_some(*at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_stands_unless_it_was_taken_back_at_once() {
        let at = |minutes: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        let called = |changes: &[(i64, &str)]| {
            let changes: Vec<_> = changes.iter().map(|(minutes, words)| (at(*minutes), (*words).to_owned())).collect();
            first_called(&changes)
        };
        assert_eq!(called(&[]), None);
        assert_eq!(called(&[(1, "new>open"), (2, "answered>closed")]), None);
        assert_eq!(called(&[(1, "open>answered"), (2, "answered>closed")]), Some(at(1)));
        assert_eq!(called(&[(1, "open>answered"), (2, "answered>open")]), None, "it was a slip");
        assert_eq!(called(&[(1, "open>answered"), (40, "answered>open")]), Some(at(1)), "they called back");
        assert_eq!(called(&[(1, "open>answered"), (2, "answered>open"), (5, "open>answered")]), Some(at(5)));
    }
}
