//! Other implementations as oracles: the `tar` crate, GNU tar in every format it writes, gzip and zstd.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod archive_support;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use archive_support::{filter, listing, read, untar};
use proptest::prelude::*;
use tagdrift::archive::{Compression, EntryKind, TarFormat, TarListing};
use tagdrift::oci::Digest;
use tagdrift::tree::{archive, content_digest};

/// What the `tar` crate sees: path, type, mode, owner, mtime, link, content.
type Seen = (Vec<u8>, u8, u32, u64, u64, u64, Vec<u8>, Digest);

fn as_the_crate_sees(bytes: &[u8]) -> Vec<Seen> {
    let mut archive = tar::Archive::new(bytes);
    archive
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            let header = entry.header();
            let kind = match header.entry_type() {
                tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::GNUSparse => b'0',
                other => other.as_byte(),
            };
            (
                entry.path_bytes().into_owned(),
                kind,
                header.mode().unwrap() & 0o7777,
                header.uid().unwrap(),
                header.gid().unwrap(),
                header.mtime().unwrap(),
                entry
                    .link_name_bytes()
                    .map(|l| l.into_owned())
                    .unwrap_or_default(),
                Digest::sha256(&content),
            )
        })
        .collect()
}

fn as_we_see(listing: &TarListing) -> Vec<Seen> {
    listing
        .entries
        .iter()
        .map(|e| {
            let kind = match e.kind {
                EntryKind::File => b'0',
                EntryKind::Hardlink => b'1',
                EntryKind::Symlink => b'2',
                EntryKind::CharDevice => b'3',
                EntryKind::BlockDevice => b'4',
                EntryKind::Directory => b'5',
                EntryKind::Fifo => b'6',
                EntryKind::Other(flag) => flag,
            };
            let mtime = u64::try_from(e.mtime.seconds).unwrap();
            (
                e.path.clone(),
                kind,
                e.mode,
                e.uid,
                e.gid,
                mtime,
                e.link.clone(),
                Digest::from_sha256(&e.sha256),
            )
        })
        .collect()
}

/// A folder with what is awkward to pack.
fn awkward(folder: &Path) {
    let root = folder.join("tide");
    fs::create_dir_all(root.join("templates")).unwrap();
    fs::write(root.join("Chart.yaml"), "name: tide\n").unwrap();
    fs::write(root.join("empty"), "").unwrap();
    fs::write(root.join("block"), vec![7; 512]).unwrap();
    fs::write(root.join("templates").join("long-".repeat(30)), "long name").unwrap();
    fs::write(root.join("Café ünï"), "non-ASCII").unwrap();
    fs::set_permissions(root.join("empty"), fs::Permissions::from_mode(0o4755)).unwrap();
    fs::hard_link(root.join("Chart.yaml"), root.join("hard")).unwrap();
    symlink("Chart.yaml", root.join("soft")).unwrap();
    symlink("far/".repeat(40), root.join("far")).unwrap();
    let deep = root
        .join("d".repeat(60))
        .join("e".repeat(60))
        .join("f".repeat(60));
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("leaf"), "deep").unwrap();
}

fn gnu_tar(folder: &Path, args: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("tar")
        .args(["--sort=name", "--owner=ada:1750", "--group=users:100"])
        .args(args)
        .args(["-cf", "-", "tide"])
        .current_dir(folder)
        .output()
        .ok()?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(output.stdout)
}

#[test]
fn gnu_tar_in_every_format_reads_as_the_crate_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    awkward(folder.path());
    let formats: [(&[&str], &[TarFormat]); 4] = [
        (&["--format=gnu"], &[TarFormat::Gnu]),
        (&["--format=pax"], &[TarFormat::Ustar, TarFormat::Pax]),
        (&["--format=oldgnu"], &[TarFormat::Gnu]),
        // What is too long for these formats is left out.
        (
            &[
                "--format=ustar",
                "--exclude=long-*",
                "--exclude=far",
                "--exclude=ddd*",
            ],
            &[TarFormat::Ustar],
        ),
    ];
    let mut digests = Vec::new();
    for (args, expected) in formats {
        let Some(bytes) = gnu_tar(folder.path(), args) else {
            return;
        };
        let ours = listing(&bytes);
        assert_eq!(as_we_see(&ours), as_the_crate_sees(&bytes), "{args:?}");
        assert_eq!(ours.facts.formats, expected, "{args:?}");
        assert_eq!(
            (&*ours.entries[0].uname, ours.entries[0].uid),
            (&b"ada"[..], 1750),
            "{args:?}"
        );
        assert!(ours.facts.ended && ours.facts.trailing.is_none(), "{args:?}");
        assert_eq!(ours.facts.oddities, Vec::<String>::new(), "{args:?}");
        digests.push(content_digest::files(&archive::tree(&ours)));
    }
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0], digests[2]);
    assert_ne!(digests[0], digests[3]);
}

