//! The tar reader's rules, one lie at a time: what it says, and at which offset.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod archive_support;

use archive_support::{Block, Tarball, good, one, pax_records, refused, untar};
use tagdrift::archive::{EntryKind, TarFormat, Time};
use tagdrift::fault::FaultKind;
use tagdrift::oci::Digest;

#[test]
fn reads_every_field_of_a_ustar_header() {
    let block = Block::new("values.yaml", b'0', 4)
        .with(100, b"0004755\0")
        .with(108, b"0001750\0")
        .with(116, b"0000144\0")
        .with(265, b"ada")
        .with(297, b"users")
        .with(345, b"tide/templates");
    let entry = one(&Tarball::new().raw(block, b"a: 1").end());
    assert_eq!(entry.path, b"tide/templates/values.yaml");
    assert_eq!(entry.kind, EntryKind::File);
    assert_eq!((entry.mode, entry.uid, entry.gid), (0o4755, 0o1750, 0o144));
    assert_eq!((&*entry.uname, &*entry.gname), (&b"ada"[..], &b"users"[..]));
    assert_eq!(
        entry.mtime,
        Time {
            seconds: 0o15_006_467_633,
            nanos: 0
        }
    );
    assert_eq!((entry.size, entry.offset, entry.format), (4, 0, TarFormat::Ustar));
    assert_eq!(Digest::from_sha256(&entry.sha256), Digest::sha256(b"a: 1"));
    assert_eq!(entry.bytes.as_deref(), Some(&b"a: 1"[..]));
}

