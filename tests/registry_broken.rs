//! Connections that break at every stage: what can be gone on with is, what cannot is told.
#![cfg(not(target_arch = "wasm32"))]
// Tests fail loudly, and each uses its part of the support only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "support/scripted.rs"]
mod scripted;

use std::collections::BTreeSet;

use scripted::{Act, INDEX, Played, Scripted, at, descriptor, manifest_fault, read_blob, small};
use tagdrift::fault::FaultKind;
use tagdrift::oci::Digest;

/// Cuts the answer to `a/b:1` after every byte in turn.
#[tokio::test]
async fn a_manifest_cut_at_every_byte() {
    let whole = Act::reply(200, INDEX).bytes();
    for cut in 0..whole.len() {
        let (bytes, first) = (whole.clone(), whole[..cut].to_vec());
        // Cut once: the next try brings it.
        let registry = Scripted::play(move |asked, _| match asked.number {
            0 => Act::Raw(first.clone()),
            _ => Act::Raw(bytes.clone()),
        })
        .await;
        let client = Played::new().client(small());
        let served = client.manifest(&at(&registry.host(), "a/b:1")).await;
        let served = served.unwrap_or_else(|e| panic!("cut after {cut} bytes: {e}"));
        assert_eq!(served.document.digest, Digest::sha256(INDEX));
        assert_eq!(client.transport.waits().len(), 1, "cut after {cut} bytes");
    }
    let mut told = BTreeSet::new();
    for cut in [0, 5, 30, whole.len() - INDEX.len(), whole.len() - 1] {
        // Cut always: given up, and said so.
        let first = whole[..cut].to_vec();
        let (fault, registry, _) = manifest_fault(move |_| Act::Raw(first.clone())).await;
        assert_eq!(
            fault.kind,
            FaultKind::Unreachable,
            "cut after {cut} bytes: {fault}"
        );
        told.insert(fault.message.replace(&registry.host(), "HOST"));
        assert_eq!(registry.asked().len(), 5, "cut after {cut} bytes");
    }
    let told: Vec<String> = told.into_iter().collect();
    assert_eq!(
        told,
        [
            "the connection to HOST broke: connection closed before message completed",
            "the connection to HOST broke: end of file before message length reached",
        ]
    );
}

/// Cuts a blob after every byte in turn; the rest is asked for by Range, or from the start where the
/// server knows no Range.
#[tokio::test]
async fn a_blob_cut_at_every_byte() {
    const BLOB: &[u8] = b"spring tide, neap tide";
    for knows_range in [true, false] {
        for cut in 0..=BLOB.len() {
            let registry = Scripted::play(move |asked, _| {
                if asked.number == 0 {
                    let mut bytes = Act::reply(200, BLOB).bytes();
                    bytes.truncate(bytes.len() - BLOB.len() + cut);
                    return Act::Raw(bytes);
                }
                let from = asked
                    .header("range")
                    .and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
                match from {
                    Some(from) if knows_range => Act::reply(206, &BLOB[from..]).with(
                        "Content-Range",
                        format!("bytes {from}-{}/{}", BLOB.len() - 1, BLOB.len()),
                    ),
                    _ => Act::reply(200, BLOB),
                }
            })
            .await;
            let client = Played::new().client(small());
            let reference = at(&registry.host(), "a/b");
            let read = read_blob(&client, &reference, &descriptor(BLOB, BLOB.len() as u64)).await;
            assert_eq!(read.as_deref(), Ok(BLOB), "cut after {cut} bytes");
            let expected = if cut == BLOB.len() { 1 } else { 2 };
            assert_eq!(registry.asked().len(), expected, "cut after {cut} bytes");
            if (1..BLOB.len()).contains(&cut) {
                let range = format!("bytes={cut}-");
                assert_eq!(registry.asked()[1].header("range"), Some(range.as_str()));
            }
        }
    }
}

#[tokio::test]
async fn a_blob_that_always_breaks_is_given_up() {
    const BLOB: &[u8] = b"spring tide, neap tide";
    // Not one new byte: patience ends.
    let registry = Scripted::play(|asked, _| {
        let mut bytes = Act::reply(if asked.number == 0 { 200 } else { 206 }, BLOB).bytes();
        let keep = if asked.number == 0 { 5 } else { 0 };
        bytes.truncate(bytes.len() - BLOB.len() + keep);
        Act::Raw(bytes)
    })
    .await;
    let client = Played::new().client(small());
    let blob = descriptor(BLOB, BLOB.len() as u64);
    let fault = read_blob(&client, &at(&registry.host(), "a/b"), &blob)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert_eq!(registry.asked().len(), 4);

    // The wrong part of it.
    let registry = Scripted::play(|asked, _| match asked.number {
        0 => {
            let mut bytes = Act::reply(200, BLOB).bytes();
            bytes.truncate(bytes.len() - 10);
            Act::Raw(bytes)
        }
        _ => Act::reply(206, &BLOB[20..]).with("Content-Range", "bytes 20-21/22"),
    })
    .await;
    let fault = read_blob(&client, &at(&registry.host(), "a/b"), &blob)
        .await
        .unwrap_err();
    assert_eq!(
        fault.message,
        format!(
            "{} does not speak HTTP properly: asked for the bytes from 12 on, it sends \"bytes 20-21/22\"",
            registry.host()
        )
    );
}

