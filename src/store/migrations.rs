//! The steps that bring a schema up to date. The same numbers and names stand in both folders of `migrations`.

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use super::Error;

macro_rules! migrations {
    ($engine:literal) => {
        &[
            (
                1,
                "inquiries and desk",
                include_str!(concat!("../../migrations/", $engine, "/0001_inquiries_and_desk.sql")),
            ),
            (10, "sealing", include_str!(concat!("../../migrations/", $engine, "/0010_sealing.sql"))),
            (11, "time noted", include_str!(concat!("../../migrations/", $engine, "/0011_time_noted.sql"))),
            (20, "accounts", include_str!(concat!("../../migrations/", $engine, "/0020_accounts.sql"))),
            (21, "second factor", include_str!(concat!("../../migrations/", $engine, "/0021_second_factor.sql"))),
            (30, "audit chain", include_str!(concat!("../../migrations/", $engine, "/0030_audit_chain.sql"))),
            (40, "assignee", include_str!(concat!("../../migrations/", $engine, "/0040_assignee.sql"))),
            (41, "piles", include_str!(concat!("../../migrations/", $engine, "/0041_piles.sql"))),
            (42, "outbox counts", include_str!(concat!("../../migrations/", $engine, "/0042_outbox_counts.sql"))),
            (50, "insights", include_str!(concat!("../../migrations/", $engine, "/0050_insights.sql"))),
            (51, "escalation", include_str!(concat!("../../migrations/", $engine, "/0051_escalation.sql"))),
            (60, "merged", include_str!(concat!("../../migrations/", $engine, "/0060_merged.sql"))),
            (80, "beginnings", include_str!(concat!("../../migrations/", $engine, "/0080_beginnings.sql"))),
            (81, "outbox by entry", include_str!(concat!("../../migrations/", $engine, "/0081_outbox_by_entry.sql"))),
            (100, "chosen", include_str!(concat!("../../migrations/", $engine, "/0100_chosen.sql"))),
            (110, "any beginning", include_str!(concat!("../../migrations/", $engine, "/0110_any_beginning.sql"))),
            (120, "taken with", include_str!(concat!("../../migrations/", $engine, "/0120_taken_with.sql"))),
            (130, "browser", include_str!(concat!("../../migrations/", $engine, "/0130_browser.sql"))),
            (140, "drafts", include_str!(concat!("../../migrations/", $engine, "/0140_drafts.sql"))),
            (150, "drafts of calls", include_str!(concat!("../../migrations/", $engine, "/0150_drafts_of_calls.sql"))),
        ]
    };
}
const SQLITE_MIGRATIONS: &[(i64, &str, &str)] = migrations!("sqlite");
const POSTGRES_MIGRATIONS: &[(i64, &str, &str)] = migrations!("postgres");

/// A file belongs to whoever opens it, so that nothing needs to be asked.
pub(super) async fn migrate_sqlite(pool: &sqlx::SqlitePool) -> Result<(), Error> {
    migrator(SQLITE_MIGRATIONS).run(pool).await.map_err(|fault| Error::Schema(fault.to_string()))
}

/// A role that serves and owns nothing may not even ask for what sqlx begins with, a table that is there already: so where
/// nothing is left to do, nothing is done.
pub(super) async fn migrate_postgres(pool: &sqlx::PgPool) -> Result<(), Error> {
    const MAY_NOT: &str = "42501";
    let migrator = migrator(POSTGRES_MIGRATIONS);
    let begun: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(pool).await?;
    if begun {
        let done: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version")
                .fetch_all(pool)
                .await?;
        let ours: Vec<(i64, Vec<u8>)> =
            migrator.iter().map(|migration| (migration.version, migration.checksum.to_vec())).collect();
        if done == ours {
            return Ok(());
        }
        if let Some((newer, _)) = done.iter().find(|(version, _)| !migrator.version_exists(*version)) {
            return Err(Error::Schema(format!("it has step {newer}, which this program does not know")));
        }
    }
    migrator.run(pool).await.map_err(|fault| match fault {
        MigrateError::Execute(sqlx::Error::Database(refusal))
        | MigrateError::ExecuteMigration(sqlx::Error::Database(refusal), _)
            if refusal.code().as_deref() == Some(MAY_NOT) =>
        {
            Error::NotOwner
        }
        fault => Error::Schema(fault.to_string()),
    })
}

fn migrator(migrations: &'static [(i64, &'static str, &'static str)]) -> Migrator {
    let migrations = migrations
        .iter()
        .map(|&(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(migrations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_migrations_is_a_step() {
        for (engine, steps) in [("sqlite", SQLITE_MIGRATIONS), ("postgres", POSTGRES_MIGRATIONS)] {
            let folder = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let named: Vec<_> =
                steps.iter().map(|(number, name, _)| format!("{number:04}_{}.sql", name.replace(' ', "_"))).collect();
            assert_eq!(files, named, "{engine}");
        }
    }
}
