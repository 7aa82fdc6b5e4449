//! A value that was changed outside the program: it is found before somebody asks for it, named, and keeps nothing else back.

use std::process::Output;

use crate::app::App;
use crate::audit::Intruder;
use crate::people::{Staff, somebody_asks};

fn backwise(app: &App, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = app.runs(arguments);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// Three inquiries with a word of their own and one in common, and their references.
async fn three_have_asked(app: &App) -> (Staff<'_>, [String; 3]) {
    let canaries = ["Firstcanary", "Secondcanary", "Thirdcanary"];
    for words in canaries {
        somebody_asks(app, &format!("{words} knee")).await;
    }
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(app).await;
    let mut references = canaries.map(str::to_owned);
    for reference in &mut references {
        let path = staff.inbox(&format!("?q={reference}")).await.remove(0);
        *reference = path.rsplit('/').next().unwrap().to_owned();
    }
    (staff, references)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_is_named_by_check_and_left_out_of_an_export_that_goes_on_and_says_so() {
    let app = App::start().await;
    let (staff, [first, second, third]) = three_have_asked(&app).await;
    staff.posts(&format!("/admin/inquiries/{third}/notes"), &[("note", "a note")]).await;

    let (code, said, _) = backwise(&app, &["check"]);
    assert!(code == 0 && said.contains("ok: database: the words of all "), "{said}");
    let (code, lines, told) = backwise(&app, &["export", "--format", "jsonl"]);
    assert_eq!((code, lines.lines().count(), told.as_str()), (0, 3, ""));

    let intruder = Intruder::of(app.folder(), &app.store).await;
    intruder.tries(&format!("UPDATE inquiry SET message = name WHERE reference = '{second}'")).await.unwrap();
    let (code, lines, told) = backwise(&app, &["export", "--format", "jsonl"]);
    assert_eq!((code, lines.lines().count()), (1, 2), "the others are there: {told}");
    assert!(lines.contains(&first) && lines.contains(&third) && !lines.contains(&second), "{lines}");
    assert!(told.contains("left out") && told.contains(&second) && !told.contains(&first), "{told}");
    let (code, lines, told) = backwise(&app, &["export", "--person", "quirina.mailcanary@example.org"]);
    assert!(code == 1 && lines.contains("Thirdcanary") && told.contains(&second), "{told}");

    intruder
        .tries(
            "UPDATE entry SET words = (SELECT i.name FROM inquiry i WHERE i.seq = entry.inquiry) WHERE kind = 'note'",
        )
        .await
        .unwrap();
    assert_eq!(staff.inbox("?q=a+note").await.len(), 1, "a damaged note closes no search");
    let page = app.store.readable_after(0, jiff::Timestamp::MIN, 9).await.unwrap();
    assert_eq!(page.inquiries.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let mut looking = backwise::store::Looking::default();
    while !app.store.look_for_damage(&mut looking).await.unwrap() {}
    assert_eq!(looking.found.len(), 2, "{:?}", looking.found);
    let (code, said, _) = backwise(&app, &["check"]);
    assert_eq!(code, 1, "{said}");
    for line in [
        format!("error: database: {second}: inquiry.message does not open"),
        format!("error: database: {third}: entry.words does not open"),
    ] {
        assert!(said.contains(&line), "{line} in {said}");
    }
    assert!(!said.contains(&format!("{first}:")) && !said.contains("canary"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_stands_in_the_desks_file_by_its_reference_and_keeps_no_other_back() {
    let app = App::start().await;
    let (staff, [first, second, third]) = three_have_asked(&app).await;
    let intruder = Intruder::of(app.folder(), &app.store).await;
    intruder.tries(&format!("UPDATE inquiry SET message = name WHERE reference = '{second}'")).await.unwrap();
    for query in ["", "?q=knee", "?status=new&technique="] {
        let file = staff.opens(&format!("/admin/inquiries.csv{query}")).await.text();
        let lines: Vec<Vec<String>> = csv::Reader::from_reader(file.trim_start_matches('\u{feff}').as_bytes())
            .records()
            .map(|line| line.unwrap().iter().map(str::to_owned).collect())
            .collect();
        let references: Vec<&str> = lines.iter().map(|line| line[0].as_str()).collect();
        assert_eq!(references, [&first, &second, &third], "{query}");
        let said: Vec<&str> = lines[1].iter().skip(1).map(String::as_str).filter(|cell| !cell.is_empty()).collect();
        assert_eq!(said, ["This inquiry cannot be read: restore it from a backup"; 2], "{query}");
        assert!(lines[0].contains(&"Firstcanary knee".to_owned()) && lines[2].contains(&"Thirdcanary knee".to_owned()));
    }
}