#[test]
fn sparse_files_of_gnu_tar_have_their_holes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("tide");
    fs::create_dir(&root).unwrap();
    let mut content = vec![0; 3 << 20];
    for at in (0..content.len()).step_by(200_000) {
        content[at..at + 5].copy_from_slice(b"tide\n");
    }
    fs::write(root.join("holes"), &content).unwrap();
    assert!(
        Command::new("fallocate")
            .args(["-d", "tide/holes"])
            .current_dir(folder.path())
            .status()
            .is_ok()
    );
    for args in [
        &["--format=gnu", "--sparse", "--hole-detection=raw"][..],
        &[
            "--format=pax",
            "--sparse",
            "--sparse-version=0.0",
            "--hole-detection=raw",
        ],
        &[
            "--format=pax",
            "--sparse",
            "--sparse-version=0.1",
            "--hole-detection=raw",
        ],
        &[
            "--format=pax",
            "--sparse",
            "--sparse-version=1.0",
            "--hole-detection=raw",
        ],
    ] {
        let Some(bytes) = gnu_tar(folder.path(), args) else {
            return;
        };
        assert!(bytes.len() < content.len() / 4, "{args:?} wrote no holes");
        let entry = listing(&bytes)
            .entries
            .into_iter()
            .find(|e| e.kind == EntryKind::File)
            .unwrap();
        assert_eq!(entry.path, b"tide/holes", "{args:?}");
        assert_eq!(entry.size, content.len() as u64, "{args:?}");
        assert_eq!(
            Digest::from_sha256(&entry.sha256),
            Digest::sha256(&content),
            "{args:?}"
        );
    }
}

#[test]
fn every_compressor_leads_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    awkward(folder.path());
    let Some(bytes) = gnu_tar(folder.path(), &["--format=pax"]) else {
        return;
    };
    for (program, args, compression) in [
        ("gzip", &["-1n"][..], Compression::Gzip),
        ("gzip", &["-9"], Compression::Gzip),
        ("zstd", &["-q", "-1"], Compression::Zstd),
        ("zstd", &["-q", "-19", "--check"], Compression::Zstd),
        ("zstd", &["-q", "--ultra", "-22", "--long=27"], Compression::Zstd),
    ] {
        let Some(packed) = filter(program, args, &bytes) else {
            continue;
        };
        let reading = read(&packed);
        assert_eq!(reading.fault, None, "{program} {args:?}");
        assert_eq!(reading.packing.compression, compression);
        assert_eq!(
            reading.packing.uncompressed,
            Digest::sha256(&bytes),
            "{program} {args:?}"
        );
        assert_eq!(reading.packing.uncompressed_size, bytes.len() as u64);
    }
}

/// A file name and its content.
fn member() -> impl Strategy<Value = (String, Vec<u8>)> {
    (
        "[a-zé]{1,120}(/[a-z]{1,90})?",
        proptest::collection::vec(any::<u8>(), 0..1500),
    )
}

fn packed(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_746_620_827);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, path, content.as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_crate_writes_we_read(members in proptest::collection::vec(member(), 0..8)) {
        let bytes = packed(&members);
        prop_assert_eq!(as_we_see(&untar(&bytes, &[]).0), as_the_crate_sees(&bytes));
    }

    #[test]
    fn chunking_changes_nothing(
        members in proptest::collection::vec(member(), 0..6),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let bytes = packed(&members);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.sort_unstable();
        let (cut, whole) = (untar(&bytes, &cuts), untar(&bytes, &[]));
        prop_assert_eq!(format!("{cut:?}"), format!("{whole:?}"));
    }

    #[test]
    fn a_permuted_tar_is_the_same_tree(
        members in proptest::collection::btree_map("[a-z]{1,8}(/[a-z]{1,8})?", proptest::collection::vec(any::<u8>(), 0..300), 1..10),
        seed in any::<u64>(),
    ) {
        // A name that is a file here and a folder there has an order of its own.
        let clash = members.keys().any(|a| members.keys().any(|b| b.starts_with(&format!("{a}/"))));
        prop_assume!(!clash);
        let members: Vec<(String, Vec<u8>)> = members.into_iter().collect();
        let mut permuted = members.clone();
        permuted.sort_by_key(|(name, _)| {
            name.bytes().fold(seed | 1, |h, b| (h ^ u64::from(b)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29))
        });
        let tree = |members: &[(String, Vec<u8>)]| archive::tree(&untar(&packed(members), &[]).0);
        let (one, other) = (tree(&members), tree(&permuted));
        prop_assert_eq!(&one.nodes, &other.nodes);
        prop_assert_eq!(content_digest::files(&one), content_digest::files(&other));
    }
}
