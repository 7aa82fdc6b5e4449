//! What a new desk still lacks, as the inbox tells admins until it is done, and everybody while it is empty. Computed from how things are, so that what is done is ticked
//! whoever did it, and the list goes away by itself.

use super::super::bench::Bench;
use crate::store::{InboxFilter, OutboxCounts, Piles};

/// One thing to do.
pub(super) struct Step {
    pub title: &'static str,
    pub is_done: bool,
    pub what: What,
}

/// What is said about it, and offered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Clinic,
    Staff,
    /// Mails become files.
    MailServer,
    /// A mail server is set and has taken none yet.
    TestMail,
    Inquiry,
}

/// The steps that this person can take, done or not; None when nothing is left to do.
pub(super) fn first_steps(bench: &Bench, piles: &Piles, outbox: OutboxCounts) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    if bench.actor.is_admin() {
        // A name that only this machine knows: the default, and nobody's mailbox.
        let is_default = bench.policy.staff.iter().all(|address| address.domain() == "localhost");
        steps.push(Step {
            title: "Say who you are",
            is_done: bench.site.clinic.example_keys.is_empty(),
            what: What::Clinic,
        });
        steps.push(Step { title: "Say who is told of inquiries", is_done: !is_default, what: What::Staff });
        steps.push(Step {
            title: "See a mail arrive",
            is_done: bench.policy.mails_leave && outbox.sent > 0,
            what: if bench.policy.mails_leave { What::TestMail } else { What::MailServer },
        });
    }
    let has_inquiry = piles.count(&InboxFilter::default()) > 0;
    steps.push(Step { title: "Take the first inquiry", is_done: has_inquiry, what: What::Inquiry });
    steps.iter().any(|step| !step.is_done).then_some(steps)
}