/// One byte a connection is no progress: a blob's length in connections is more than a reader should wait for.
#[tokio::test]
async fn a_blob_that_breaks_after_each_byte_is_given_up() {
    const BLOB: &[u8] = b"spring tide, neap tide";
    let registry = Scripted::play(|asked, _| {
        let from = asked
            .header("range")
            .and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
        let reply = match from {
            None => Act::reply(200, BLOB),
            Some(from) => Act::reply(206, &BLOB[from..]).with("Content-Range", format!("bytes {from}-21/22")),
        };
        let mut bytes = reply.bytes();
        bytes.truncate(bytes.len() - (BLOB.len() - from.unwrap_or(0)) + 1);
        Act::Raw(bytes)
    })
    .await;
    let client = Played::new().client(small());
    let blob = descriptor(BLOB, BLOB.len() as u64);
    let fault = read_blob(&client, &at(&registry.host(), "a/b"), &blob)
        .await
        .unwrap_err();
    assert_eq!(
        fault.message.replace(&registry.host(), "HOST"),
        "the connection to HOST broke: end of file before message length reached"
    );
    let ranges: Vec<_> = registry
        .asked()
        .iter()
        .map(|a| a.header("range").map(str::to_owned))
        .collect();
    let from = |n: u8| Some(format!("bytes={n}-"));
    assert_eq!(ranges, [None, from(1), from(2), from(3)]);
}

/// A page cut after every byte in turn is asked for again; one that never comes whole is told, and what came
/// before stays.
#[tokio::test]
async fn a_tag_list_cut_at_every_byte() {
    let first =
        Act::reply(200, r#"{"tags":["1"]}"#).with("Link", "</v2/a/b/tags/list?n=1&last=1>; rel=\"next\"");
    let second = Act::reply(200, r#"{"tags":["2"]}"#);
    let (first, second) = (first.bytes(), second.bytes());
    for cut in 0..second.len() {
        for always in [false, true] {
            // Patience costs no time here, but each try costs a connection.
            if always && cut % 16 != 0 {
                continue;
            }
            let (first, second) = (first.clone(), second.clone());
            let registry = Scripted::play(move |asked, _| {
                let whole = if asked.path.contains("last=") {
                    &second
                } else {
                    &first
                };
                let keep = match asked.number {
                    0 => whole.len(),
                    n if n == 1 || always => cut,
                    _ => whole.len(),
                };
                Act::Raw(whole[..keep].to_vec())
            })
            .await;
            let client = Played::new().client(small());
            let tags = client.tags(&at(&registry.host(), "a/b"), |_| {}).await.unwrap();
            let told = tags.cut.map(|f| f.message.replace(&registry.host(), "HOST"));
            if always {
                assert_eq!(tags.tags, ["1"], "cut after {cut} bytes");
                let told = told.unwrap();
                assert!(
                    [
                        "the connection to HOST broke: connection closed before message completed",
                        "the connection to HOST broke: end of file before message length reached",
                    ]
                    .contains(&told.as_str()),
                    "{told}"
                );
            } else {
                assert_eq!(
                    (tags.tags, told),
                    (vec!["1".to_owned(), "2".to_owned()], None),
                    "cut after {cut} bytes"
                );
            }
        }
    }
}

#[tokio::test]
async fn nobody_at_home() {
    let client = Played::new().client(small());
    let fault = client.manifest(&at("127.0.0.1:1", "a/b:1")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert_eq!(fault.message, "no connection to 127.0.0.1:1: connection refused");
    assert_eq!(client.transport.waits(), Vec::<u64>::new());
}

#[tokio::test]
async fn what_is_no_http_is_no_registry() {
    let (fault, registry, _) = manifest_fault(|_| Act::Raw(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())).await;
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert_eq!(
        fault.message,
        format!(
            "{} does not speak HTTP properly: invalid HTTP version parsed",
            registry.host()
        )
    );
    assert_eq!(registry.asked().len(), 1);
}
