//! The lists and counts of the inbox, checked against what a plain look at every inquiry would give, on both engines.

use backwise::contact::EmailAddress;
use backwise::inquiry::{Choices, InquiryForm, NewInquiry, Reference, Status};
use backwise::secret::digest;
use backwise::staff::Role;
use backwise::store::{
    InboxFilter, InboxRow, Inserted, Keyset, PageOrder, Receiving, Sort, Start, Store, Whose, asked,
};
use jiff::{SignedDuration, Timestamp};

use crate::app::{FRIDAY_AT_TEN, new_store};

const TECHNIQUES: [&str; 3] = ["", "swedish", "hot-stone"];

fn now() -> Timestamp {
    FRIDAY_AT_TEN.parse().unwrap()
}

fn inquiry(number: usize) -> NewInquiry {
    let form = InquiryForm {
        urgent: if number.is_multiple_of(7) { "yes" } else { "no" }.into(),
        urgent_seen: "yes".into(),
        name: "A. Tester".into(),
        email: "a.tester@example.org".into(),
        message: format!("words {number}"),
        technique: TECHNIQUES[number % 3].into(),
        consent: "yes".into(),
        token: "one".into(),
        ..InquiryForm::default()
    };
    form.parse(Choices { techniques: &TECHNIQUES.map(str::to_owned)[1..], conditions: &[] }).unwrap()
}

