//! Where an inquiry stands.

/// The five states of an inquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody has taken it up.
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
