//! What a publisher can change so that the next push is not the same riddle: advice that fits the causes and the
//! tools found, each with something to copy.
//!
//! Invariants: nothing from the artifacts gets into a snippet (its variables are the publisher's own), so that no
//! annotation ends up in a shell; advice never speaks about the verdict itself.

use super::fingerprint::{Builder, Fingerprint, Release};
use super::{Cause, Code, Level, Note};

/// What the advice is about.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The level of the comparison.
    pub level: Level,
    /// Its causes.
    pub causes: &'a [Cause],
    /// Who packed and pushed the left side.
    pub left: &'a Fingerprint,
    /// Who packed and pushed the right side.
    pub right: &'a Fingerprint,
    /// True when both sides stood under one tag.
    pub same_tag: bool,
}

/// Advice, most useful first. Empty where there is nothing to improve, and where not everything was read.
pub fn advice(situation: &Situation<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    match situation.level {
        Level::Identical | Level::Unknown => return notes,
        Level::Repackaged => {
            notes.extend(skip_what_exists(situation));
            notes.extend(reproducible(situation));
        }
        Level::Cosmetic => {
            notes.extend(skip_what_exists(situation));
        }
        Level::Changed | Level::Breaking => {
            if situation.same_tag {
                notes.push(note(
                    "Content changed under a tag that people already use. Give changed content a version of its own.",
                    "",
                ));
            }
        }
    }
    if situation.same_tag {
        notes.push(note(
            "Make released tags immutable, so that a second push fails instead of moving the tag: Harbor, Quay, Docker Hub, Amazon ECR, Azure and Google's registries can.",
            "",
        ));
    }
    notes.extend(signing(situation));
    notes
}

impl Situation<'_> {
    fn has(&self, codes: &[Code]) -> bool {
        self.causes.iter().any(|c| codes.contains(&c.code))
    }

    fn is_by(&self, builder: Builder) -> bool {
        self.left.is_by(builder) || self.right.is_by(builder)
    }

    fn packed_by(&self, builder: Builder) -> bool {
        [self.left, self.right]
            .iter()
            .any(|f| f.packer.as_ref().is_some_and(|t| t.builder == builder))
    }
}

fn note(text: &str, snippet: &str) -> Note {
    Note {
        topic: "publisher".to_owned(),
        text: text.to_owned(),
        snippet: snippet.trim().to_owned(),
    }
}

/// The surest way to the same digest is not to push again.
fn skip_what_exists(situation: &Situation<'_>) -> Option<Note> {
    if !situation.same_tag {
        return None;
    }
    Some(if situation.is_by(Builder::Helm) {
        note(
            "Do not push a version that is there already. An error that is not \"not found\" must stop the job, or a broken login pushes again.",
            HELM_SKIP,
        )
    } else {
        note(
            "Do not push a tag that is there already. An error that is not \"not found\" must stop the job, or a broken login pushes again.",
            CRANE_SKIP,
        )
    })
}

const HELM_SKIP: &str = r#"
if out=$(helm show chart "oci://$REPOSITORY/$CHART" --version "$VERSION" 2>&1); then
  echo "$CHART $VERSION exists: not pushed again"
elif printf '%s' "$out" | grep -qiE 'not found|manifest.unknown|name.unknown'; then
  helm push "$CHART-$VERSION.tgz" "oci://$REPOSITORY"
else
  printf '%s\n' "$out" >&2; exit 1
fi
"#;

const CRANE_SKIP: &str = r#"
if out=$(crane digest "$REPOSITORY:$TAG" 2>&1); then
  echo "$REPOSITORY:$TAG exists as $out: not pushed again"
elif printf '%s' "$out" | grep -qiE 'not found|manifest.unknown|name.unknown'; then
  ./push.sh
else
  printf '%s\n' "$out" >&2; exit 1
fi
"#;

