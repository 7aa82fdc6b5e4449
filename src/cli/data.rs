//! Data out of the database: `backwise export`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Failure, clock, complain, open_store};
use crate::config::Config;
use crate::desk::{self, ExportError, ExportFormat};
use crate::secret::private_file;

#[derive(Args)]
pub(super) struct ExportArgs {
    /// CSV for spreadsheets, or one JSON object a line
    #[arg(long, default_value = "csv")]
    format: FormatArg,
    /// Only inquiries received on or after this day, in the clinic's time zone
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    /// Write to this file (readable by its owner only) instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Csv,
    Jsonl,
}

pub(super) async fn export(config: &Config, args: ExportArgs) -> Result<(), Failure> {
    let format = match args.format {
        FormatArg::Csv => ExportFormat::Csv,
        FormatArg::Jsonl => ExportFormat::JsonLines,
    };
    let since = match args.since {
        Some(date) => date
            .to_zoned(config.clinic.hours.timezone.clone())
            .map_err(|_| Failure::usage("--since is no day of the calendar"))?
            .timestamp(),
        None => Timestamp::MIN,
    };
    let store = open_store(config, 2).await?;
    let now = clock().now();
    let mut tx = store.begin().await?;
    tx.add_audit(now, "operator", "inquiries.exported", "", "").await?;
    tx.commit().await?;
    let written = match &args.out {
        Some(path) => {
            let file =
                private_file(path).map_err(|cause| Failure::Operation(format!("{}: {cause}", path.display())))?;
            let mut out = BufWriter::new(file);
            let written = desk::export(&store, format, since, &mut out).await;
            written.and_then(|number| Ok((number, sync(out)?))).map(|(number, ())| number)
        }
        None => desk::export(&store, format, since, &mut BufWriter::new(io::stdout().lock())).await,
    };
    store.close().await;
    let number = written.map_err(Failure::operation)?;
    if args.out.is_some() {
        complain(&format!("{number} exported"));
    }
    Ok(())
}

fn sync(mut out: BufWriter<File>) -> Result<(), ExportError> {
    out.flush()?;
    Ok(out.get_ref().sync_all()?)
}
