//! `tagdrift compare LEFT RIGHT`: the verdict about two artifacts.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use super::Format;
use super::access::Access;
use super::outcome::{FailOn, Outcome};
use super::reach::Place;
use super::side::Side;
use crate::compare::drive::{self, Step};
use crate::compare::job::{Job, Options, SideId};
use crate::compare::signed;
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::native::decode::Threads;
use crate::oci::Platform;
use crate::report::{self, Comparison, html, json, markdown, text};
use crate::verdict::Contents;

/// Bytes of diffs in a report that carries them.
const DIFFS: usize = 4 << 20;

/// What was asked for.
#[derive(Debug)]
pub struct Request {
    /// The older side.
    pub left: Side,
    /// The newer side.
    pub right: Side,
    /// Only this platform of an index.
    pub platform: Option<Platform>,
    /// Take an image's diffIDs for what its layers unpack to, instead of reading them.
    pub trust_diff_ids: bool,
    /// How the result is printed.
    pub format: Format,
    /// In text: everything, also what is summed up otherwise.
    pub all: bool,
    /// From which level on the exit code is 1.
    pub fail_on: FailOn,
    /// Where the result goes instead of stdout.
    pub output: Option<PathBuf>,
    /// How registries are spoken to.
    pub access: Access,
}

/// Compares and prints.
///
/// # Errors
/// What kept it from reading either side at all; what could not be read of a side is in the result.
pub async fn run(request: Request) -> Result<Outcome, Fault> {
    let limits = Limits::native();
    let (comparison, diffs) = compare(&request, &limits).await?;
    let terminal = request.output.is_none() && std::io::stdout().is_terminal();
    let mut printed = print(&comparison, &diffs, &request, terminal)?;
    if !printed.ends_with('\n') {
        printed.push('\n');
    }
    match &request.output {
        Some(path) => write(path, &printed)?,
        None => super::say(&printed),
    }
    Ok(request.fail_on.judge(comparison.verdict.level))
}

/// Unified diffs by path.
type Diffs = Vec<(String, String)>;

async fn compare(request: &Request, limits: &Limits) -> Result<(Comparison, Diffs), Fault> {
    let registries: Vec<&str> = [&request.left, &request.right]
        .into_iter()
        .filter_map(|side| match side {
            Side::Remote(reference) => Some(reference.registry.as_str()),
            Side::Local { .. } => None,
        })
        .collect();
    let left = Place::open(&request.left, &request.access, &registries, limits).await?;
    let right = Place::open(&request.right, &request.access, &registries, limits).await?;
    let options = Options {
        platform: request.platform.clone(),
        trust_diff_ids: request.trust_diff_ids,
    };
    let starts = (
        left.start(request.left.to_string()).await?,
        right.start(request.right.to_string()).await?,
    );
    let mut job = Job::new(starts.0, starts.1, options, limits.clone());
    let progress = Progress::new();
    let tell = |step: Step| progress.tell(&step);
    let threads = Threads::default();
    macro_rules! sides {
        ($left:expr, $l:expr, $right:expr, $r:expr) => {{
            let left = drive::Side {
                source: $left,
                reference: $l,
            };
            let right = drive::Side {
                source: $right,
                reference: $r,
            };
            drive::run(&mut job, left, right, &threads, &tell).await
        }};
    }
    match (&left, &right) {
        (Place::Remote(a, l), Place::Remote(b, r)) => sides!(&***a, l, &***b, r),
        (Place::Remote(a, l), Place::Local(b, r)) => sides!(&***a, l, &**b, r),
        (Place::Local(a, l), Place::Remote(b, r)) => sides!(&**a, l, &***b, r),
        (Place::Local(a, l), Place::Local(b, r)) => sides!(&**a, l, &**b, r),
    }
    progress.clear();
    let subject = left
        .reference()
        .zip(right.reference())
        .and_then(|(left, right)| report::common_subject(left, right));
    let mut evidence = job.evidence();
    evidence.signed = match signed::digests(&evidence.pair) {
        Some((l, r)) => {
            let asked = async {
                match (&left, &right) {
                    (_, Place::Remote(registry, reference)) if subject.is_some() => {
                        signed::look_up(&registry.client, reference, l, r).await
                    }
                    (Place::Local(_, a), Place::Local(local, b)) if a.name() == b.name() => {
                        signed::look_up_in_layout(&**local, b, l, r).await
                    }
                    _ => None,
                }
            };
            tokio::time::timeout(signed::PATIENCE, asked).await.ok().flatten()
        }
        None => None,
    };
    let comparison = report::comparison(&evidence, subject.as_ref(), limits);
    let mut diffs = Vec::new();
    if matches!(request.format, Format::Markdown | Format::Html) {
        let mut contents = Contents::new(&evidence, limits);
        for again in report::missing(&comparison, &contents) {
            let place = match again.side {
                SideId::Left => &left,
                SideId::Right => &right,
            };
            if let Ok(reading) = place.look_for(again, limits, &tell).await {
                contents.supply(&reading);
            }
        }
        progress.clear();
        diffs = report::diffs(&comparison, &contents, limits, DIFFS);
    }
    Ok((comparison, diffs))
}

fn print(
    comparison: &Comparison,
    diffs: &[(String, String)],
    request: &Request,
    terminal: bool,
) -> Result<String, Fault> {
    Ok(match request.format {
        Format::Json => json::write(comparison)?,
        Format::Markdown => markdown::write(
            comparison,
            &markdown::MarkdownOptions {
                diffs,
                ..Default::default()
            },
        ),
        Format::Text => {
            let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
            text::write(
                comparison,
                &text::TextOptions {
                    colour,
                    all: request.all,
                    ..Default::default()
                },
            )
        }
        Format::Html => html::write(
            comparison,
            &html::HtmlOptions {
                diffs,
                ..Default::default()
            },
        ),
    })
}

fn write(path: &Path, printed: &str) -> Result<(), Fault> {
    std::fs::write(path, printed).map_err(|e| {
        Fault::new(
            FaultKind::Unreachable,
            format!("the result could not be written: {e}"),
        )
        .at(path.display().to_string())
    })
}

/// A line on stderr that counts bytes, only on a terminal.
pub(super) struct Progress {
    shown: bool,
    bytes: std::cell::Cell<u64>,
    told: std::cell::Cell<u64>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            shown: std::io::stderr().is_terminal(),
            bytes: 0.into(),
            told: 0.into(),
        }
    }

    pub(super) fn tell(&self, step: &Step) {
        if let (true, Step::Bytes(n)) = (self.shown, step) {
            self.bytes.set(self.bytes.get() + n);
            let megabytes = self.bytes.get() >> 20;
            if megabytes > self.told.get() {
                self.told.set(megabytes);
                let _ = write!(std::io::stderr(), "\rread {megabytes} MiB\x1b[K");
            }
        }
    }

    pub(super) fn clear(&self) {
        if self.told.get() > 0 {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
