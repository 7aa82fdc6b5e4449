//! What a careful editor would say about content that works: nobody has reviewed it, its review is due,
//! a sentence is too long. None of it stops the site.

use jiff::civil::Date;

use super::Content;
use super::fault::{Fault, Prose};
use super::page::Review;

/// People who are tired, in pain or new to the language lose the thread of longer sentences.
const LONGEST_SENTENCE: usize = 20;

/// Each file that has a review, with it.
fn reviews(content: &Content) -> Vec<(String, &Review)> {
    let mut reviews = vec![
        ("article.md".to_owned(), content.article().review()),
        ("red-flags.toml".to_owned(), content.red_flags().review()),
        ("suitability.md".to_owned(), content.suitability().review()),
        ("techniques.md".to_owned(), content.comparison().review()),
    ];
    let techniques = content.techniques().iter();
    reviews.extend(techniques.map(|technique| (format!("techniques/{}.md", technique.slug()), technique.review())));
    reviews
}

/// The pages about health that no clinician has reviewed.
pub(super) fn unreviewed(content: &Content) -> Vec<Fault> {
    let open = reviews(content).into_iter().filter(|(_, review)| review.reviewed_by().is_none());
    open.map(|(file, _)| Fault::new(&file, 1, "no clinician has reviewed this page; write reviewed_by and reviewed_on"))
        .collect()
}

/// The pages whose review was due before `today`.
pub(super) fn overdue(content: &Content, today: Date) -> Vec<Fault> {
    let statements = [
        ("privacy.md".to_owned(), content.privacy().review()),
        ("accessibility.md".to_owned(), content.accessibility().review()),
        ("contact.md".to_owned(), content.contact().review()),
    ];
    let all = reviews(content).into_iter().chain(statements);
    let due = all.filter(|(_, review)| review.next_review() < today);
    due.map(|(file, review)| {
        let what =
            format!("the review was due on {}; review the page and write a new next_review", review.next_review());
        Fault::new(&file, 1, what)
    })
    .collect()
}

/// The sentences that are too long.
pub(super) fn long_sentences(prose: &[Prose]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for Prose { file, line, text } in prose {
        for sentence in sentences(text) {
            let words = sentence.split_whitespace().count();
            if words > LONGEST_SENTENCE {
                let start: Vec<_> = sentence.split_whitespace().take(5).collect();
                let what = format!("the sentence “{} …” has {words} words; make it two", start.join(" "));
                faults.push(Fault::new(file, *line, what));
            }
        }
    }
    faults
}

/// Sentences end at a full stop, a question mark, an exclamation mark or a colon before a space.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut rest = text;
    while let Some(end) = [". ", "? ", "! ", ": "].iter().filter_map(|mark| rest.find(mark)).min() {
        let (sentence, after) = rest.split_at(end + 1);
        sentences.push(sentence);
        rest = after;
    }
    sentences.push(rest);
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_of_twenty_words_passes_and_one_of_twenty_one_does_not() {
        let remarks = |words: usize| {
            let text = format!("Short one. {}. Is it? Yes!", vec!["word"; words].join(" "));
            long_sentences(&[Prose { file: "a.md".to_owned(), line: 7, text }])
        };
        assert_eq!(remarks(20), []);
        assert_eq!(remarks(21).len(), 1);
        assert_eq!(
            remarks(21)[0].to_string(),
            "a.md:7: the sentence “word word word word word …” has 21 words; make it two"
        );
    }
}
