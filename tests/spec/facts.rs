//! Every fact that patients must find, on its page: what massage may do, what to expect, who should be careful, and how sure
//! anyone can be.

use crate::app::App;
use crate::pages::PUBLIC;

/// What massage may do for a back. A bar parts wordings of which one must stand.
const ARTICLE: [(&str, &[&str]); 5] = [
    (
        "/",
        &[
            "Back pain can be relieved by massage therapy",
            "relieve tension",
            "circulation",
            "loosen stiff muscles",
            "endorphins",
            "natural pain relievers|own pain relievers",
            "nervous system",
            "Pain signals may then stand out less",
            "There are several ways to massage a back",
            "depends, among other things, on where your pain comes from and what caused it",
            "mild discomfort is not unusual",
            "massage should not be painful",
            "If you feel a sharp pain, speak up right away",
            "For many people, massage brings relief from back pain",
            "Ask a doctor (physician) whether massage could help you",
            "Used correctly, massage can serve people with chronic back pain that does not involve severe injury (trauma)",
            "Contact us for more information on massage and back pain",
        ],
    ),
    (
        "/techniques",
        &[
            "Deep tissue massage",
            "Swedish massage",
            "Hot stone massage",
            "depends, among other things, on where your pain comes from and what caused it",
            "75 to 90 minutes",
        ],
    ),
    (
        "/techniques/deep-tissue",
        &[
            "works to release the connective tissue in your back",
            "greater range of motion",
            "may help pain that was caused by straining",
            "Do not have deep tissue massage if you have a ruptured disc",
            "Some mild discomfort is not unusual",
            "should not be painful",
            "If you feel a sharp pain, speak up right away",
        ],
    ),
    (
        "/techniques/swedish",
        &[
            "entire body",
            "massage oil",
            "loosen knots in your muscles and to relieve tension",
            "lasts longer than deep tissue massage",
            "In most cases it takes 75 to 90 minutes",
            "may help a number of back problems",
            "Do not have Swedish massage if you are pregnant",
            "Some mild discomfort is not unusual",
            "should not be painful",
            "If you feel a sharp pain, speak up right away",
        ],
    ),
    (
        "/techniques/hot-stone",
        &[
            "heated stones on certain parts of your body",
            "The stones warm your muscles",
            "more deeply than otherwise",
            "people who need to target one area of the back",
            "Do not have hot stones on broken skin",
            "Do not have hot stones on sunburned skin",
            "Some mild discomfort is not unusual",
            "should not be painful",
            "If you feel a sharp pain, speak up right away",
        ],
    ),
];

/// What makes a page about health safe.
const SAFETY: [(&str, &[&str]); 5] = [
    (
        "/",
        &[
            "pain, tingling, weakness or numbness in both legs",
            "numbness or tingling around your genitals or buttocks",
            "trouble passing urine",
            "no longer control your bladder or bowels",
            "chest pain",
            "after a serious accident",
            "high temperature",
            "lost weight without trying",
            "a lump or swelling in your back, or your back has changed shape",
            "does not ease when you rest, or it is worse at night",
            "when you sneeze, cough or open your bowels",
            "between your shoulders",
            "Most back pain gets better within a few weeks",
            "Keep moving as well as you can. Do not stay in bed.",
            "See a doctor if the pain has not got better after a few weeks. See one sooner if it stops your daily life.",
            "NHS (National Health Service, England): Back pain",
            "25 trials with 3,096 people. It has very little confidence that massage works for low-back pain",
            "some relief for a short time. The harms were minor",
            "Cochrane Database of Systematic Reviews, CD001929, 2015",
            "mapped 17 reviews of massage for pain. None of them reached a conclusion of high certainty",
            "JAMA Network Open",
            "(NICE) allows massage for low-back pain. It says: only together with exercise",
            "conditional, and its certainty is very low",
            "World Health Organization",
            "option for recent (acute or subacute) low-back pain",
            "(chronic) pain it is not among their first choices",
            "American College of Physicians",
            "401 people",
            "about equally well. So nobody needs to choose the harder one",
            "blood thinners or have a bleeding disorder",
            "blood clot (deep vein thrombosis)",
            "broken bone (fracture)",
            "severe osteoporosis",
            "if you have cancer",
            "fever or an infection",
            "a wound or a burn that is still healing",
            "a part of your skin is numb",
            "nobody knows where your pain comes from",
            "Ask your midwife or doctor first if you are pregnant, and choose a therapist trained for pregnancy",
            "Mayo Clinic",
            "NCCIH",
            "We sell massage",
            "A clinician has not yet reviewed this page",
            "Next review due",
        ],
    ),
    ("/techniques", &["You do not need to choose the harder massage", "We sell massage", "Next review due"]),
    ("/techniques/deep-tissue", &["Cherkin", "Cochrane", "We sell massage", "Next review due"]),
    (
        "/techniques/swedish",
        &[
            "from week 12 on was studied in 12 trials, with few side effects",
            "Talk with your midwife or doctor",
            "choose a therapist who is trained for it",
            "Mueller SM, Grunwald M",
            "We sell massage",
            "Next review due",
        ],
    ),
    (
        "/techniques/hot-stone",
        &[
            "Warmth on the skin has better proof than massage for recent pain",
            "on numb skin before you have asked a doctor. You may not feel a burn",
            "with diabetes and nerve damage before you have asked a doctor. You may not feel a burn",
            "American College of Physicians",
            "We sell massage",
            "Next review due",
        ],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_stands_on_its_page() {
    let app = App::start().await;
    for (path, words) in ARTICLE.into_iter().chain(SAFETY) {
        let page = app.get(path).await.words();
        for fact in words {
            assert!(fact.split('|').any(|words| page.contains(words)), "{path} does not say {fact:?}");
        }
    }
    for path in PUBLIC {
        assert!(app.get(path).await.text().contains("href=\"/contact"), "{path} calls to write");
    }
}

/// What it is, how it may help, who should not have it, what to expect, how sure we are, when to get help, contact.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_about_health_tells_things_in_their_order() {
    let app = App::start().await;
    let home = [
        "id=\"what-it-is\"",
        "id=\"how-it-may-help\"",
        "id=\"who-should-not-have-it\"",
        "id=\"what-to-expect\"",
        "id=\"how-sure-are-we\"",
        "id=\"when-to-get-help\"",
        "id=\"contact-us\"",
        "id=\"sources\"",
        "Next review due",
    ];
    let technique = [
        "id=\"what-it-is\"",
        "id=\"how-it-may-help\"",
        "id=\"cautions\"",
        "id=\"what-to-expect\"",
        "id=\"how-sure\"",
        "id=\"get-help\"",
        "href=\"/contact?technique=",
        "id=\"sources\"",
        "Next review due",
    ];
    let techniques = PUBLIC.into_iter().filter(|path| path.starts_with("/techniques/"));
    for (path, order) in std::iter::once(("/", home)).chain(techniques.map(|path| (path, technique))) {
        let page = app.get(path).await.text();
        let places: Vec<_> =
            order.iter().map(|part| page.find(part).unwrap_or_else(|| panic!("{path}: {part}"))).collect();
        assert!(places.is_sorted(), "{path}: {places:?}");
    }
}
