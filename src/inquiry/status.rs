//! Where an inquiry stands.

/// The five states of an inquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody has answered it, or said that they are at it.
    New,
    /// Somebody is at it.
    Open,
    /// The clinic has answered.
    Answered,
    /// Nothing more to do.
    Closed,
    /// Suspected spam: kept and counted, mailed only when staff say it is none.
    Spam,
}

impl Status {
    /// All of them, in the order of the inbox.
    pub const ALL: [Self; 5] = [Self::New, Self::Open, Self::Answered, Self::Closed, Self::Spam];

    /// Those of what somebody has yet to answer, or to say that nobody need.
    pub const TO_DO: [Self; 2] = [Self::New, Self::Open];

    /// The word of URLs, forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Closed => "closed",
            Self::Spam => "spam",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether it is one of [`Self::TO_DO`].
    pub fn is_to_do(self) -> bool {
        Self::TO_DO.contains(&self)
    }

    /// Where staff may move it from here: the whole workflow, in one place. What is suspected to be spam is either
    /// none, and its mails leave, or closed.
    pub fn moves(self) -> &'static [Self] {
        match self {
            Self::New => &[Self::Open, Self::Answered, Self::Closed, Self::Spam],
            Self::Open => &[Self::New, Self::Answered, Self::Closed, Self::Spam],
            Self::Answered => &[Self::Open, Self::Closed],
            Self::Closed => &[Self::Open],
            Self::Spam => &[Self::New, Self::Open, Self::Closed],
        }
    }

    /// Where staff may move some of those that stand in these, in the order of the inbox.
    pub fn moves_of_some(these: &[Self]) -> Vec<Self> {
        let is_reached = |to: &Self| these.iter().any(|from| from.moves().contains(to));
        Self::ALL.into_iter().filter(is_reached).collect()
    }

    /// The word on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Open => "Open",
            Self::Answered => "Answered",
            Self::Closed => "Closed",
            Self::Spam => "Suspected spam",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_may_go_where_one_of_them_may() {
        use Status::{Answered, Closed, New, Open, Spam};
        assert_eq!(Status::moves_of_some(&[Answered]), [Open, Closed]);
        assert_eq!(Status::moves_of_some(&[Closed, Spam]), [New, Open, Closed]);
        assert_eq!(Status::moves_of_some(&[New, Open]), Status::ALL);
        assert!(Status::moves_of_some(&[]).is_empty());
    }

    #[test]
    fn from_everywhere_there_is_a_way_on_and_nothing_answered_becomes_spam() {
        for status in Status::ALL {
            assert!(!status.moves().is_empty() && !status.moves().contains(&status), "{status:?}");
        }
        for done in [Status::Answered, Status::Closed] {
            assert!(!done.moves().contains(&Status::Spam) && !done.moves().contains(&Status::New), "{done:?}");
        }
    }
}
