//! What is asked before a reply leaves. Its words are kept and the page that asks is another one: no browser that goes back to it
//! wants to send a form once more, and whoever sent the reply meanwhile is not asked about it any more.

use actix_web::HttpResponse;
use jiff::SignedDuration;

use super::done::SAID_FOR;
use super::leaving::Leaving;
use super::order::Order;
use super::{Bench, Carried, Inquiry, Typed, routes, store};
use crate::outbox::OwedMessage;
use crate::store::{Entry, EntryKind};
use crate::web::gaps::is_gap;

/// Why a reply was not sent yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// Lines of it wait to be filled.
    Gaps,
    /// Such lines were changed by hand beside their boxes.
    Beside,
    /// They have sent the very same before.
    Twice,
}

impl Asking {
    const ALL: [Self; 3] = [Self::Gaps, Self::Beside, Self::Twice];

    /// The word of an address.
    fn as_str(self) -> &'static str {
        match self {
            Self::Gaps => "gaps",
            Self::Beside => "beside",
            Self::Twice => "twice",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asking| asking.as_str() == text)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Gaps => {
                "A line holds only “-”: write what is missing there, or take the line out. To send it as it is, press the button once more."
            }
            Self::Beside => {
                "You changed the lines with “-” and filled in their boxes too, so both were put together. Look the whole reply over, and send it again."
            }
            Self::Twice => {
                "You have sent exactly this already: it is the newest reply under “What happened”. Nothing was sent now. To send it a second time, press the button once more."
            }
        }
    }
}

/// Who finds the box of a reply empty after this time has not just sent it.
const JUST_SENT: SignedDuration = SignedDuration::from_mins(30);

impl Order {
    /// That their reply was sent, for who finds its box empty and presses the button once more; None where they sent none.
    pub(super) async fn has_replied(&self) -> Option<String> {
        let Self { bench, inquiry, .. } = self;
        // The answer says what is missing all the same.
        let timeline = bench.store.timeline(inquiry.seq).await.unwrap_or_default();
        let newest = bench.just_replied(&timeline).filter(|newest| bench.is_own(newest))?;
        Some(format!(" You sent a reply {}: it stands under “What happened”.", bench.age(newest.at)))
    }

    /// Keeps the reply, and goes to the page that asks.
    pub(super) async fn asks(&self, asking: Asking, typed: Typed) -> HttpResponse {
        match self.keep(&typed, Carried::by(&self.fields).as_ref(), None).await {
            Ok(()) => {
                let after = routes::inquiry_asking(self.inquiry.reference.as_str(), asking.as_str());
                self.to(&(after + &self.chosen_beside(&typed)))
            }
            Err(cause) => self.failed(&cause, typed).await,
        }
    }
}

impl Bench {
    /// The newest reply, where it is not long ago.
    fn just_replied<'a>(&self, timeline: &'a [Entry]) -> Option<&'a Entry> {
        let newest = timeline.iter().rfind(|entry| entry.kind == EntryKind::Reply)?;
        Some(newest).filter(|newest| self.now.duration_since(newest.at) < JUST_SENT)
    }

    /// That somebody has just replied: whoever goes back to the page finds the box empty.
    pub(super) fn replied_lately(&self, timeline: &[Entry], messages: &[OwedMessage]) -> Option<String> {
        let newest = self.just_replied(timeline)?;
        let (who, ago) = (self.who(newest)?, self.age(newest.at));
        Some(match self.leaving_of(newest, messages) {
            Leaving::Soon | Leaving::Sent => format!("{who} sent a reply {ago}."),
            held => format!("{who} wrote a reply {ago}; it {}.", held.words(true)),
        })
    }

    /// The page as it asks, where what it asks about still stands in the box of the reply.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn asking(
        &self,
        inquiry: &Inquiry,
        asking: Option<Asking>,
        typed: Typed,
    ) -> Result<Typed, store::Error> {
        let Some(asking) = asking.filter(|_| !typed.reply.trim().is_empty()) else { return Ok(typed) };
        let stands = match asking {
            Asking::Gaps => typed.reply.lines().any(is_gap),
            Asking::Beside => typed.kept.as_ref().is_some_and(|kept| self.now.duration_since(kept.at) <= SAID_FOR),
            Asking::Twice => {
                let timeline = self.store.timeline(inquiry.seq).await?;
                let newest = timeline.iter().rfind(|entry| entry.kind == EntryKind::Reply);
                newest.is_some_and(|newest| newest.words.trim() == typed.reply.trim())
            }
        };
        if !stands {
            return Ok(typed);
        }
        let has_gaps = asking == Asking::Gaps;
        let (reply_error, is_sent_already) = (Some(asking.words().to_owned()), asking == Asking::Twice);
        Ok(Typed { reply_error, has_gaps, is_sent_already, ..typed })
    }
}
