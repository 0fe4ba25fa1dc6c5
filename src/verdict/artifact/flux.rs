//! Rules about the files of a Flux artifact: plain Kubernetes YAML that kustomize-controller builds and
//! applies. What a YAML comment or a document does depends on whether some kustomization turns whole files
//! into objects (`configMapGenerator`, `secretGenerator`): then every byte is content.

use crate::compare::files::FilePair;
use crate::compare::packing::show_path;
use crate::compare::yaml;
use crate::limits::Limits;
use crate::tree::{Node, Tree};
use crate::verdict::file_class::FileClass;
use crate::verdict::kubernetes::{self, Changed};
use crate::verdict::{Cause, Code, Severity, Stage, Weight};

/// Judges every path that differs.
pub fn judge(left: &Tree, right: &Tree, pairs: &[FilePair<'_>], limits: &Limits) -> Vec<Cause> {
    let bytes_are_content = [left, right].into_iter().any(reads_whole_files);
    let differing: Vec<&FilePair<'_>> = pairs
        .iter()
        .filter(|p| p.difference().is_none_or(|d| d.content()))
        .collect();
    let mut causes: Vec<Cause> = differing
        .iter()
        .flat_map(|p| file(p, [left, right], bytes_are_content, limits))
        .collect();
    let changed: Vec<Changed<'_>> = differing
        .iter()
        .filter(|p| is_yaml(p.path))
        .map(|p| Changed {
            path: show_path(p.path),
            class: FileClass::Template,
            left: p.left.and_then(text),
            right: p.right.and_then(text),
        })
        .collect();
    causes.extend(kubernetes::judge(&changed, limits));
    causes
}

fn text(node: &Node) -> Option<&str> {
    std::str::from_utf8(node.bytes.as_deref()?).ok()
}

/// True unless every file was read and none of them names a generator, an encryption or a plug-in by which
/// whole files become objects.
fn reads_whole_files(tree: &Tree) -> bool {
    let names = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|w| w == word);
    tree.nodes.values().any(|node| match node.bytes.as_deref() {
        None => node.kind == crate::archive::EntryKind::File,
        Some(bytes) => [&b"enerator"[..], b"ransformers", b"sops"]
            .iter()
            .any(|word| names(bytes, word)),
    })
}

fn is_yaml(path: &[u8]) -> bool {
    path.ends_with(b".yaml") || path.ends_with(b".yml")
}

/// A document by its name, which nothing in the tree names: a kustomization may list any file.
fn is_document(path: &[u8], trees: [&Tree; 2]) -> bool {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let plain = matches!(
        lower.as_slice(),
        b"readme" | b"readme.txt" | b"license" | b"license.txt" | b"licence" | b"licence.txt"
    );
    let kustomization = |path: &[u8]| {
        let last = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
        matches!(
            last,
            b"kustomization.yaml" | b"kustomization.yml" | b"Kustomization"
        )
    };
    let names_it = |tree: &Tree| {
        tree.nodes
            .iter()
            .filter(|(path, _)| kustomization(path))
            .any(|(_, node)| {
                node.bytes
                    .as_deref()
                    .is_none_or(|bytes| bytes.windows(name.len()).any(|w| w == name))
            })
    };
    (plain || lower.ends_with(b".md")) && !trees.into_iter().any(names_it)
}

fn file(pair: &FilePair<'_>, trees: [&Tree; 2], bytes_are_content: bool, limits: &Limits) -> Vec<Cause> {
    let cause = |code, severity, weight| {
        Cause::new(code, severity, Stage::Content, weight).path(show_path(pair.path))
    };
    if !bytes_are_content && is_document(pair.path, trees) {
        return vec![
            cause(Code::FileDocs, Severity::Info, Weight::Cosmetic).note("a document; nothing applies it"),
        ];
    }
    let (left, right) = match (pair.left, pair.right) {
        (Some(left), Some(right)) => (left, right),
        (left, _) => {
            let code = if left.is_none() {
                Code::FileAdded
            } else {
                Code::FileRemoved
            };
            return vec![Cause {
                stage: Stage::Files,
                ..cause(code, Severity::Behaviour, Weight::Deployed)
            }];
        }
    };
    let bytes = || cause(Code::FileBytes, Severity::Behaviour, Weight::Deployed);
    let (Some(from), Some(to)) = (left.bytes.as_deref(), right.bytes.as_deref()) else {
        return vec![bytes()];
    };
    if !is_yaml(pair.path) || left.kind != right.kind {
        return vec![bytes()];
    }
    let compared = yaml::compare(from, to, limits);
    if compared.data_equal {
        let (severity, weight) = match bytes_are_content {
            true => (Severity::Review, Weight::Deployed),
            false => (Severity::Noise, Weight::Cosmetic),
        };
        let mut causes = Vec::new();
        if compared.comments_differ {
            causes.push(cause(Code::YamlComments, severity, weight).count(compared.comments_changed));
        }
        if compared.formatting_differs || causes.is_empty() {
            causes.push(cause(Code::YamlFormatting, severity, weight));
        }
        return causes;
    }
    if compared.changes.is_empty() {
        return vec![bytes()];
    }
    compared
        .changes
        .into_iter()
        .map(|change| {
            cause(Code::YamlValue, Severity::Behaviour, Weight::Deployed)
                .pointer(change.pointer)
                .values(change.from, change.to)
        })
        .collect()
}