/// How each tool found can be made to give the same bytes for the same source.
fn reproducible(situation: &Situation<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    if situation.is_by(Builder::Helm) {
        notes.extend(helm(situation));
    }
    for (builder, text, snippet) in TOOLS {
        if situation.is_by(*builder) {
            notes.push(note(text, snippet));
        }
    }
    if situation.has(&[Code::IndexAttestation]) && !situation.packed_by(Builder::BuildKit) {
        notes.push(note(ATTESTATIONS.0, ATTESTATIONS.1));
    }
    notes
}

fn helm(situation: &Situation<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    let packed_again = situation.has(&[Code::TarMtime]);
    let old = [situation.left, situation.right].iter().any(|f| {
        f.packer
            .as_ref()
            .is_none_or(|t| t.since.is_none_or(|since| since < Release(4, 0, 0)))
    });
    if !packed_again && situation.has(&[Code::AnnotationCreated]) {
        notes.push(note(
            "Helm 3.13 and 3.14 stamp the moment of the push, later ones the time of the .tgz. Push with Helm 3.17 or later, and set that time to the commit's; then the same .tgz gives the same digest.",
            HELM_PUSH,
        ));
    }
    if packed_again {
        notes.push(note(
            if old {
                "Helm 3 stamps every file with the moment of packing. Pack with Helm 4, which keeps the files' times, and set those to the commit's; then the same source gives the same digest."
            } else {
                "Helm 4 keeps the files' times, and a checkout sets them to now. Set them to the commit's; then the same source gives the same digest."
            },
            HELM_PACK,
        ));
    }
    if situation.has(&[Code::AnnotationCreatedZone]) {
        notes.push(note(
            "Helm 3.15 and later write `created` in the machine's time zone. Push from one zone.",
            "export TZ=UTC",
        ));
    }
    if situation.has(&[Code::GzipHeader, Code::CompressionStream, Code::TarOrder]) {
        notes.push(note(
            "Pack and push with one pinned release of Helm: releases differ in the gzip header and in the manifest.",
            "",
        ));
    }
    notes
}

const HELM_PACK: &str = r#"
export TZ=UTC SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
find "$CHART" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
helm package "$CHART"                                   # Helm 4 keeps these times
touch -d "@$SOURCE_DATE_EPOCH" "$CHART-$VERSION.tgz"    # becomes `created` (Helm 3.17 and later)
helm push "$CHART-$VERSION.tgz" "oci://$REPOSITORY"
"#;

const HELM_PUSH: &str = r#"
touch -d "@$(git log -1 --format=%ct)" "$CHART-$VERSION.tgz"    # becomes `created`
TZ=UTC helm push "$CHART-$VERSION.tgz" "oci://$REPOSITORY"
"#;

const ATTESTATIONS: (&str, &str) = (
    "Attestations differ with every build. Keep them, and compare and pin per platform; or leave them out.",
    "docker buildx build --provenance=false --sbom=false …",
);

