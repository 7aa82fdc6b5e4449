//! What is wrong with a content file, said to the person who edits it: which file, which line, what to do.
//! Reading goes on after a fault, so that one run reports all of them.

use std::cell::RefCell;

/// One finding in one content file. Its text reads `techniques/hot-stone.md:7: what is wrong; what to do`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct Fault {
    file: String,
    line: usize,
    what: String,
}

impl Fault {
    pub(super) fn new(file: &str, line: usize, what: impl Into<String>) -> Self {
        // One line each, whatever the file holds: it may quote what an editor pasted.
        Self {
            file: file.replace(char::is_control, "\u{fffd}"),
            line,
            what: what.into().replace(char::is_control, "\u{fffd}"),
        }
    }

    /// The file, relative to the content folder.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, counted from 1; 1 also when the file as a whole is at fault.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong, and after the semicolon what to do about it.
    pub fn what(&self) -> &str {
        &self.what
    }
}

/// A stretch of text that people will read, kept with its place so that its sentences can be measured.
#[derive(Clone, Debug)]
pub(super) struct Prose {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) text: String,
}

/// What reading leaves behind besides the values: the faults, what an editor should look at, and the prose.
#[derive(Debug, Default)]
pub(super) struct Notes {
    faults: RefCell<Vec<Fault>>,
    remarks: RefCell<Vec<Fault>>,
    prose: RefCell<Vec<Prose>>,
}

impl Notes {
    pub(super) fn fault(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    pub(super) fn remark(&self, remark: Fault) {
        self.remarks.borrow_mut().push(remark);
    }

    /// What an editor should look at so far.
    pub(super) fn remarks(&self) -> Vec<Fault> {
        self.remarks.borrow().clone()
    }

    pub(super) fn prose(&self, prose: Prose) {
        self.prose.borrow_mut().push(prose);
    }

    /// The faults in the order of files and lines, and the prose.
    pub(super) fn finish(self) -> (Vec<Fault>, Vec<Prose>) {
        let mut faults = self.faults.into_inner();
        faults.sort();
        faults.dedup();
        (faults, self.prose.into_inner())
    }
}

/// The known word nearest to a mistyped one, when it is near enough to be what was meant.
pub(super) fn nearest<'w>(typed: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    /// Three slips of the finger; more is another word.
    const FARTHEST: usize = 3;
    known
        .map(|word| (strsim::osa_distance(typed, word), word))
        .filter(|(distance, _)| *distance <= FARTHEST)
        .min()
        .map(|(_, word)| word)
}

/// "; did you mean `x`?" or what to do instead.
pub(super) fn suggestion<'w>(typed: &str, known: impl Iterator<Item = &'w str>, otherwise: &str) -> String {
    match nearest(typed, known) {
        Some(word) => format!("did you mean `{word}`?"),
        None => otherwise.to_owned(),
    }
}
