//! Searching: somebody on the phone says half a name, and whatever was written, in whatever script, is found and shown.

use jiff::SignedDuration;

use crate::app::App;
use crate::people::{PASSWORD, Patient, Staff, somebody_asks};

/// What the lines of a page say, each with its hits in brackets.
fn lines(page: &str) -> Vec<String> {
    let page = page.replace("<mark>", "[").replace("</mark>", "]");
    let line = |line: &str| crate::http::words(&format!("<p{}", line.split("</ol>").next().unwrap()));
    page.split("<li class=\"line").skip(1).map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_script_is_searched_and_the_hit_is_shown() {
    let app = App::start().await;
    for words in ["昨日から腰が痛いです", "ปวดหลังส่วนล่าง", "ΜΕΓΑΛΟΣ ΠΟΝΟΣ", "Łukasz poszedł", "I don’t sleep"]
    {
        somebody_asks(&app, words).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (search, shown) in [
        ("痛い", "昨日から腰が[痛い]です"),
        ("หลัง", "ปวด[หลัง]ส่วนล่าง"),
        ("πόνος μεγάλος", "[ΜΕΓΑΛΟΣ] [ΠΟΝΟΣ]"),
        ("lukasz", "[Łukasz] poszedł"),
        ("dont", "I [don’t] sleep"),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", search).finish();
        let page = staff.opens(&format!("/admin/inquiries?{query}")).await.text();
        let found = lines(&page);
        assert!(found.len() == 1 && found[0].contains(shown), "{search}: {found:?}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_word_is_shown_where_it_stands_and_a_number_however_it_was_dialled() {
    let app = App::start().await;
    let form =
        Patient::opens_the_form(&app).await.answers("name", "Wilhelmina Zett").answers("phone", "+49 (30) 123-45 67");
    let form = form.answers("email", "w.zettbauer@praxis-am-see.example");
    form.answers("message", "My shoulder since Monday").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    staff.posts(&format!("{path}/notes"), &[("note", "Has a voucher for lavender oil")]).await;
    for (search, shown) in [
        ("zett+voucher", "[Zett]"),
        ("zett+voucher", "Note: Has a [voucher] for lavender oil"),
        ("shoulder+lavender", "My [shoulder] since Monday"),
        ("shoulder+lavender", "for [lavender] oil"),
        ("%2B49301234567", "Phone: [+49 (30) 123-45 67]"),
        ("0301234567", "Phone: [+49 (30) 123-45 67]"),
        ("zett", "My shoulder since Monday"),
        ("w.zettbauer%40praxis-am-see.example", "Email: [w].[zettbauer]@[praxis]-[am]-see.example"),
    ] {
        let page = staff.opens(&format!("/admin/inquiries?q={search}")).await.text();
        let found = lines(&page);
        assert!(found.len() == 1 && found[0].contains(shown), "{search}: {found:?}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_found_with_whatever_spaces_and_with_or_without_the_code_of_its_country() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await.answers("message", "45 kg, 20 years, 79 or 46");
    for number in ["+44 20 7946 0999", "020 7946 0888", "581 2345"] {
        form.clone().answers("phone", number).gets_a_receipt().await;
    }
    form.answers("message", "L5 in 2019, L4 in 2020, call 02079460777").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (typed, shown) in [
        ("020 7946 0999", "Phone: [+44 20 7946 0999]"),
        ("(020) 7946-0999", "Phone: [+44 20 7946 0999]"),
        ("0044 20 7946 0999", "Phone: [+44 20 7946 0999]"),
        ("+44 (0)20 7946 0999", "Phone: [+44 20 7946 0999]"),
        ("02079460999", "Phone: [+44 20 7946 0999]"),
        ("44 20 794", "Phone: [+44 20 7946 0999]"),
        ("+44 20 7946 0888", "Phone: [020 7946 0888]"),
        ("0044 20 7946 0888", "Phone: [020 7946 0888]"),
        ("0207 946 0888", "Phone: [020 7946 0888]"),
        ("58 12 345", "Phone: [581 2345]"),
        ("L5 2019", "[L5] in [2019]"),
        ("2019 2020", "L5 in [2019], L4 in [2020]"),
        ("020 7946 0777", "call [02079460777]"),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", typed).finish();
        let page = staff.opens(&format!("/admin/inquiries?{query}")).await.text();
        let found = lines(&page);
        assert!(found.len() == 1 && found[0].contains(shown), "{typed}: {found:?}");
    }
    for typed in ["020 7946 0998", "+44 20 7946 0777 2018"] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", typed).finish();
        assert!(lines(&staff.opens(&format!("/admin/inquiries?{query}")).await.text()).is_empty(), "{typed}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_says_what_it_could_not_look_for_and_where_else_there_is_something() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    form.clone().answers("message", "cheap backlinks").answers("blank", "x").gets_a_receipt().await;
    form.answers("message", "one two three four five six seven eight nine ten eleven twelve").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens("/admin/inquiries?q=%F0%9F%98%80").await;
    assert!(page.words().contains("There is no letter and no digit in “😀” to look for."), "{}", page.words());
    assert!(lines(&page.text()).is_empty() && !page.words().contains("found for"));
    let long = "/admin/inquiries?q=one+two+three+four+five+six+seven+eight+nine+ten+eleven+twelve";
    assert!(!staff.opens(long).await.words().contains("Only the first 12 words"));
    let page = staff.opens(&format!("{long}+zebra")).await;
    assert!(page.words().contains("Only the first 12 words were looked for.") && lines(&page.text()).len() == 1);
    let page = staff.opens("/admin/inquiries?q=backlinks").await;
    let words = page.words();
    assert!(words.contains("None of this view holds all of these words.") && lines(&page.text()).is_empty(), "{words}");
    let link = crate::http::between(&page.text(), "<p><a href=\"", "\">Show 1 found in suspected spam</a>").unwrap();
    let link = crate::http::unescape(link.rsplit("<p><a href=\"").next().unwrap());
    assert_eq!(lines(&staff.opens(&link).await.text()).len(), 1);
    app.deliver().await;
}

/// Where the link of an empty list leads, and how it is called.
fn way_out(page: &str) -> (String, String) {
    let empty = crate::http::between(page, "<div class=\"empty\">", "</div>").unwrap_or_else(|| panic!("{page}"));
    let link = crate::http::between(&empty, "<a href=\"", "</a>").unwrap_or_else(|| panic!("{empty}"));
    let (href, title) = link.split_once("\">").unwrap();
    (crate::http::unescape(href), title.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_finds_nothing_in_its_view_leads_to_where_it_would() {
    let app = App::start().await;
    for message in ["my left knee", "my right knee", "cold feet"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, says, leads_to, number) in [
        ("?status=closed&q=knee", "None of this view holds", "2 found in All: show them", 2),
        ("?status=closed&q=feet", "None of this view holds", "1 found in All: show it", 1),
        ("?assignee=me&unopened=1&q=feet", "None of this view holds", "1 found in All: show it", 1),
        ("?q=feet&urgent=1", "None that fits the filters holds", "1 found without the filters: show it", 1),
        ("?q=feet&technique=swedish&status=open", "None that fits", "1 found without the filters: show it", 1),
        ("?q=feet&from=2027-01-01", "None that fits the filters", "Search in all, without the filters", 1),
    ] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await;
        assert!(page.words().contains(says), "{query}: {}", page.words());
        assert!(!page.words().contains("No inquiry holds"), "{query}: {}", page.words());
        let (href, title) = way_out(&page.text());
        assert_eq!(title, leads_to, "{query}");
        assert_eq!(lines(&staff.opens(&href).await.text()).len(), number, "{query} leads to {href}");
    }
    let nowhere = staff.opens("/admin/inquiries?status=closed&q=nowhere").await.words();
    assert!(nowhere.contains("No inquiry holds all of these words."), "{nowhere}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_title_and_the_heading_of_a_search_name_the_same_view() {
    let app = App::start().await;
    somebody_asks(&app, "my left knee").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, view) in [("?q=knee", "All"), ("?q=knee&status=closed", "Closed"), ("?q=knee&assignee=me", "Mine")] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await;
        assert!(page.text().contains(&format!("<h1>Inbox <small>{view}</small>")), "{query}: {}", page.text());
        assert!(page.title().starts_with(&format!("Inbox, {view}, a search")), "{query}: {}", page.title());
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_script_or_search_makes_a_full_page_heavy() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    let form = Patient::opens_the_form(&app).await.answers("technique", "deep-tissue").answers("urgent", "unsure");
    let names = ["अनुराधा कृष्णमूर्ति ".repeat(4), "ณัฐธิดา สุวรรณประเสริฐ ".repeat(4), "D'Arcy O'Neill-'t Hooft ".repeat(4)];
    let messages = [
        "मेरी पीठ में दर्द है और मैं सो नहीं पाता ".repeat(20),
        "ปวดหลังส่วนล่างมากครับ ".repeat(40),
        "I don't know what's wrong, it's a pain in my back & it 'creaks' ".repeat(9),
    ];
    for number in 0..55 {
        let name: String = names[number % 3].trim().chars().take(100).collect();
        let form = form.clone().answers("name", &name).answers("urgent_seen", "yes");
        form.answers("message", &format!("{} {number}", messages[number % 3])).gets_a_receipt().await;
    }
    let everywhere = form
        .answers("email", "a.tester@example.org")
        .answers("phone", "+49 (30) 123-45 67 ext. 999")
        .answers("urgent_seen", "yes");
    for number in 0..55 {
        let message = format!("I don't mind 'alpha' {} {number}", "a'lpha ".repeat(30));
        everywhere.clone().answers("name", &names[0]).answers("message", &message).gets_a_receipt().await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    app.clock.advance(SignedDuration::from_hours(24 * 5));
    let (staff, _) = staff.signs_in_again("admin@clinic.example", PASSWORD).await;
    for search in
        ["", "a d h i", "में मैं और", "ปวด หลัง", "दर्द अ", "alpha", "alpha 0301234567", "alpha a.tester 0301234567"]
    {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", search).finish();
        let page = staff.opens(&format!("/admin/inquiries?{query}")).await;
        let rows = lines(&page.text()).len();
        assert!(rows >= 15 && page.body.len() < 40_000, "{search}: {rows} rows, {} bytes", page.body.len());
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_search_with_every_filter_leaves_a_full_page_light() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    let form = Patient::opens_the_form(&app).await.answers("technique", "deep-tissue").answers("urgent", "unsure");
    let name: String = "Александра-Екатерина Константинопольская ".repeat(3).trim().chars().take(100).collect();
    let twelve = "поясница беспокоит поднимаюсь просыпаюсь ночью боль шея год день сплю утром наклоняюсь";
    let form = form.answers("name", &name).answers("urgent_seen", "yes");
    for number in 0..105 {
        form.clone()
            .answers("message", &format!("{}. {number}", twelve.replace(' ', ", и ещё ").repeat(2)))
            .gets_a_receipt()
            .await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    for page in ["?status=all", "?status=all&assignee=nobody"] {
        let paths = staff.inbox(page).await;
        let ticks: Vec<String> = paths.iter().map(|path| format!("{}.1", path.rsplit('/').next().unwrap())).collect();
        let mut fields: Vec<(&str, &str)> = ticks.iter().map(|tick| ("ticked", tick.as_str())).collect();
        fields.extend([("change", "assign.me"), ("back", "/admin/inquiries")]);
        let done = staff.posts("/admin/inquiries/changes", &fields).await;
        assert!(staff.opens(done.location()).await.words().contains("50 inquiries are assigned"));
    }
    app.clock.advance(SignedDuration::from_hours(24 * 5));
    let (staff, _) = staff.signs_in_again("admin@clinic.example", PASSWORD).await;
    let four = twelve.split(' ').take(4).collect::<Vec<_>>().join(" ");
    let filters =
        "status=all&technique=deep-tissue&urgent=1&unopened=1&overdue=1&from=2026-11-01&to=2026-11-30&refresh=60";
    for search in [twelve, four.as_str()] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", search).finish();
        for filters in ["status=all", "status=all&technique=deep-tissue&from=2026-11-01&to=2026-11-30", filters] {
            let first = staff.opens(&format!("/admin/inquiries?{filters}&{query}")).await;
            let next = crate::http::between(&first.text(), "rel=\"next\" href=\"", "\"").unwrap();
            for page in [first, staff.opens(&crate::http::unescape(&next)).await] {
                assert_eq!(lines(&page.text()).len(), 50, "{search} {filters}");
                assert!(page.body.len() < 40_000, "{search} {filters}: {} bytes", page.body.len());
            }
        }
    }
    app.deliver().await;
}
