//! What made-up people write, and what is answered: enough words that some are in nearly every inquiry, some in few.
//! scripts/measure-desk searches for some of them.

use super::dice::Dice;

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
/// What some people tell besides.
const TELLS: [&str; 24] = [
    "I work in a warehouse and stand for eight hours.",
    "It is worse in the morning and eases after a warm shower.",
    "A friend told me about you.",
    "Some years ago I had a slipped disc, which healed without an operation.",
    "Painkillers help for an hour or two, then it comes back.",
    "I am sixty-three and otherwise well.",
    "At night I wake up and do not know how to lie.",
    "The X-ray showed nothing, and I was told to move more.",
    "I swim twice a week, which does me good.",
    "My left leg sometimes feels heavy, but I can walk as far as I like.",
    "I have never had a massage and am a little nervous.",
    "Last winter I was with a physiotherapist, ten times, and it was better for a while.",
    "Stress at the office makes it worse, I believe.",
    "I care for my mother and often have to lift her.",
    "Is there a lift in your house, and can I park nearby?",
    "I would rather be treated by a woman, if that is possible.",
    "Please write instead of calling, I cannot pick up at work.",
    "The insurance pays a part if you give me a receipt.",
    "I am allergic to nuts; do you use almond oil?",
    "My blood pressure is high and I take tablets for it.",
    "I play the cello, and by the end of a rehearsal I cannot turn my head.",
    "Heat helps, cold makes everything stiff.",
    "I have tried a new mattress, a cushion and exercises from the internet.",
    "It does not go into the arms, and nothing is numb.",
];
/// Made-up sentences of those who write in another language; each line is one language.
const ELSEWHERE: [[&str; 4]; 6] = [
    [
        "Guten Tag, mein Rücken schmerzt seit zwei Wochen, vor allem beim Bücken.",
        "Haben Sie nächste Woche noch einen Termin am Nachmittag frei?",
        "Mein Hausarzt meint, eine Massage könnte die Verspannung lösen.",
        "Ich freue mich über eine kurze Nachricht. Viele Grüße",
    ],
    [
        "Dzień dobry, od miesiąca bolą mnie plecy, szczególnie po pracy przy biurku.",
        "Czy mogę przyjść w przyszłym tygodniu po południu?",
        "Ile kosztuje masaż i jak długo trwa?",
        "Dziękuję za odpowiedź i pozdrawiam.",
    ],
    [
        "Καλημέρα σας, πονάει η μέση μου εδώ και τρεις εβδομάδες.",
        "Θα ήθελα ένα ραντεβού το απόγευμα, αν γίνεται.",
        "Ο γιατρός μου είπε ότι το μασάζ ίσως βοηθήσει.",
        "Σας ευχαριστώ πολύ για τον χρόνο σας.",
    ],
    [
        "مرحبا، عندي ألم في أسفل الظهر منذ أسبوعين.",
        "هل يوجد موعد في المساء هذا الأسبوع؟",
        "أعمل جالسا أمام الحاسوب طوال اليوم.",
        "شكرا لكم على المساعدة.",
    ],
    [
        "नमस्ते, मेरी पीठ में दो हफ़्ते से दर्द है।",
        "क्या मैं इस सप्ताह शाम को आ सकती हूँ?",
        "एक बार की मालिश का कितना पैसा लगता है?",
        "आपके उत्तर के लिए धन्यवाद।",
    ],
    [
        "先月から腰が痛くて困っています。",
        "来週の夕方に予約できますか。",
        "長く座っていると特に痛みます。",
        "どうぞよろしくお願いします。",
    ],
];
const NOTES: [&str; 12] = [
    "Called, nobody answered.",
    "Left a message on the machine.",
    "Wants the evening, offered Thursday.",
    "Asked to see a physician first.",
    "Knows us from last year.",
    "Sent the price list.",
    "Ben will treat.",
    "Needs a receipt for the insurance.",
    "Prefers e-mail.",
    "Allergic to almond oil.",
    "Try again after five.",
    "Moved to next week, room two.",
];
const THANKS: [&str; 4] = [
    "Thank you for writing.",
    "Thank you for your message.",
    "Thank you for asking us.",
    "Good morning, and thank you for your trust.",
];
const OFFERS: [&str; 8] = [
    "We can offer you Thursday at 10:30 or Friday at 16:00.",
    "We can offer you a massage of half an hour on Monday evening.",
    "From what you write, a gentle massage is a good beginning.",
    "Please ask your physician first, and tell us what they say.",
    "A session takes an hour; the prices are on our website.",
    "With blood thinners we work without pressure, and hot stone is not for you.",
    "We have no time left this week, but several next Tuesday.",
    "Please come a little earlier the first time, so that we can talk.",
];
const ENDS: [&str; 5] = [
    "Just answer this mail to confirm.",
    "Please call us if neither suits you.",
    "We look forward to seeing you.",
    "We hope it gets better soon.",
    "Kind regards from the whole team.",
];

/// What a person writes: mostly two or three sentences, now and then a page, a few in another language.
pub(super) fn message(dice: &mut Dice) -> String {
    if dice.one_in(30) {
        return elsewhere(dice);
    }
    let (place, since) = (dice.of(&PLACES), dice.of(&SINCE));
    let (when, also) = (dice.of(&WHEN), dice.of(&WHEN));
    let begin = if dice.one_in(14) {
        format!("My {place} hurts {since}")
    } else {
        format!("I have had pain in my {place} {since}")
    };
    let tells = match dice.below(100) {
        0..76 => 0,
        76..92 => 1,
        92..98 => 2,
        // From a thousand characters to four thousand.
        _ => 18 + dice.below(45),
    };
    let told: String = (0..tells).map(|_| format!("{} ", dice.of(&TELLS))).collect();
    let also = if also == when { "lying down" } else { also };
    format!("{begin}, mostly when {when} or {also}. {told}{} {}", dice.of(&ASKS), dice.of(&ASKS))
}

fn elsewhere(dice: &mut Dice) -> String {
    let sentences = &ELSEWHERE[dice.index(ELSEWHERE.len())];
    let number = 2 + dice.index(sentences.len() - 1);
    sentences[..number].join(" ")
}

pub(super) fn note(dice: &mut Dice) -> String {
    let first = dice.of(&NOTES);
    if dice.one_in(2) { first.to_owned() } else { format!("{first} {}", dice.of(&NOTES)) }
}

/// What staff answers.
pub(super) fn reply(dice: &mut Dice) -> String {
    let (thanks, offer) = (dice.of(&THANKS), dice.of(&OFFERS));
    let more = if dice.one_in(6) { format!(" {}", dice.of(&OFFERS)) } else { String::new() };
    let end = if dice.one_in(2) { format!(" {}", dice.of(&ENDS)) } else { String::new() };
    format!("{thanks} {offer}{more}{end}")
}