/// Ninety inquiries, one an hour, of every kind: status, technique, assignee, urgency, opened and answered or not.
async fn a_full_desk(store: &Store) -> Vec<String> {
    let mut tx = store.begin().await.unwrap();
    let mut staff = Vec::new();
    for name in ["anna", "bert"] {
        let email = EmailAddress::parse(&format!("{name}@clinic.example")).unwrap();
        let id = tx.add_staff(&email, name, Role::Staff, now()).await.unwrap().unwrap();
        tx.set_password(&id, Some("hash")).await.unwrap();
        staff.push(id);
    }
    for number in 0..90 {
        let received_at = now() + SignedDuration::from_hours(i64::try_from(number).unwrap());
        let receiving = Receiving {
            reference: &Reference::random().unwrap(),
            receipt_digest: &digest(&number.to_string()),
            received_at,
            answer_by: received_at + SignedDuration::from_hours(i64::try_from(number % 5).unwrap() * 10),
            status: if number % 11 == 0 { Status::Spam } else { Status::New },
            consent_version: "test",
            signals: &[],
        };
        let Inserted::New(seq) = tx.add_inquiry(&inquiry(number), &receiving).await.unwrap() else { panic!("new") };
        if number % 2 == 0 {
            tx.mark_opened(seq, received_at).await.unwrap();
        }
        if number % 3 == 1 {
            tx.set_assignee(seq, Some(&staff[number % 2])).await.unwrap();
        }
        let next = [Status::Open, Status::Answered, Status::Closed, Status::New][number % 4];
        if receiving.status != Status::Spam {
            tx.set_status(seq, next).await.unwrap();
        }
        if next == Status::Answered || number % 8 == 0 {
            tx.mark_answered(seq, received_at).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    staff
}

fn filters(staff: &[String]) -> Vec<InboxFilter> {
    let mut filters = Vec::new();
    for statuses in [vec![], vec![Status::New, Status::Open], vec![Status::Closed], vec![Status::Spam]] {
        for technique in [None, Some("hot-stone".to_owned()), Some("unknown".to_owned())] {
            for assignee in [None, Some(Whose::Nobody), Some(Whose::Of(staff[0].clone()))] {
                for (urgent, unopened) in [(false, false), (true, false), (false, true), (true, true)] {
                    let (statuses, technique, assignee) = (statuses.clone(), technique.clone(), assignee.clone());
                    filters.push(InboxFilter {
                        statuses,
                        technique,
                        assignee,
                        urgent,
                        unopened,
                        ..InboxFilter::default()
                    });
                }
            }
        }
    }
    filters
}

/// The same with a search for what stands in every inquiry: few enough to be looked at one by one.
fn by_words(filter: &InboxFilter) -> InboxFilter {
    InboxFilter { words: asked::asked("words"), ..filter.clone() }
}

/// What a plain look at an inquiry says.
fn fits(filter: &InboxFilter, row: &InboxRow) -> bool {
    let inquiry = &row.inquiry;
    let status = if filter.statuses.is_empty() {
        inquiry.status != Status::Spam
    } else {
        filter.statuses.contains(&inquiry.status)
    };
    let assignee = match &filter.assignee {
        None => true,
        Some(Whose::Nobody) => inquiry.assignee.is_none(),
        Some(Whose::Of(staff)) => inquiry.assignee.as_ref() == Some(staff),
    };
    status
        && assignee
        && filter.technique.as_ref().is_none_or(|slug| inquiry.answers.technique.as_ref() == Some(slug))
        && (!filter.urgent || inquiry.answers.urgent.is_marked())
        && (!filter.unopened || inquiry.opened_at.is_none())
        && filter.overdue_at.is_none_or(|at| inquiry.is_overdue(at))
        && filter.received_from.is_none_or(|at| inquiry.received_at >= at)
        && filter.received_until.is_none_or(|at| inquiry.received_at < at)
}

async fn read(store: &Store, filter: &InboxFilter, order: PageOrder, limit: usize) -> Vec<InboxRow> {
    store.inbox(filter, Sort::UrgentFirst, order, limit).await.unwrap().rows
}

/// Everything, spam too, in the order of the inbox.
async fn everything(store: &Store) -> Vec<InboxRow> {
    let filter = InboxFilter { statuses: Status::ALL.to_vec(), ..InboxFilter::default() };
    let all = read(store, &filter, PageOrder::First, 999).await;
    assert_eq!(all.len(), 90);
    assert!(all.is_sorted_by_key(|row| {
        let place = place(row);
        (place.tier, place.answer_by, place.seq)
    }));
    all
}

fn places(rows: &[InboxRow]) -> Vec<i64> {
    rows.iter().map(|row| row.inquiry.seq).collect()
}

fn in_order_of_arrival(rows: &[InboxRow]) -> Vec<i64> {
    let mut all = places(rows);
    all.sort_unstable();
    all
}

/// The inquiries of an export, read seven at a time.
async fn exported(store: &Store, filter: &InboxFilter) -> Vec<i64> {
    let (mut all, mut next) = (Vec::new(), Some(0));
    while let Some(after) = next {
        let page = store.inquiries_of(filter, after, 7).await.unwrap();
        all.extend(page.inquiries.iter().map(|inquiry| inquiry.as_ref().unwrap().seq));
        next = page.next;
    }
    all
}

fn place(row: &InboxRow) -> Keyset {
    row.place(Sort::UrgentFirst)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_next_to_do_is_the_first_of_the_list_but_for_the_one_at_hand() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let none = store.first_of(&[Status::New, Status::Open], None, Start::Top, 0).await.unwrap();
    assert!(none.is_none(), "an empty desk");
    let staff = a_full_desk(&store).await;
    let mut left_out = 0;
    for statuses in [vec![Status::New, Status::Open], vec![Status::Answered], vec![Status::Spam]] {
        let filter = InboxFilter { statuses: statuses.clone(), ..InboxFilter::default() };
        let listed = places(&read(&store, &filter, PageOrder::First, 3).await);
        for (at_hand, next) in [(listed[0], listed[1]), (listed[1], listed[0]), (listed[2], listed[0]), (0, listed[0])]
        {
            let first = store.first_of(&statuses, None, Start::Top, at_hand).await.unwrap().unwrap();
            assert_eq!(first.inquiry.seq, next, "{statuses:?} but for {at_hand}");
        }
        for id in &staff {
            let all = InboxFilter { statuses: statuses.clone(), ..InboxFilter::default() };
            let all = read(&store, &all, PageOrder::First, 999).await;
            let theirs = all.iter().filter(|row| row.inquiry.assignee.as_ref().is_none_or(|whose| whose == id));
            let theirs: Vec<i64> = theirs.map(|row| row.inquiry.seq).collect();
            left_out += all.len() - theirs.len();
            let mine = all.iter().filter(|row| theirs.contains(&row.inquiry.seq)).collect::<Vec<_>>();
            for row in &all {
                let after =
                    store.first_of(&statuses, Some(id), Start::After(place(row)), row.inquiry.seq).await.unwrap();
                let expected = mine.iter().find(|other| place(other) > place(row));
                let seqs = (after.map(|row| row.inquiry.seq), expected.map(|row| row.inquiry.seq));
                assert_eq!(seqs.0, seqs.1, "{statuses:?} after {}, of {id}", row.inquiry.seq);
            }
            let is_alarm = |row: &&&InboxRow| row.place(Sort::UrgentFirst).tier == 0 && row.inquiry.opened_at.is_none();
            let alarm = store.first_of(&statuses, Some(id), Start::Alarms, 0).await.unwrap();
            let expected = mine.iter().find(is_alarm).map(|row| row.inquiry.seq);
            assert_eq!(alarm.map(|row| row.inquiry.seq), expected, "{statuses:?}, of {id}");
            for (at_hand, next) in [(0, theirs[0]), (theirs[0], theirs[1])] {
                let first = store.first_of(&statuses, Some(id), Start::Top, at_hand).await.unwrap().unwrap();
                assert_eq!(first.inquiry.seq, next, "{statuses:?} but for {at_hand}, of {id}");
            }
        }
    }
    assert!(left_out > 0, "some were given to the other one");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_lists_and_counts_what_fits_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let staff = a_full_desk(&store).await;
    let all = everything(&store).await;
    let piles = store.piles().await.unwrap();
    let mut found = 0;
    for filter in filters(&staff) {
        let fitting: Vec<_> = all.iter().filter(|row| fits(&filter, row)).cloned().collect();
        let listed = read(&store, &filter, PageOrder::First, 999).await;
        assert_eq!(places(&listed), places(&fitting), "{filter:?}");
        assert_eq!(exported(&store, &filter).await, in_order_of_arrival(&fitting), "{filter:?}");
        let mut latest = fitting.clone();
        latest.sort_by_key(|row| std::cmp::Reverse((row.inquiry.answer_by, row.inquiry.seq)));
        let (mut waiting, _): (Vec<_>, Vec<_>) = fitting.iter().cloned().partition(|row| row.inquiry.status.is_to_do());
        waiting.extend(latest.iter().filter(|row| !row.inquiry.status.is_to_do()).cloned());
        for (sort, ordered) in [(Sort::LatestFirst, &latest), (Sort::WaitingFirst, &waiting)] {
            for filter in [&filter, &by_words(&filter)] {
                let listed = store.inbox(filter, sort, PageOrder::First, 999).await.unwrap().rows;
                assert_eq!(places(&listed), places(ordered), "{sort:?}: {filter:?}");
            }
        }
        let searched = store.inbox(&by_words(&filter), Sort::UrgentFirst, PageOrder::First, 999).await.unwrap();
        assert_eq!(places(&searched.rows), places(&fitting), "a search: {filter:?}");
        let counted = searched.few.unwrap().count(&piles, &filter);
        assert_eq!(counted, i64::try_from(fitting.len()).unwrap(), "a search: {filter:?}");
        assert_eq!(piles.count(&filter), i64::try_from(fitting.len()).unwrap(), "{filter:?}");
        let some_days = InboxFilter {
            received_from: Some(now() + SignedDuration::from_hours(20)),
            received_until: Some(now() + SignedDuration::from_hours(50)),
            overdue_at: Some(now() + SignedDuration::from_hours(70)),
            ..filter.clone()
        };
        let fitting_days = all.iter().filter(|row| fits(&some_days, row)).count();
        let few = store.inbox(&some_days, Sort::UrgentFirst, PageOrder::First, 1).await.unwrap().few.unwrap();
        assert_eq!(few.count(&piles, &some_days), i64::try_from(fitting_days).unwrap(), "{some_days:?}");
        found += fitting_days;
        for hours in [0, 30, 200] {
            let at = now() + SignedDuration::from_hours(hours);
            let late = InboxFilter { overdue_at: Some(at), ..filter.clone() };
            let fitting = all.iter().filter(|row| fits(&late, row)).cloned().collect::<Vec<_>>();
            assert_eq!(places(&read(&store, &late, PageOrder::First, 999).await), places(&fitting), "{late:?}");
            assert_eq!(exported(&store, &late).await, in_order_of_arrival(&fitting), "{late:?}");
            assert_eq!(store.overdue(&piles, &filter, at).await.unwrap(), i64::try_from(fitting.len()).unwrap());
            found += fitting.len();
        }
    }
    assert!(found > 100, "the filters find something");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_filter_join_without_a_gap_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let staff = a_full_desk(&store).await;
    let mut filters = filters(&staff);
    let hours = |hours| Some(now() + SignedDuration::from_hours(hours));
    filters.extend(filters.clone().iter().map(by_words));
    filters.push(InboxFilter { received_from: hours(20), received_until: hours(50), ..InboxFilter::default() });
    let sorts = [Sort::UrgentFirst, Sort::WaitingFirst, Sort::LatestFirst];
    let all = filters.iter().flat_map(|filter| sorts.map(|sort| (filter, sort)));
    for (filter, sort) in all {
        let page = async |order, limit| store.inbox(filter, sort, order, limit).await.unwrap().rows;
        let whole = places(&page(PageOrder::First, 999).await);
        let mut forward = page(PageOrder::First, 4).await;
        while let Some(last) = forward.last().map(|row| row.place(sort)) {
            let next = page(PageOrder::After(last), 4).await;
            if next.is_empty() {
                break;
            }
            let before = page(PageOrder::Before(next[0].place(sort)), 4).await;
            assert_eq!(places(&before), places(&forward[forward.len() - before.len()..]), "{sort:?} {filter:?}");
            forward.extend(next);
        }
        assert_eq!(places(&forward), whole, "{sort:?} {filter:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_of_days_holds_what_was_received_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    a_full_desk(&store).await;
    let all = everything(&store).await;
    for (from, until) in [(0, 1), (10, 40), (89, 90), (90, 99)] {
        let hour = |hour| Some(now() + SignedDuration::from_hours(hour));
        let filter = InboxFilter { received_from: hour(from), received_until: hour(until), ..InboxFilter::default() };
        let fitting: Vec<_> = all.iter().filter(|row| fits(&filter, row)).cloned().collect();
        assert_eq!(places(&read(&store, &filter, PageOrder::First, 999).await), places(&fitting), "{from} to {until}");
        assert_eq!(exported(&store, &filter).await, in_order_of_arrival(&fitting), "{from} to {until}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_follow_what_is_erased_and_what_is_not_committed() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    a_full_desk(&store).await;
    let before = store.counts().await.unwrap();
    let open = InboxFilter { statuses: vec![Status::Open], ..InboxFilter::default() };
    let row = read(&store, &open, PageOrder::First, 1).await.remove(0);
    let mut tx = store.begin().await.unwrap();
    tx.set_status(row.inquiry.seq, Status::Closed).await.unwrap();
    drop(tx);
    assert_eq!(store.counts().await.unwrap(), before);
    let mut tx = store.begin().await.unwrap();
    tx.erase(row.inquiry.seq).await.unwrap();
    tx.commit().await.unwrap();
    let after = store.counts().await.unwrap();
    assert_eq!((after.open, after.closed, after.spam), (before.open - 1, before.closed, before.spam));
}
