//! The inquiries of the current filter as a file. Written page by page as it is read, so that memory does not grow with it.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::{StreamExt, stream};

use super::super::bench::Bench;
use super::query::Query;
use crate::desk::{csv_head, csv_of, csv_of_unreadable};
use crate::store::{InboxFilter, Store};

/// Lines of the file that are read at once.
const PAGE: i64 = 500;

pub(crate) async fn csv(bench: Bench, request: HttpRequest) -> HttpResponse {
    let query = Query::read(request.query_string());
    let recorded = async {
        let mut tx = bench.store.begin().await?;
        tx.add_audit(bench.now, bench.actor.id(), "inquiries.exported", "", "").await?;
        tx.commit().await
    };
    if let Err(cause) = recorded.await {
        return bench.unavailable(&cause);
    }
    let day = bench.policy.opening.local(bench.now).strftime("%Y-%m-%d").to_string();
    let first = csv_head().map(web::Bytes::from);
    let (store, filter) = (bench.store.clone(), query.filter(&bench));
    let pages = stream::try_unfold(Some(0), move |after| {
        let (store, filter) = (store.clone(), filter.clone());
        async move { lines_after(&store, &filter, after).await }
    });
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"inquiries-{day}.csv\"")))
        .streaming(stream::once(std::future::ready(first)).chain(pages))
}

/// The next lines, and after which inquiry the ones that follow begin; None is after the last.
async fn lines_after(
    store: &Store,
    filter: &InboxFilter,
    after: Option<i64>,
) -> std::io::Result<Option<(web::Bytes, Option<i64>)>> {
    let Some(after) = after else { return Ok(None) };
    let page = store.inquiries_of(filter, after, PAGE).await.map_err(std::io::Error::other)?;
    let mut lines = Vec::new();
    for inquiry in &page.inquiries {
        lines.extend(match inquiry {
            Ok(inquiry) => csv_of(inquiry)?,
            Err(damaged) => csv_of_unreadable(damaged)?,
        });
    }
    Ok(Some((lines.into(), page.next)))
}
