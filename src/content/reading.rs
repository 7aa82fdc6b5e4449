//! What a careful editor would say about content that works: nobody has reviewed it, its review is due, a sentence or a
//! paragraph is too long, a warning does not say "do not". None of it stops the site.

use jiff::civil::Date;

use super::Content;
use super::article::Mechanism;
use super::claim::Claim;
use super::condition::Caution;
use super::fault::{Fault, Prose};
use super::page::Review;
use super::reading_age::{OLDEST_READER, reading_age};
use super::technique::Technique;

/// People who are tired, in pain or new to the language lose the thread of longer sentences.
const LONGEST_SENTENCE: usize = 20;
/// A paragraph on a phone should fit on the screen with its heading.
const LONGEST_PARAGRAPH: usize = 3;

/// Each file about health, with its review.
fn reviews(content: &Content) -> Vec<(String, &Review)> {
    let mut reviews = vec![
        ("article.md".to_owned(), content.article().review()),
        ("cautions.toml".to_owned(), &content.cautions_review),
        ("red-flags.toml".to_owned(), content.red_flags().review()),
        ("suitability.md".to_owned(), content.suitability().review()),
        ("techniques.md".to_owned(), content.comparison().review()),
    ];
    let techniques = content.techniques().iter();
    reviews.extend(techniques.map(|technique| (technique_file(technique), technique.review())));
    reviews
}

fn technique_file(technique: &Technique) -> String {
    format!("techniques/{}.md", technique.slug())
}

/// The files about health that no clinician has reviewed, and claims of reviewed files that came after the review.
pub(super) fn unreviewed(content: &Content) -> Vec<Fault> {
    let mut open = Vec::new();
    for (file, review) in reviews(content) {
        if review.reviewed_by().is_none() {
            let what = "no clinician has reviewed this page; when one has, write reviewed_by and reviewed_on";
            open.push(Fault::new(&file, review.line(), what));
            continue;
        }
        let lines = claims_of(content, &file).filter_map(|claim| claim.own_review()?.line_if_open());
        let what = "no clinician has reviewed this claim; when one has, remove its reviewed_by, or name who has";
        open.extend(lines.map(|line| Fault::new(&file, line, what)));
    }
    open
}

/// The claims that a file makes.
fn claims_of<'a>(content: &'a Content, file: &str) -> Box<dyn Iterator<Item = &'a Claim> + 'a> {
    match file {
        "article.md" => {
            let article = content.article();
            Box::new(article.mechanisms().iter().map(Mechanism::claim).chain(article.claims()))
        }
        "red-flags.toml" => Box::new(content.red_flags().advice().iter()),
        _ => {
            let told = content.techniques().iter().find(|technique| technique_file(technique) == file);
            Box::new(told.into_iter().flat_map(Technique::claims))
        }
    }
}

/// The files whose review was due before `today`.
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
        Fault::new(&file, review.line_of_next(), what)
    })
    .collect()
}

/// The cautions that forbid something and do not say so: read alone, such a line could be taken for advice.
pub(super) fn soft_warnings(content: &Content) -> Vec<Fault> {
    let common = content.cautions().iter().map(|caution| ("cautions.toml".to_owned(), caution));
    let own = content
        .techniques()
        .iter()
        .flat_map(|technique| technique.cautions().iter().map(|caution| (technique_file(technique), caution)));
    let soft = |caution: &Caution| caution.level().is_avoid() && !caution.words().to_lowercase().contains("do not");
    let what = "this caution forbids something; say “do not” in it";
    common.chain(own).filter(|(_, caution)| soft(caution)).map(|(file, c)| Fault::new(&file, c.line(), what)).collect()
}

