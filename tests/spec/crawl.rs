//! A reader who follows every link, and looks whether it leads somewhere.

use std::collections::BTreeMap;

use crate::app::App;
use crate::http::{Answer, send, unescape};

/// Addresses that differ only in their query are one page with many views; some of them are enough.
const VIEWS_OF_A_PAGE: usize = 5;

/// Every page that links lead to from `start`, by address without fragment. A link that leads nowhere, or to a part that its
/// page does not have, fails the test.
pub async fn crawl(app: &App, start: &str, cookie: &str) -> BTreeMap<String, Answer> {
    let mut pages: BTreeMap<String, Answer> = BTreeMap::new();
    let mut links = vec![(String::from("the start"), start.to_owned())];
    let mut fragments = Vec::new();
    while let Some((from, link)) = links.pop() {
        let (address, fragment) = link.split_once('#').unwrap_or((&link, ""));
        if !fragment.is_empty() {
            fragments.push((from.clone(), address.to_owned(), fragment.to_owned()));
        }
        let path = address.split('?').next().unwrap_or_default();
        let views = pages.keys().filter(|known| known.split('?').next() == Some(path)).count();
        if pages.contains_key(address) || views > VIEWS_OF_A_PAGE {
            continue;
        }
        let answer = send(app.address, "GET", address, &[("cookie", cookie)], b"").await;
        assert!(answer.status < 400, "{from} links to {address}, which answers {}", answer.status);
        if answer.status >= 300 {
            links.push((address.to_owned(), answer.location().replace(&app.url, "")));
        } else if is_page(&answer) {
            links.extend(links_of(app, &answer, address).into_iter().map(|link| (address.to_owned(), link)));
        }
        pages.insert(address.to_owned(), answer);
    }
    for (from, address, fragment) in fragments {
        let page = pages.get(&address).filter(|answer| is_page(answer)).map(Answer::text).unwrap_or_default();
        // The lines of the inbox save the quotes.
        let is_there = [format!("id=\"{fragment}\""), format!("id={fragment}>")].iter().any(|id| page.contains(id));
        // Where an inquiry stands there no more, the link to its line leads to the view.
        let is_line = address.starts_with("/admin/inquiries") && fragment.parse::<i64>().is_ok();
        let is_there = is_there || is_line || page.is_empty();
        assert!(is_there, "{from} links to {address}#{fragment}, which is not there");
    }
    pages
}

pub fn is_page(answer: &Answer) -> bool {
    answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

/// The links of a page to this site, whole paths each.
fn links_of(app: &App, answer: &Answer, address: &str) -> Vec<String> {
    let text = answer.text();
    let all = text.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(unescape);
    let ours = all.map(|link| link.strip_prefix(&app.url).map(str::to_owned).unwrap_or(link));
    let whole = ours.map(|link| if link.starts_with('#') { format!("{address}{link}") } else { link });
    whole.map(|link| if link.is_empty() { "/".to_owned() } else { link }).filter(|link| link.starts_with('/')).collect()
}
