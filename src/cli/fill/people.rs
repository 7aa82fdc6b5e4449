//! People who do not exist, and what they write: enough words that some are in nearly every inquiry, some in few.

const FIRST: &str = "Anna Ben Clara David Elif Fatima Georg Hanna Ines Jonas Katja Liam Mara Noah Olga Paul Quentin Rosa Samir Tilda \
Ugo Vera Willem Xenia Yusuf Zoe Aylin Björn Chloé Dörte Émile Friedrich Grete Hüseyin Igor Jana Kofi Lena Milan Nadia";
const LAST: &str = "Albrecht Bauer Çelik Dietrich Engel Fischer García Hoffmann Ito Jansen Kowalski Lehmann Müller Nguyen Öztürk Peters \
Quade Richter Schäfer Taylor Ullrich Vogel Weber Xu Yıldız Zimmermann Ahrens Brandt Castillo Drăgan Ekström Fabre Günther Hansen";
const PLACES: [&str; 8] =
    ["lower back", "upper back", "neck", "shoulder blades", "left side", "right side", "tailbone", "spine"];
const SINCE: [&str; 10] = [
    "since Monday",
    "for two weeks",
    "for months",
    "since a fall",
    "since my operation",
    "for years",
    "since moving house",
    "since the birth of my son",
    "since gardening",
    "after a long flight",
];
const WHEN: [&str; 12] = [
    "sitting at the desk",
    "bending down",
    "getting up",
    "carrying shopping",
    "driving",
    "sleeping on my side",
    "running",
    "lifting my daughter",
    "turning around",
    "climbing stairs",
    "coughing",
    "standing in the kitchen",
];
const ASKS: [&str; 10] = [
    "May I come this week?",
    "Which massage would you suggest?",
    "Is hot stone right for me?",
    "My physician said massage may help.",
    "Do you have a time in the evening?",
    "How long does a session last?",
    "I take blood thinners, is that a problem?",
    "Could you call me in the afternoon?",
    "What does it cost?",
    "Thank you for your advice.",
];
const NOTES: [&str; 6] = [
    "Called, nobody answered.",
    "Left a message on the machine.",
    "Wants the evening, offered Thursday.",
    "Asked to see a physician first.",
    "Knows us from last year.",
    "Sent the price list.",
];

/// The same dice every time: two databases that are filled alike are alike (splitmix64).
pub(super) struct Dice(u64);

/// Who writes.
pub(super) struct Person {
    pub name: String,
    pub email: String,
    pub phone: String,
}

impl Dice {
    pub(super) fn new() -> Self {
        Self(20_261_120)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`, which must be above 0.
    pub(super) fn below(&mut self, end: i64) -> i64 {
        i64::try_from(self.roll() >> 1).unwrap_or(0) % end
    }

    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.roll() >> 33).unwrap_or(0) % length
    }

    pub(super) fn one_in(&mut self, number: i64) -> bool {
        self.below(number) == 0
    }

    fn of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.index(words.len())]
    }

    fn word(&mut self, words: &'static str) -> &'static str {
        let number = words.split(' ').count();
        words.split(' ').nth(self.index(number)).unwrap_or_default()
    }
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

pub(super) fn message(dice: &mut Dice) -> String {
    let (place, since, when) = (dice.of(&PLACES), dice.of(&SINCE), dice.of(&WHEN));
    let begin = if dice.one_in(10) {
        format!("My {place} hurts {since}")
    } else {
        format!("I have had pain in my {place} {since}")
    };
    format!("{begin}, mostly when {when}. {} {}", dice.of(&ASKS), dice.of(&ASKS))
}

pub(super) fn note(dice: &mut Dice) -> String {
    format!("{} {}", dice.of(&NOTES), dice.of(&NOTES))
}
