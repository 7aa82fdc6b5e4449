//! Accounts and welcome links. Secrets are kept as digests.

use jiff::Timestamp;

use super::row::Columns;
use super::{Error, Store, Tx, reading, writing};
use crate::contact::EmailAddress;
use crate::staff::{Role, StaffMember, WELCOME_LIFETIME};

const MEMBER: &str = "SELECT s.id, s.email, s.name, s.role, s.password_hash, s.created_at, s.disabled_at, \
     s.seen_at, f.confirmed_at FROM staff s LEFT JOIN second_factor f ON f.staff = s.id";

macro_rules! one_member {
    ($db:expr, $condition:literal, $value:expr) => {{
        let mut query = sqlx::QueryBuilder::new(MEMBER);
        query.push($condition).push_bind($value);
        query.build().fetch_optional($db).await?.map(|row| member(&row)).transpose()
    }};
}

impl Store {
    /// The account of an address.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn staff_by_email(&self, email: &EmailAddress) -> Result<Option<StaffMember>, Error> {
        let folded = email.folded();
        reading!(self, db => one_member!(db, " WHERE s.email_folded = ", folded))
    }

    /// The account with an id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn staff_by_id(&self, id: &str) -> Result<Option<StaffMember>, Error> {
        let id = id.to_owned();
        reading!(self, db => one_member!(db, " WHERE s.id = ", id))
    }

    /// Every account, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn staff(&self) -> Result<Vec<StaffMember>, Error> {
        reading!(self, db => {
            let mut query = sqlx::QueryBuilder::new(MEMBER);
            query.push(" ORDER BY s.email_folded");
            query.build().fetch_all(db).await?.iter().map(member).collect()
        })
    }

    /// Whether nobody has an account yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_no_staff(&self) -> Result<bool, Error> {
        reading!(self, db => Ok(sqlx::query("SELECT id FROM staff LIMIT 1").fetch_optional(db).await?.is_none()))
    }

    /// The seed of an account's welcome link, and when that stops working; None when there is no link.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn welcome_seed(&self, staff: &str) -> Result<Option<(Vec<u8>, Timestamp)>, Error> {
        let staff = staff.to_owned();
        reading!(self, db => {
            sqlx::query("SELECT seed, expires_at FROM welcome WHERE staff = $1 AND seed IS NOT NULL").bind(staff)
                .fetch_optional(db).await?.map(|row| Ok((row.bytes("seed")?, row.time("expires_at")?))).transpose()
        })
    }

    /// The account a welcome link is for, while it is valid.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn welcomed(&self, digest: &[u8], now: Timestamp) -> Result<Option<StaffMember>, Error> {
        let (digest, now) = (digest.to_vec(), now.as_millisecond());
        reading!(self, db => {
            let mut query = sqlx::QueryBuilder::new(MEMBER);
            query.push(" JOIN welcome w ON w.staff = s.id WHERE s.disabled_at IS NULL AND w.digest = ").push_bind(digest);
            query.push(" AND w.expires_at > ").push_bind(now);
            query.build().fetch_optional(db).await?.map(|row| member(&row)).transpose()
        })
    }
}

