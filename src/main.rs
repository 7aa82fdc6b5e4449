//! The program `backwise`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Database, mails, key: whatever this process creates is for its owner only.
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
    backwise::cli::run()
}