#[test]
fn reads_links_devices_and_the_rest() {
    let bytes = Tarball::new()
        .folder("d/")
        .file("d/f", "x")
        .symlink("s", "d/f")
        .hardlink("h", "d/f")
        .raw(
            Block::new("c", b'3', 0)
                .with(329, b"0000001\0")
                .with(337, b"0000003\0"),
            b"",
        )
        .raw(
            Block::new("b", b'4', 0)
                .with(329, b"0000010\0")
                .with(337, b"0000000\0"),
            b"",
        )
        .raw(Block::new("p", b'6', 0), b"")
        .raw(Block::new("?", b'Z', 2), b"zz")
        .end();
    let listing = good(&bytes);
    let told: Vec<_> = listing
        .entries
        .iter()
        .map(|e| {
            (
                e.kind,
                String::from_utf8_lossy(&e.link).into_owned(),
                e.device,
                e.size,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (EntryKind::Directory, String::new(), (0, 0), 0),
            (EntryKind::File, String::new(), (0, 0), 1),
            (EntryKind::Symlink, "d/f".into(), (0, 0), 0),
            (EntryKind::Hardlink, "d/f".into(), (0, 0), 0),
            (EntryKind::CharDevice, String::new(), (1, 3), 0),
            (EntryKind::BlockDevice, String::new(), (8, 0), 0),
            (EntryKind::Fifo, String::new(), (0, 0), 0),
            (EntryKind::Other(b'Z'), String::new(), (0, 0), 2),
        ]
    );
}

#[test]
fn a_v7_name_with_a_slash_is_a_folder() {
    let block = |path: &str| Block::new(path, 0, 0).with(257, &[0; 8]);
    let listing = good(
        &Tarball::new()
            .raw(block("old/"), b"")
            .raw(block("old/file"), b"")
            .end(),
    );
    assert_eq!(listing.entries[0].kind, EntryKind::Directory);
    assert_eq!(listing.entries[1].kind, EntryKind::File);
    assert_eq!(listing.facts.formats, [TarFormat::V7]);
}

#[test]
fn pax_records_override_the_header() {
    let long = "x".repeat(300);
    let bytes = Tarball::new()
        .pax(&[
            ("path", "first"),
            ("path", &long),
            ("mtime", "1746620827.5"),
            ("uid", "3000000"),
            ("gid", "3000001"),
            ("uname", "ada"),
            ("gname", "users"),
            ("atime", "7"),
            ("SCHILY.xattr.security.capability", "cap"),
            ("LIBARCHIVE.xattr.user.a%20b", "YWI="),
            ("comment", ""),
        ])
        .raw(Block::new("short", b'0', 2), b"ok")
        .end();
    let entry = one(&bytes);
    assert_eq!(entry.path, long.as_bytes(), "of two records the last wins");
    assert_eq!(
        entry.mtime,
        Time {
            seconds: 1_746_620_827,
            nanos: 500_000_000
        }
    );
    assert_eq!((entry.uid, entry.gid), (3_000_000, 3_000_001));
    assert_eq!((&*entry.uname, &*entry.gname), (&b"ada"[..], &b"users"[..]));
    assert_eq!(entry.records[&b"atime"[..]], b"7");
    assert_eq!(entry.xattrs[&b"security.capability"[..]], b"cap");
    assert_eq!(entry.xattrs[&b"user.a b"[..]], b"ab");
    assert_eq!((entry.format, entry.offset), (TarFormat::Pax, 0));
}

#[test]
fn the_pax_size_decides_where_the_next_header_is() {
    // CVE-2025-62518: a reader that believes the header's 0 finds a member in the payload.
    let hidden = Tarball::new().file("hidden", "x").0;
    let bytes = Tarball::new()
        .pax(&[("size", &hidden.len().to_string())])
        .raw(Block::new("outer", b'0', 0), &hidden)
        .file("next", "y")
        .end();
    let listing = good(&bytes);
    let paths: Vec<_> = listing.entries.iter().map(|e| e.path.as_slice()).collect();
    assert_eq!(paths, [&b"outer"[..], b"next"]);
    assert_eq!(listing.entries[0].size, 1024);
}

#[test]
fn an_empty_pax_value_gives_way_to_the_header() {
    let entry = one(&Tarball::new()
        .pax(&[("path", "a"), ("path", ""), ("size", "")])
        .file("b", "2")
        .end());
    assert_eq!((entry.path.as_slice(), entry.size), (&b"b"[..], 1));
}

#[test]
fn broken_pax_headers_are_refused() {
    let with = |text: &[u8]| {
        refused(
            &Tarball::new()
                .raw(Block::new("x", b'x', text.len() as u64), text)
                .file("a", "")
                .end(),
        )
        .1
    };
    assert_eq!(
        with(b"99 path=a\n"),
        "PAX record at offset 512: length 99 goes beyond the header, which has 10 bytes left"
    );
    assert_eq!(
        with(b"8 path=a\n"),
        "PAX record at offset 512: length 8 does not end at a newline"
    );
    assert_eq!(
        with(&pax_records(&[("size", "1x")])),
        "PAX header at offset 512: size \"1x\" is no number"
    );
    assert_eq!(
        with(&pax_records(&[("uid", "-1")])),
        "PAX header at offset 512: uid \"-1\" is no number"
    );
    assert_eq!(
        with(&pax_records(&[("path", "a\0b")])),
        "PAX record at offset 512: a NUL in \"path\""
    );
}

#[test]
fn gnu_long_names_and_links() {
    let (name, link) = ("n".repeat(150), "l".repeat(150));
    let bytes = Tarball::new()
        .raw(
            Block::gnu("././@LongLink", b'K', 151),
            format!("{link}\0").as_bytes(),
        )
        .raw(
            Block::gnu("././@LongLink", b'L', 151),
            format!("{name}\0").as_bytes(),
        )
        .raw(Block::gnu("short", b'2', 0).link("short"), b"")
        .end();
    let entry = one(&bytes);
    assert_eq!((entry.path, entry.link), (name.into_bytes(), link.into_bytes()));
    assert_eq!((entry.format, entry.offset), (TarFormat::Gnu, 0));
}

#[test]
fn extensions_that_readers_would_choose_between_are_refused() {
    let long = |t: Tarball| t.raw(Block::gnu("././@LongLink", b'L', 5), b"evil\0");
    let mixed = long(Tarball::new().pax(&[("path", "good")])).file("a", "").end();
    assert_eq!(
        refused(&mixed),
        (
            0,
            "the member at offset 0 has both a PAX and a GNU long path".into()
        )
    );
    let twice = long(long(Tarball::new())).file("a", "").end();
    assert_eq!(
        refused(&twice),
        (
            0,
            "two GNU long names for one member, the second at offset 1536".into()
        )
    );
    let twice = Tarball::new()
        .pax(&[("path", "a")])
        .pax(&[("path", "b")])
        .file("c", "")
        .end();
    assert_eq!(
        refused(&twice),
        (
            0,
            "two PAX headers for one member, the second before offset 1545".into()
        )
    );
    let between = Tarball::new()
        .pax(&[("path", "a")])
        .globals(&[("comment", "b")])
        .file("c", "")
        .end();
    assert_eq!(
        refused(&between),
        (
            0,
            "a global PAX header at offset 1024 stands between a member and its extension header at offset 0"
                .into()
        )
    );
}

#[test]
fn extensions_without_a_member_are_refused() {
    let dangling = Tarball::new().file("a", "1").pax(&[("path", "b")]);
    let message = "the extension header at offset 1024 is followed by no member";
    assert_eq!(refused(&dangling.clone().end()), (1, message.into()));
    assert_eq!(refused(&dangling.0), (1, message.into()));
}

#[test]
fn global_records_are_told_and_never_move_members() {
    let listing = good(
        &Tarball::new()
            .globals(&[("comment", "4f2a"), ("mtime", "1")])
            .file("a", "")
            .end(),
    );
    assert_eq!(listing.facts.globals[&b"comment"[..]], b"4f2a");
    assert_eq!(listing.entries[0].mtime.seconds, 0o15_006_467_633);
    assert_eq!(
        listing.facts.oddities,
        ["a global mtime record at offset 512 is not applied, as Go does not; GNU tar applies it"]
    );
    for key in ["path", "size", "linkpath", "GNU.sparse.major"] {
        let (_, fault) = untar(&Tarball::new().globals(&[(key, "1")]).file("a", "").end(), &[]);
        let fault = fault.unwrap();
        assert_eq!(fault.kind, FaultKind::Unsupported);
        assert_eq!(
            fault.message,
            format!("a global {key} record at offset 512: readers disagree whether it counts")
        );
    }
}

#[test]
fn a_wrong_checksum_is_told_with_both_sums() {
    let mut bytes = Tarball::new().file("a", "1").file("b", "2").end();
    bytes[1024] = b'c';
    let (count, message) = refused(&bytes);
    assert_eq!(count, 1);
    assert_eq!(
        message,
        "tar header at offset 1024 says checksum 6151, its bytes sum up to 6152"
    );
}

#[test]
fn a_signed_checksum_is_a_checksum_too() {
    let mut block = Block::new("caf\u{e9}", b'0', 0);
    block.0[148..156].copy_from_slice(b"        ");
    let sum: i64 = block.0.iter().map(|b| i64::from(b.cast_signed())).sum();
    block.0[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut bytes = block.0.to_vec();
    bytes.extend_from_slice(&[0; 1024]);
    assert_eq!(one(&bytes).path, "caf\u{e9}".as_bytes());
}

#[test]
fn numbers_beyond_octal() {
    let block = Block::gnu("big", b'5', 0)
        .with(108, b"\x80\0\0\0\x7f\xff\xff\xff")
        .with(136, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe");
    let entry = one(&Tarball::new().raw(block, b"").end());
    assert_eq!((entry.uid, entry.mtime.seconds), (0x7fff_ffff, -2));
    let negative = Block::gnu("bad", b'0', 0).with(124, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe");
    assert_eq!(
        refused(&Tarball::new().raw(negative, b"").end()).1,
        "tar header at offset 0: size -2 is negative"
    );
    let words = Block::new("bad", b'0', 0).with(124, b"twelve bytes");
    assert_eq!(
        refused(&Tarball::new().raw(words, b"").end()).1,
        "tar header at offset 0: size \"twelve bytes\" is no number"
    );
}

#[test]
fn what_has_no_content_has_none_whatever_its_size_says() {
    let listing = good(
        &Tarball::new()
            .file("a", "1")
            .raw(Block::new("h", b'1', 700).link("a"), b"")
            .file("b", "2")
            .end(),
    );
    assert_eq!(listing.entries.len(), 3);
    assert_eq!(listing.entries[1].size, 0);
    assert_eq!(
        listing.facts.oddities,
        [
            "the hardlink at offset 1024 declares 700 bytes of content; readers disagree whether they are there"
        ]
    );
}

#[test]
fn cut_archives_list_what_was_whole() {
    let bytes = Tarball::new().file("a", "one").file("b", &"2".repeat(600)).0;
    for end in 0..bytes.len() {
        let (listing, fault) = untar(&bytes[..end], &[]);
        let whole = usize::from(end >= 515) + usize::from(end >= 2136);
        assert_eq!(listing.entries.len(), whole, "cut at {end}");
        // Content is all there when only padding is missing: Go reads that without complaint.
        let fine = end == 0 || (515..=1024).contains(&end) || end >= 2136;
        assert_eq!(fault.is_none(), fine, "cut at {end}: {fault:?}");
        assert!(!listing.facts.ended);
    }
    assert_eq!(
        refused(&bytes[..100]).1,
        "the archive was cut inside the header before offset 100"
    );
    assert_eq!(
        refused(&bytes[..1600]).1,
        "the archive was cut at offset 1600: 536 bytes of a member are missing"
    );
    assert_eq!(
        good(&bytes[..600]).facts.oddities,
        ["the archive was cut at offset 600: 424 bytes of padding are missing"]
    );
    assert_eq!(
        good(&bytes[..1024]).facts.oddities,
        ["the archive stops at offset 1024 without the two zero blocks that end it"]
    );
}

#[test]
fn what_stands_after_the_end_is_told() {
    let mut bytes = Tarball::new().file("a", "1").end();
    bytes.extend_from_slice(&[0; 700]);
    let listing = good(&bytes);
    assert_eq!(
        (
            listing.facts.end_blocks,
            listing.facts.ended,
            &listing.facts.trailing
        ),
        (3, true, &None)
    );

    let hidden = Tarball::new().file("hidden", "x").0;
    let mut bytes = Tarball::new().file("a", "1").end();
    bytes.extend_from_slice(&hidden);
    let listing = good(&bytes);
    assert_eq!(listing.entries.len(), 1);
    assert_eq!(listing.facts.trailing, Some((1024, Digest::sha256(&hidden))));

    let mut bytes = Tarball::new().file("a", "1").end();
    bytes.extend_from_slice(b"\0\0\0x\0");
    assert_eq!(
        good(&bytes).facts.trailing,
        Some((5, Digest::sha256(b"\0\0\0x\0")))
    );
}

#[test]
fn a_lone_zero_block_ends_the_archive_and_hides_the_rest() {
    let hidden = Tarball::new().file("hidden", "x").end();
    let mut bytes = Tarball::new().file("a", "1").0;
    bytes.extend_from_slice(&[0; 512]);
    bytes.extend_from_slice(&hidden);
    let listing = good(&bytes);
    assert_eq!(listing.entries.len(), 1);
    assert_eq!((listing.facts.ended, listing.facts.end_blocks), (false, 1));
    assert_eq!(listing.facts.trailing, Some((2048, Digest::sha256(&hidden))));
    assert_eq!(
        listing.facts.oddities,
        ["a single zero block ends the archive and other bytes follow: Go refuses it, others stop there"]
    );
}

#[test]
fn padding_that_is_not_zero_is_told_once() {
    let mut bytes = Tarball::new().file("a", "1").file("b", "2").end();
    bytes[520] = b'!';
    bytes[1600] = b'!';
    assert_eq!(
        good(&bytes).facts.oddities,
        ["the padding before offset 1024 is not zero (and 1 more like it)"].map(String::from)
    );
}

#[test]
fn a_file_that_claims_to_be_a_folder_is_told() {
    let bytes = Tarball::new()
        .raw(Block::new("a", b'0', 0).with(100, b"0040755\0"), b"")
        .end();
    assert_eq!(
        good(&bytes).facts.oddities,
        ["the mode of the file at offset 0 says folder: Go, and so Helm, skips it"]
    );
}

#[test]
fn other_volumes_are_unsupported() {
    let (_, fault) = untar(&Tarball::new().raw(Block::gnu("a", b'M', 0), b"").end(), &[]);
    let fault = fault.unwrap();
    assert_eq!(fault.kind, FaultKind::Unsupported);
    assert_eq!(
        fault.message,
        "the member at offset 0 continues a file of another volume"
    );
}
