//! People who do not exist.

use super::dice::Dice;
use crate::inquiry::Answers;

const FIRST: &str = "Anna Ben Clara David Elif Fatima Georg Hanna Ines Jonas Katja Liam Mara Noah Olga Paul Quentin Rosa Samir Tilda \
Ugo Vera Willem Xenia Yusuf Zoe Aylin Björn Chloé Dörte Émile Friedrich Grete Hüseyin Igor Jana Kofi Lena Milan Nadia";
const LAST: &str = "Albrecht Bauer Çelik Dietrich Engel Fischer García Hoffmann Ito Jansen Kowalski Lehmann Müller Nguyen Öztürk Peters \
Quade Richter Schäfer Taylor Ullrich Vogel Weber Xu Yıldız Zimmermann Ahrens Brandt Castillo Drăgan Ekström Fabre Günther Hansen";
const BEST_TIMES: [&str; 6] = [
    "weekdays after 17:00",
    "mornings before nine",
    "Tuesday or Thursday",
    "lunch break, from twelve to one",
    "any time",
    "not on Fridays",
];

/// Who writes.
pub(super) struct Person {
    pub name: String,
    pub email: String,
    pub phone: String,
}

pub(super) fn person(dice: &mut Dice, seq: i64) -> Person {
    let (first, last) = (dice.word(FIRST), dice.word(LAST));
    let email = format!("person{}@made-up.example", dice.below(200_000));
    // Numbers that Ofcom keeps for fiction.
    let phone = format!("01632 960{:03}", seq % 1_000);
    let (email, phone) = match dice.below(3) {
        0 => (email, String::new()),
        1 => (String::new(), phone),
        _ => (email, phone),
    };
    Person { name: format!("{first} {last} (made up)"), email, phone }
}

pub(super) fn best_time(dice: &mut Dice) -> String {
    if dice.one_in(4) { dice.of(&BEST_TIMES).to_owned() } else { String::new() }
}

/// Somebody who wrote before.
pub(super) fn person_of(answers: &Answers) -> Person {
    Person {
        name: answers.name.as_str().to_owned(),
        email: answers.contact.email().map_or_else(String::new, |email| email.as_str().to_owned()),
        phone: answers.contact.phone().map_or_else(String::new, |phone| phone.as_str().to_owned()),
    }
}