impl Tx {
    /// Whether nobody has an account yet, as seen by this transaction; until it ends nobody else can add one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_no_staff(&mut self) -> Result<bool, Error> {
        // Two people with the same first link: one waits here and then finds an account.
        self.lock_staff().await?;
        writing!(self, db => Ok(sqlx::query("SELECT id FROM staff LIMIT 1").fetch_optional(db).await?.is_none()))
    }

    /// Adds an account without a password; None when the address has one.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn add_staff(
        &mut self,
        email: &EmailAddress,
        name: &str,
        role: Role,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        let id = uuid::Uuid::new_v4().to_string();
        let now = now.as_millisecond();
        let added = writing!(self, db => {
            sqlx::query(
                "INSERT INTO staff (id, email, email_folded, name, role, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (email_folded) DO NOTHING",
            )
            .bind(&id).bind(email.as_str()).bind(email.folded()).bind(name).bind(role.as_str()).bind(now)
            .execute(db).await?.rows_affected()
        });
        Ok((added == 1).then_some(id))
    }

    /// Sets a password (or, with None, takes it away) and ends what was open: sessions and welcome links.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_password(&mut self, staff: &str, hash: Option<&str>) -> Result<(), Error> {
        writing!(&mut *self, db => {
            sqlx::query("UPDATE staff SET password_hash = $1 WHERE id = $2").bind(hash).bind(staff).execute(db).await?;
        });
        self.end_sessions_of(staff).await?;
        self.forget_welcome(staff).await
    }

    /// Lets a disabled account sign in again, with the password it had.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn enable_staff(&mut self, staff: &str) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("UPDATE staff SET disabled_at = NULL WHERE id = $1").bind(staff).execute(db).await?;
        });
        Ok(())
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_name(&mut self, staff: &str, name: &str) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("UPDATE staff SET name = $1 WHERE id = $2").bind(name).bind(staff).execute(db).await?;
        });
        Ok(())
    }

    /// Gives an account another role; its sessions end, since they were begun with the one before.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_role(&mut self, staff: &str, role: Role) -> Result<(), Error> {
        self.lock_staff().await?;
        writing!(&mut *self, db => {
            sqlx::query("UPDATE staff SET role = $1 WHERE id = $2").bind(role.as_str()).bind(staff).execute(db).await?;
        });
        self.end_sessions_of(staff).await
    }

    /// Nobody else changes who is an admin until this transaction ends: of two admins who take the other's place at once,
    /// one waits here and then finds that they are the last.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn lock_staff(&mut self) -> Result<(), Error> {
        if let Self::Postgres(tx) = self {
            sqlx::query("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Disables an account; its sessions and links end at once.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn disable_staff(&mut self, staff: &str, now: Timestamp) -> Result<(), Error> {
        let now = now.as_millisecond();
        self.lock_staff().await?;
        writing!(&mut *self, db => {
            sqlx::query("UPDATE staff SET disabled_at = $1 WHERE id = $2 AND disabled_at IS NULL").bind(now).bind(staff).execute(db).await?;
        });
        self.end_sessions_of(staff).await?;
        self.forget_welcome(staff).await
    }

    /// Whether an account still has this password and may sign in; until the transaction ends nobody can change that.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn still_has_password(&mut self, staff: &str, hash: &str) -> Result<bool, Error> {
        // Not FOR SHARE: two sign-ins at once, each about to write when it was seen, would wait for each other for ever.
        let lock = if matches!(self, Self::Postgres(_)) { " FOR NO KEY UPDATE" } else { "" };
        writing!(self, db => {
            let mut query = sqlx::QueryBuilder::new("SELECT id FROM staff WHERE disabled_at IS NULL AND id = ");
            query.push_bind(staff.to_owned()).push(" AND password_hash = ").push_bind(hash.to_owned()).push(lock);
            Ok(query.build().fetch_optional(db).await?.is_some())
        })
    }

    /// How many admins can sign in, this transaction's changes included.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn active_admins(&mut self) -> Result<i64, Error> {
        writing!(self, db => {
            sqlx::query("SELECT count(*) AS admins FROM staff WHERE role = 'admin' AND disabled_at IS NULL AND password_hash IS NOT NULL").fetch_one(db).await?.number("admins")
        })
    }

    /// Adds a welcome link: its digest, and the seed from which the key makes it again. Earlier links of the account stop
    /// working.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn add_welcome(&mut self, staff: &str, digest: &[u8], seed: &[u8], now: Timestamp) -> Result<(), Error> {
        let expires_at = (now + WELCOME_LIFETIME).as_millisecond();
        self.forget_welcome(staff).await?;
        writing!(self, db => {
            sqlx::query("INSERT INTO welcome (digest, staff, expires_at, seed) VALUES ($1, $2, $3, $4)")
                .bind(digest.to_vec()).bind(staff).bind(expires_at).bind(seed.to_vec()).execute(db).await?;
        });
        Ok(())
    }

    /// An account's link stops working, and a mail with it that still waits is owed no longer.
    async fn forget_welcome(&mut self, staff: &str) -> Result<(), Error> {
        writing!(&mut *self, db => {
            sqlx::query("DELETE FROM welcome WHERE staff = $1").bind(staff).execute(db).await?;
        });
        writing!(self, db => {
            sqlx::query("DELETE FROM outbox WHERE staff = $1 AND kind = 'invitation' AND state <> 'sent'").bind(staff).execute(db).await?;
        });
        Ok(())
    }

    /// Uses up a welcome link: true for the one request that gets it.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn use_welcome(&mut self, digest: &[u8], now: Timestamp) -> Result<bool, Error> {
        let now = now.as_millisecond();
        writing!(self, db => {
            let done = sqlx::query("DELETE FROM welcome WHERE digest = $1 AND expires_at > $2").bind(digest.to_vec()).bind(now).execute(db).await?;
            Ok(done.rows_affected() == 1)
        })
    }
}

fn member(row: &impl Columns) -> Result<StaffMember, Error> {
    Ok(StaffMember {
        id: row.text("id")?,
        email: EmailAddress::parse(&row.text("email")?).map_err(|_| Error::Damaged("email"))?,
        name: row.text("name")?,
        role: Role::parse(&row.text("role")?).ok_or(Error::Damaged("role"))?,
        password_hash: row.maybe_text("password_hash")?,
        created_at: row.time("created_at")?,
        disabled_at: row.maybe_time("disabled_at")?,
        seen_at: row.maybe_time("seen_at")?,
        has_second_factor: row.maybe_time("confirmed_at")?.is_some(),
    })
}
