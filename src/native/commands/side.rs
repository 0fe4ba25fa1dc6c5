//! One side of a comparison as it is written on the command line: a reference or a local artifact.
//!
//! Paths hold colons (a Windows drive, a folder named by date), references do too. So the **longest
//! existing path wins**, and what follows it picks a manifest: `PATH:TAG`, `PATH@DIGEST`, `PATH:TAG@DIGEST`.
//! Without an existing path, what looks like one (`./…`, `C:\…`, `….tgz`) is a missing file rather than a
//! reference; all else is a reference. A folder that is no OCI layout does not shadow a reference of the
//! same name: standing in a folder with `nginx/` in it, `nginx` still means the image.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::native::source::Pick;
use crate::oci::{Digest, Reference};

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// In a registry.
    Remote(Reference),
    /// On this machine.
    Local {
        /// A chart archive, an OCI layout (folder or tar) or a `docker save` tar.
        path: PathBuf,
        /// Which of its manifests.
        pick: Pick,
    },
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(reference) => reference.fmt(f),
            Self::Local { path, pick } => write!(f, "{}{pick}", path.display()),
        }
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A file.
    File,
    /// A folder with an `oci-layout` file.
    Layout,
    /// Another folder.
    Folder,
    /// Nothing.
    Nothing,
}

fn look(path: &Path) -> Standing {
    match std::fs::metadata(path) {
        Ok(facts) if facts.is_dir() && path.join("oci-layout").is_file() => Standing::Layout,
        Ok(facts) if facts.is_dir() => Standing::Folder,
        Ok(_) => Standing::File,
        Err(_) => Standing::Nothing,
    }
}

/// Reads a side, looking at the file system.
///
/// # Errors
/// One sentence: a file that does not exist, a bad digest behind a path, a bad reference.
pub fn parse(text: &str) -> Result<Side, String> {
    parse_with(text, look)
}

fn parse_with(text: &str, look: impl Fn(&Path) -> Standing) -> Result<Side, String> {
    if text.is_empty() {
        return Err("nothing to compare: write a reference or a path".to_owned());
    }
    if text.starts_with("oci://") {
        return remote(text);
    }
    let path_like = looks_like_a_path(text);
    let splits = text
        .char_indices()
        .rev()
        .filter(|(_, c)| matches!(c, ':' | '@'))
        .map(|(at, _)| text.split_at(at));
    for (path, rest) in std::iter::once((text, "")).chain(splits) {
        match look(Path::new(path)) {
            Standing::File | Standing::Layout => {
                return Ok(Side::Local {
                    path: PathBuf::from(path),
                    pick: pick(rest)?,
                });
            }
            Standing::Folder if path_like => {
                return Err(format!(
                    "{path:?} is a folder, but no OCI layout (it has no oci-layout file): name a chart .tgz, an OCI layout or a docker save tar"
                ));
            }
            Standing::Folder | Standing::Nothing => {}
        }
    }
    if path_like {
        return Err(format!(
            "{text:?} does not exist: check the path, or write a reference"
        ));
    }
    remote(text)
}

fn remote(text: &str) -> Result<Side, String> {
    text.parse()
        .map(Side::Remote)
        .map_err(|error: crate::oci::ReferenceError| error.to_string())
}

/// What follows a path: nothing, `:TAG`, `@DIGEST` or both.
fn pick(rest: &str) -> Result<Pick, String> {
    let (tag, digest) = match rest.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest.parse::<Digest>().map_err(|e| e.to_string())?)),
        None => (rest, None),
    };
    let tag = tag.strip_prefix(':').filter(|tag| !tag.is_empty());
    if rest.starts_with(':') && tag.is_none() {
        return Err("no tag after the colon".to_owned());
    }
    Ok(Pick {
        tag: tag.map(str::to_owned),
        digest,
    })
}

/// True for what nobody writes for a reference.
fn looks_like_a_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    let drive = matches!(bytes, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let archive = |suffix: &str| text.to_ascii_lowercase().ends_with(suffix);
    drive
        || text.contains('\\')
        || ["./", "../", "/", "~"]
            .iter()
            .any(|start| text.starts_with(start))
        || matches!(text, "." | "..")
        || [".tgz", ".tar", ".tar.gz"].iter().any(|suffix| archive(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";

    fn read(text: &str, there: &[(&str, Standing)]) -> Result<Side, String> {
        parse_with(text, |path| {
            there
                .iter()
                .find(|(name, _)| Path::new(name) == path)
                .map_or(Standing::Nothing, |(_, standing)| *standing)
        })
    }

    fn local(path: &str, tag: Option<&str>, digest: bool) -> Side {
        Side::Local {
            path: PathBuf::from(path),
            pick: Pick {
                tag: tag.map(str::to_owned),
                digest: digest.then(|| format!("sha256:{HEX}").parse().unwrap()),
            },
        }
    }

    #[test]
    fn the_longest_existing_path_wins() {
        use Standing::{File, Layout};
        let there = [
            ("layout", Layout),
            ("layout:v1", Layout),
            ("C:\\charts\\kelp.tgz", File),
            ("C:", Standing::Folder),
        ];
        assert_eq!(read("layout", &there).unwrap(), local("layout", None, false));
        assert_eq!(
            read("layout:v2", &there).unwrap(),
            local("layout", Some("v2"), false)
        );
        assert_eq!(
            read("layout:v1", &there).unwrap(),
            local("layout:v1", None, false)
        );
        assert_eq!(
            read(&format!("layout:v1@sha256:{HEX}"), &there).unwrap(),
            local("layout:v1", None, true)
        );
        assert_eq!(
            read(&format!("layout:v2@sha256:{HEX}"), &there).unwrap(),
            local("layout", Some("v2"), true)
        );
        assert_eq!(
            read("C:\\charts\\kelp.tgz", &there).unwrap(),
            local("C:\\charts\\kelp.tgz", None, false)
        );
        assert_eq!(
            read("C:\\charts\\kelp.tgz:1.2.3", &there).unwrap(),
            local("C:\\charts\\kelp.tgz", Some("1.2.3"), false)
        );
    }

    #[test]
    fn a_folder_does_not_shadow_a_reference() {
        let there = [("nginx", Standing::Folder)];
        assert_eq!(
            read("nginx:1.27", &there).unwrap().to_string(),
            "docker.io/library/nginx:1.27"
        );
        assert_eq!(
            read("./nginx", &[("./nginx", Standing::Folder)]).unwrap_err(),
            "\"./nginx\" is a folder, but no OCI layout (it has no oci-layout file): name a chart .tgz, an OCI layout or a docker save tar"
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(
            read("kelp-1.0.0.tgz", &[]).unwrap_err(),
            "\"kelp-1.0.0.tgz\" does not exist: check the path, or write a reference"
        );
        assert_eq!(
            read("D:\\kelp:1", &[]).unwrap_err(),
            "\"D:\\\\kelp:1\" does not exist: check the path, or write a reference"
        );
        assert_eq!(
            read("layout@sha256:3b", &[("layout", Standing::Layout)]).unwrap_err(),
            "a sha256 digest has 64 hex digits, this one has 2"
        );
        assert_eq!(
            read("layout:", &[("layout", Standing::Layout)]).unwrap_err(),
            "no tag after the colon"
        );
        assert_eq!(
            read("https://ghcr.io/x", &[]).unwrap_err(),
            "https:// is not a registry: write oci://… or leave the scheme out"
        );
    }
}