/// The sections that tell what massage may do and link to no source.
pub(super) fn unsourced(content: &Content) -> Vec<Fault> {
    let techniques = content.techniques().iter();
    let told = techniques.map(|technique| (technique_file(technique), technique.how_it_may_help()));
    let article = ("article.md".to_owned(), content.article().how_it_may_help());
    let what = "this section tells what massage may do and names no source; link one, as in [NICE](source:nice-ng59)";
    let open = std::iter::once(article).chain(told).filter(|(_, section)| !section.cites());
    open.map(|(file, section)| Fault::new(&file, section.line(), what)).collect()
}

/// The reading age of each file that has sentences, in the order of the files.
pub(super) fn reading_ages(prose: &[Prose]) -> Vec<(String, f64)> {
    let mut files: Vec<&str> = prose.iter().map(|prose| prose.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    let age = |file: &str| {
        let texts = prose.iter().filter(|prose| prose.file == file).map(|prose| prose.text.as_str());
        Some((file.to_owned(), reading_age(texts)?))
    };
    files.into_iter().filter_map(age).collect()
}

/// The files that ask too much of a reader.
pub(super) fn hard_words(ages: &[(String, f64)]) -> Vec<Fault> {
    let hard = ages.iter().filter(|(_, age)| *age > OLDEST_READER);
    let what = |age: &f64| {
        format!("the reading age is {age:.1}; take shorter words and sentences until it is {OLDEST_READER} or less")
    };
    hard.map(|(file, age)| Fault::new(file, 1, what(age))).collect()
}

/// The sentences and paragraphs that are too long.
pub(super) fn long_texts(prose: &[Prose]) -> Vec<Fault> {
    let mut faults = long_sentences(prose);
    for Prose { file, line, text } in prose {
        let number = sentences(text, &ENDS).len();
        if number > LONGEST_PARAGRAPH {
            let what = format!("the paragraph “{} …” has {number} sentences; make it two", start(text));
            faults.push(Fault::new(file, *line, what));
        }
    }
    faults
}

fn start(text: &str) -> String {
    text.split_whitespace().take(5).collect::<Vec<_>>().join(" ")
}

fn long_sentences(prose: &[Prose]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for Prose { file, line, text } in prose {
        for sentence in sentences(text, &ENDS_AND_COLON) {
            let words = sentence.split_whitespace().count();
            if words > LONGEST_SENTENCE {
                let what = format!("the sentence “{} …” has {words} words; make it two", start(sentence));
                faults.push(Fault::new(file, *line, what));
            }
        }
    }
    faults
}

const ENDS: [&str; 3] = [". ", "? ", "! "];
/// What follows a colon can be read by itself, so a long sentence may be parted there.
const ENDS_AND_COLON: [&str; 4] = [". ", "? ", "! ", ": "];

/// The text parted after each of the marks.
fn sentences<'t>(text: &'t str, marks: &[&str]) -> Vec<&'t str> {
    let mut sentences = Vec::new();
    let mut rest = text;
    while let Some(end) = marks.iter().filter_map(|mark| rest.find(mark)).min() {
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

    #[test]
    fn a_paragraph_of_three_sentences_passes_and_one_of_four_does_not() {
        let remarks = |text: &str| {
            let text = text.to_owned();
            long_texts(&[Prose { file: "a.md".to_owned(), line: 7, text }])
        };
        assert_eq!(remarks("One. Is it two? Three: yes."), []);
        let found = remarks("One and two and three. Two! Is it three? Four.");
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].to_string(),
            "a.md:7: the paragraph “One and two and three. …” has 4 sentences; make it two"
        );
    }

    #[test]
    fn a_file_with_long_words_is_named_with_its_reading_age() {
        let text = "Contraindications necessitate interdisciplinary consultation.".to_owned();
        let ages = reading_ages(&[Prose { file: "a.md".to_owned(), line: 7, text }]);
        let found = hard_words(&ages);
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().starts_with("a.md:1: the reading age is 50.0;"), "{}", found[0]);
        assert_eq!(hard_words(&[("a.md".to_owned(), OLDEST_READER)]), []);
    }
}