/// Advice for tools that were found by their marks.
const TOOLS: &[(Builder, &str, &str)] = &[
    (
        Builder::GnuTar,
        "GNU tar keeps order, owners and times of the disk. Fix them, and keep gzip from stamping.",
        r#"
tar --sort=name --mtime="@$(git log -1 --format=%ct)" --owner=0 --group=0 --numeric-owner -cf - "$FOLDER" | gzip -n > "$ARCHIVE"
"#,
    ),
    (
        Builder::Bsdtar,
        "bsdtar keeps order, owners and times of the disk. Fix them, and keep gzip from stamping.",
        r#"
find "$FOLDER" -exec touch -d "$(git log -1 --format=%cI)" {} +
find "$FOLDER" -type f | LC_ALL=C sort | bsdtar --format=ustar --uid 0 --gid 0 --uname '' --gname '' --options '!timestamp' -czf "$ARCHIVE" -T -
"#,
    ),
    (
        Builder::Python,
        "Python's tarfile keeps owners and times of the disk, and its gzip stamps the moment. Fix them.",
        r#"
import gzip, os, tarfile
epoch = int(os.environ["SOURCE_DATE_EPOCH"])
def plain(entry):
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = epoch
    return entry
with open(archive, "wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=epoch) as stream:
    with tarfile.open(fileobj=stream, mode="w") as tar:
        tar.add(folder, filter=plain)
"#,
    ),
    (
        Builder::BuildKit,
        "BuildKit stamps files and steps with now. Give it the commit's time, and let it rewrite the layers' stamps (BuildKit 0.13 or later). Attestations still differ with every build: compare per platform.",
        r#"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) \
docker buildx build --output "type=image,name=$REPOSITORY:$TAG,push=true,rewrite-timestamp=true" .
"#,
    ),
    (
        Builder::Docker,
        "Docker's classic builder cannot build the same image twice. Build with BuildKit and give it the commit's time.",
        r#"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) \
docker buildx build --output "type=image,name=$REPOSITORY:$TAG,push=true,rewrite-timestamp=true" .
"#,
    ),
    (
        Builder::Buildah,
        "Buildah stamps files and steps with now. Give it the commit's time.",
        r#"buildah build --timestamp "$(git log -1 --format=%ct)" --tag "$REPOSITORY:$TAG" ."#,
    ),
    (
        Builder::Kaniko,
        "kaniko stamps files and steps with now unless it is told to strip the stamps.",
        r#"/kaniko/executor --reproducible --destination "$REPOSITORY:$TAG""#,
    ),
    (
        Builder::Ko,
        "ko gives the same image for the same source and the same Go. Pin Go, and give it the commit's time.",
        r#"SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) ko build --bare ."#,
    ),
    (
        Builder::Flux,
        "Flux stamps the artifact with the time of the push unless it is told not to.",
        r#"flux push artifact "oci://$REPOSITORY:$TAG" --reproducible --path . --source "$SOURCE" --revision "$REVISION""#,
    ),
    (
        Builder::Oras,
        "ORAS stamps the manifest with the time of the push. Give it the commit's.",
        r#"oras push "$REPOSITORY:$TAG" --annotation "org.opencontainers.image.created=$(git log -1 --format=%cI)" "$FILE""#,
    ),
];

/// A signature belongs to a digest.
fn signing(situation: &Situation<'_>) -> Option<Note> {
    if situation.has(&[Code::SignatureIdentity]) {
        return Some(note(
            "Another signer looks like an attack to everybody who trusts the first. Sign all digests of a tag with one identity, or announce the new one before.",
            "",
        ));
    }
    if situation.has(&[Code::SignatureLost]) {
        return Some(note(
            "A signature belongs to a digest: the new one is not signed. Sign each digest that is pushed, by digest.",
            r#"cosign sign "$REPOSITORY@$DIGEST""#,
        ));
    }
    if situation.has(&[Code::ProvenanceRemoved]) {
        return Some(note(
            "The provenance file went missing: `helm push` uploads it when it lies beside the archive.",
            r#"
helm package --sign --key "$KEY" --keyring "$KEYRING" "$CHART"
helm push "$CHART-$VERSION.tgz" "oci://$REPOSITORY"    # with $CHART-$VERSION.tgz.prov beside it
"#,
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fingerprint::Tool;
    use crate::verdict::{Severity, Stage, Weight};

    fn by(tool: Tool) -> Fingerprint {
        Fingerprint {
            packer: Some(tool),
            ..Fingerprint::default()
        }
    }

    fn told(level: Level, codes: &[Code], tool: Tool, same_tag: bool) -> Vec<Note> {
        let causes: Vec<Cause> = codes
            .iter()
            .map(|c| Cause::new(*c, Severity::Noise, Stage::Manifest, Weight::Packaging))
            .collect();
        let found = by(tool);
        advice(&Situation {
            level,
            causes: &causes,
            left: &found,
            right: &found,
            same_tag,
        })
    }

    fn firsts(notes: &[Note]) -> Vec<&str> {
        notes
            .iter()
            .map(|n| {
                assert_eq!(n.topic, "publisher");
                n.text
                    .split(". ")
                    .next()
                    .unwrap_or_default()
                    .trim_end_matches('.')
            })
            .collect()
    }

    #[test]
    fn helm_that_pushed_the_same_again() {
        let notes = told(
            Level::Repackaged,
            &[Code::AnnotationCreated, Code::TarMtime],
            Tool::any(Builder::Helm),
            true,
        );
        assert_eq!(
            firsts(&notes),
            [
                "Do not push a version that is there already",
                "Helm 3 stamps every file with the moment of packing",
                "Make released tags immutable, so that a second push fails instead of moving the tag: Harbor, Quay, Docker Hub, Amazon ECR, Azure and Google's registries can",
            ]
        );
        assert!(notes[0].snippet.starts_with("if out=$(helm show chart"));
        assert!(notes[1].snippet.contains("touch -d \"@$SOURCE_DATE_EPOCH\""));
    }

    #[test]
    fn helm_that_pushed_one_archive_twice_packed_it_once() {
        let notes = told(
            Level::Repackaged,
            &[Code::AnnotationCreated],
            Tool::any(Builder::Helm),
            false,
        );
        assert_eq!(
            firsts(&notes),
            ["Helm 3.13 and 3.14 stamp the moment of the push, later ones the time of the .tgz"]
        );
        assert!(!notes[0].snippet.contains("helm package"));
    }

    #[test]
    fn zones_and_releases_of_helm() {
        let four = Tool::of(Builder::Helm, Some(Release(4, 0, 0)), None);
        let notes = told(
            Level::Repackaged,
            &[Code::AnnotationCreatedZone, Code::GzipHeader],
            four.clone(),
            false,
        );
        assert_eq!(
            firsts(&notes),
            [
                "Helm 3.15 and later write `created` in the machine's time zone",
                "Pack and push with one pinned release of Helm: releases differ in the gzip header and in the manifest",
            ]
        );
        let notes = told(Level::Repackaged, &[Code::TarMtime], four, false);
        assert_eq!(
            firsts(&notes),
            ["Helm 4 keeps the files' times, and a checkout sets them to now"]
        );
    }

    #[test]
    fn each_tool_has_its_own() {
        for (builder, word) in [
            (Builder::GnuTar, "--sort=name"),
            (Builder::Bsdtar, "!timestamp"),
            (Builder::Python, "mtime=epoch"),
            (Builder::BuildKit, "rewrite-timestamp=true"),
            (Builder::Docker, "docker buildx build"),
            (Builder::Buildah, "--timestamp"),
            (Builder::Kaniko, "--reproducible"),
            (Builder::Ko, "ko build"),
            (Builder::Flux, "flux push artifact"),
            (Builder::Oras, "oras push"),
        ] {
            let notes = told(Level::Repackaged, &[Code::TarMtime], Tool::any(builder), false);
            assert_eq!(notes.len(), 1, "{builder:?}");
            assert!(notes[0].snippet.contains(word), "{builder:?}");
        }
    }

    #[test]
    fn changed_content_wants_a_version_and_a_signature() {
        let notes = told(
            Level::Breaking,
            &[Code::SignatureLost],
            Tool::any(Builder::Helm),
            true,
        );
        assert_eq!(
            firsts(&notes)[0],
            "Content changed under a tag that people already use"
        );
        assert_eq!(
            notes.last().unwrap().snippet,
            "cosign sign \"$REPOSITORY@$DIGEST\""
        );
        assert_eq!(told(Level::Changed, &[], Tool::any(Builder::Helm), false), []);
    }

    #[test]
    fn nothing_to_say() {
        for level in [Level::Identical, Level::Unknown] {
            assert_eq!(
                told(level, &[Code::SignatureLost], Tool::any(Builder::Helm), true),
                []
            );
        }
        assert_eq!(told(Level::Repackaged, &[], Tool::any(Builder::Go), false), []);
    }
}
