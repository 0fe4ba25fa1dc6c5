//! The command line: what may be written, what it comes to, and how it ends.
//!
//! Invariants: results go to stdout, everything else to stderr; an error is one line with the next step;
//! the exit code is 0 (nothing at or above `--fail-on`), 1 (something is) or 2 (cannot tell, or the
//! program could not do its work, usage errors included).
//!
//! ```text
//! tagdrift compare ghcr.io/acme/charts/kelp:1.2.3@sha256:… ./kelp-1.2.3.tgz --fail-on cosmetic
//! ```

pub mod access;
pub mod compare;
pub mod contents;
pub mod demo;
pub mod history;
pub mod outcome;
pub mod reach;
pub mod serve;
pub mod side;
pub mod tags;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::fault::Fault;
use crate::oci::{Platform, Reference};
use access::Access;
use outcome::{FailOn, Outcome};
use side::Side;

/// Same tag, new digest: did anything real change?
#[derive(Debug, Parser)]
#[command(name = "tagdrift", version, propagate_version = true)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
pub struct Common {
    /// How a result is printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Exit with 1 when the level of a result is this or above
    #[arg(long, global = true, value_enum, default_value_t = FailOn::Changed, value_name = "LEVEL")]
    pub fail_on: FailOn,
    /// Speak plain http to this host (host or host:port; may be repeated). Loopback hosts always are.
    #[arg(long, global = true, value_name = "HOST")]
    pub plain_http: Vec<String>,
    /// Let a registry that signs in at this other host show it the credentials (host or host:port; may be repeated)
    #[arg(long, global = true, value_name = "HOST")]
    pub trust_realm: Vec<String>,
    /// User name for the registry; the password comes by --password-stdin
    #[arg(long, global = true, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password (or access token) from the first line of standard input
    #[arg(long, global = true)]
    pub password_stdin: bool,
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people; colour only on a terminal.
    Text,
    /// The published JSON.
    Json,
    /// For an issue or a pull request.
    Markdown,
    /// One file that needs no network.
    Html,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The page, the relay and the sample registry on this machine; prints the URL
    Demo(demo::Options),
    /// The page and the relay, for many people
    Serve(serve::Options),
    /// The tags of a repository
    Tags {
        /// registry/repository
        #[arg(value_name = "REPOSITORY")]
        repository: Reference,
    },
    /// Every digest known for a tag, with where each was learnt
    History {
        /// registry/repository:tag
        #[arg(value_name = "REFERENCE")]
        reference: Reference,
        /// Read every digest that is still there: how many contents they are, and which files vary
        #[arg(long)]
        contents: bool,
    },
    /// Compare two artifacts: references, chart .tgz, OCI layouts (folder or tar), docker save tars
    Compare {
        /// The older side: a reference, or a path (PATH:TAG or PATH@DIGEST picks one of several)
        #[arg(value_name = "LEFT", value_parser = side::parse)]
        left: Side,
        /// The newer side, written the same way
        #[arg(value_name = "RIGHT", value_parser = side::parse)]
        right: Side,
        /// Compare only this platform of an index: os/arch or os/arch/variant
        #[arg(long, value_name = "PLATFORM")]
        platform: Option<Platform>,
        /// Do not read layers that both sides declare to unpack to the same bytes (diffIDs, ORAS's annotation)
        #[arg(long)]
        trust_diff_ids: bool,
        /// In text: each packaging difference, every file and all notes too
        #[arg(long)]
        all: bool,
        /// Write the result to this file instead of standard output
        #[arg(long, short, value_name = "FILE")]
        output: Option<std::path::PathBuf>,
    },
}

/// Runs the program with these arguments, the program's own name first.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    crate::native::install_crypto();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the runtime does not start: {error}"));
            return Outcome::CannotTell.into();
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(outcome) => outcome.into(),
        Err(fault) => {
            complain(&fault.to_string());
            Outcome::CannotTell.into()
        }
    }
}

async fn run(cli: Cli) -> Result<Outcome, Fault> {
    let Common {
        format,
        fail_on,
        plain_http,
        trust_realm,
        username,
        password_stdin,
    } = cli.common;
    let access = || {
        Access::read(
            plain_http,
            trust_realm,
            username,
            password_stdin,
            io::stdin().lock(),
        )
    };
    match cli.command {
        Command::Demo(options) => demo::run(options).await,
        Command::Serve(options) => serve::run(options).await,
        Command::Tags { repository } => {
            let access = access()?;
            tags::run(tags::Request {
                repository,
                format,
                access,
            })
            .await
        }
        Command::History { reference, contents } => {
            let access = access()?;
            history::run(history::Request {
                reference,
                contents,
                fail_on,
                format,
                access,
            })
            .await
        }
        Command::Compare {
            left,
            right,
            platform,
            trust_diff_ids,
            all,
            output,
        } => {
            let access = access()?;
            compare::run(compare::Request {
                left,
                right,
                platform,
                trust_diff_ids,
                format,
                all,
                fail_on,
                output,
                access,
            })
            .await
        }
    }
}

/// A result on stdout. Whoever stopped reading (`| head`) has what he wants.
fn say(result: &str) {
    let _ = io::stdout().write_all(result.as_bytes());
}

/// One line on stderr. A terminal that went away is no reason to fail differently.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "tagdrift: {message}");
}

/// Help and version as they are; a usage error in one line, with exit code 2.
fn usage(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Outcome::CannotTell.into()
        }
        _ => {
            complain(&one_line(&error.to_string()));
            Outcome::CannotTell.into()
        }
    }
}

/// clap's message without its usage block: the sentence, then its tips, then where help is.
fn one_line(message: &str) -> String {
    let said: Vec<&str> = message
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:"))
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"))
        .collect();
    let said = said.join(" ");
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    format!("{said}; `tagdrift --help` shows how it is written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parse(arguments: &[&str]) -> Result<Cli, String> {
        Cli::try_parse_from(std::iter::once("tagdrift").chain(arguments.iter().copied()))
            .map_err(|e| one_line(&e.to_string()))
    }

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_stand_on_either_side() {
        for arguments in [
            ["--format", "json", "tags", "ghcr.io/acme/kelp"],
            ["tags", "ghcr.io/acme/kelp", "--format", "json"],
        ] {
            assert_eq!(parse(&arguments).unwrap().common.format, Format::Json);
        }
    }

    #[test]
    fn usage_errors_are_one_line() {
        assert_eq!(
            parse(&["compare", "ghcr.io/acme/kelp:1"]).unwrap_err(),
            "the following required arguments were not provided: <RIGHT>; `tagdrift --help` shows how it is written"
        );
        assert_eq!(
            parse(&["tags", "ghcr.io/Acme/kelp"]).unwrap_err(),
            "invalid value 'ghcr.io/Acme/kelp' for '<REPOSITORY>': repository \"Acme/kelp\" has an upper-case 'A' at offset 0: registries allow lower case only; `tagdrift --help` shows how it is written"
        );
        assert_eq!(
            parse(&["demo", "--listen", "nowhere"]).unwrap_err(),
            "invalid value 'nowhere' for '--listen <ADDR>': \"nowhere\" is no address to listen on: write host:port, as in 127.0.0.1:8080; `tagdrift --help` shows how it is written"
        );
    }
}
