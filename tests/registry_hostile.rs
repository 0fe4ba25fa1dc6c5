//! Registries that lie, loop and flood. Each gives one clear fault; none hangs, gets a credential it
//! should not see, or makes memory grow beyond its limit.
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

use std::time::Duration;

use scripted::{Act, INDEX, Played, Scripted, ada, at, descriptor, manifest_fault, read_blob, small};
use tagdrift::fault::FaultKind;
use tagdrift::limits::Limits;
use tagdrift::native::transport::Pace;
use tagdrift::oci::Digest;
use tagdrift::registry::Notice;

fn json(body: &str) -> Act {
    Act::reply(200, body).with("Content-Type", "application/json")
}

#[tokio::test]
async fn a_wrong_digest_is_refused() {
    let registry = Scripted::play(|_, _| json(r#"{"schemaVersion":2,"manifests":[ ]}"#)).await;
    let client = Played::new().client(small());
    let wanted = Digest::sha256(INDEX);
    let reference = at(&registry.host(), "a/b:1").at_digest(wanted.clone());
    let fault = client.manifest(&reference).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Mismatch);
    assert_eq!(
        fault.to_string(),
        format!(
            "the content hashes to {}, not to its name: refused ({wanted})",
            Digest::sha256(br#"{"schemaVersion":2,"manifests":[ ]}"#)
        )
    );
}

#[tokio::test]
async fn a_digest_header_is_not_trusted() {
    let said = Digest::sha256(b"something else");
    let header = said.to_string();
    let registry =
        Scripted::play(move |_, _| Act::reply(200, INDEX).with("Docker-Content-Digest", header.clone()))
            .await;
    let client = Played::new().client(small());
    let served = client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap();
    assert_eq!(served.document.digest, Digest::sha256(INDEX));
    assert_eq!(
        served.notes,
        [format!(
            "the registry calls this {said}, but its bytes hash to {}",
            Digest::sha256(INDEX)
        )]
    );
}

#[tokio::test]
async fn endless_bodies_are_cut_at_their_limit() {
    let endless = |status: u16| {
        let head =
            format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n{{");
        Act::Endless(head.into_bytes(), vec![b' '; 1024])
    };
    let (fault, registry, _) = manifest_fault(move |_| endless(200)).await;
    assert_eq!(fault.kind, FaultKind::TooLarge);
    assert_eq!(fault.message, "the manifest exceeds the limit of 65536 bytes");
    assert!(registry.sent() < 16 << 20, "{} bytes were taken", registry.sent());

    let (fault, _, _) = manifest_fault(move |_| endless(404)).await;
    assert_eq!(fault.kind, FaultKind::Gone);

    let registry = Scripted::play(move |_, _| endless(200)).await;
    let client = Played::new().client(small());
    let tags = client
        .tags(&at(&registry.host(), "a/b"), |_| {})
        .await
        .unwrap_err();
    assert_eq!(
        tags.message,
        "a page of the tag list exceeds the limit of 262144 bytes"
    );

    let blob = read_blob(&client, &at(&registry.host(), "a/b"), &descriptor(b"x", 100))
        .await
        .unwrap_err();
    assert_eq!(blob.kind, FaultKind::Mismatch);
    assert_eq!(
        blob.message,
        "the blob goes on beyond the 100 bytes that its descriptor announces: refused"
    );
}

#[tokio::test]
async fn an_announced_flood_is_not_even_begun() {
    let (fault, _, _) =
        manifest_fault(|_| Act::Raw(b"HTTP/1.1 200 X\r\nContent-Length: 99999999999\r\n\r\n{".to_vec()))
            .await;
    assert_eq!(fault.message, "the manifest exceeds the limit of 65536 bytes");
    let client = Played::new().client(Limits {
        blob_bytes: 10,
        ..small()
    });
    let blob = client.blob(&at("127.0.0.1:1", "a"), &descriptor(b"", 11)).await;
    assert_eq!(
        blob.map(|_| ()).unwrap_err().message,
        "the blob exceeds the limit of 10 bytes"
    );
}

#[tokio::test]
async fn a_blob_of_the_wrong_length_is_refused() {
    let registry =
        Scripted::play(|_, _| Act::Raw(b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n0123456789".to_vec()))
            .await;
    let client = Played::new().client(small());
    let reference = at(&registry.host(), "a/b");
    let short = read_blob(&client, &reference, &descriptor(b"x", 12))
        .await
        .unwrap_err();
    assert_eq!(
        (short.kind, short.message.as_str()),
        (
            FaultKind::Mismatch,
            "the blob ends after 10 of the 12 bytes that its descriptor announces"
        )
    );
    let long = read_blob(&client, &reference, &descriptor(b"x", 9))
        .await
        .unwrap_err();
    assert_eq!(
        long.message,
        "the blob goes on beyond the 9 bytes that its descriptor announces: refused"
    );
}

#[tokio::test]
async fn content_codings_are_refused() {
    let (fault, registry, _) =
        manifest_fault(|_| Act::reply(200, INDEX).with("Content-Encoding", "gzip")).await;
    assert_eq!(fault.kind, FaultKind::Malformed);
    assert_eq!(
        fault.message,
        format!(
            "{} sends the tag \"1\" as \"gzip\" though it was asked for the plain bytes",
            registry.host()
        )
    );
    let registry = Scripted::play(|_, _| json(r#"{"tags":[]}"#).with("Content-Encoding", "br")).await;
    let client = Played::new().client(small());
    let reference = at(&registry.host(), "a/b");
    let tags = client.tags(&reference, |_| {}).await.unwrap_err();
    assert_eq!(
        tags.message,
        format!(
            "{} sends the tag list as \"br\" though it was asked for the plain bytes",
            registry.host()
        )
    );
    let blob = read_blob(&client, &reference, &descriptor(b"x", 1))
        .await
        .unwrap_err();
    assert_eq!(
        blob.message,
        format!(
            "{} sends this blob as \"br\" though it was asked for the plain bytes",
            registry.host()
        )
    );
}

#[tokio::test]
async fn html_where_json_was_expected() {
    let (fault, _, _) =
        manifest_fault(|_| Act::reply(200, "<html>Sign in</html>").with("Content-Type", "text/html")).await;
    assert_eq!(fault.kind, FaultKind::Malformed);
    assert_eq!(
        fault.message,
        "an HTML or XML page where a manifest was expected: expected value at line 1, column 1; it starts with \"<html>Sign in</html>\""
    );
    let registry = Scripted::play(|_, _| Act::reply(200, " <!DOCTYPE html>")).await;
    let client = Played::new().client(small());
    let fault = client
        .tags(&at(&registry.host(), "a/b"), |_| {})
        .await
        .unwrap_err();
    assert_eq!(fault.message, "an HTML or XML page where a tag list was expected");
}

#[tokio::test]
async fn redirects_in_circles_end() {
    let (fault, registry, _) =
        manifest_fault(|asked| Act::reply(307, "").with("Location", asked.path.clone())).await;
    assert_eq!(fault.kind, FaultKind::Malformed);
    assert_eq!(
        fault.message,
        format!(
            "{} redirects in circles: given up after 10 redirects",
            registry.host()
        )
    );
    assert_eq!(registry.asked().len(), 11);

    let (fault, registry, _) = manifest_fault(|_| Act::reply(302, "")).await;
    assert_eq!(
        fault.message,
        format!(
            "{} answers with status 302 and no place to go to",
            registry.host()
        )
    );
    let (fault, registry, _) =
        manifest_fault(|_| Act::reply(302, "").with("Location", "file:///etc/passwd")).await;
    assert_eq!(
        fault.message,
        format!(
            "{} redirects to a place that cannot be read: file:// is neither http nor https",
            registry.host()
        )
    );
}

#[tokio::test]
async fn credentials_stay_behind_on_a_redirect_to_another_host() {
    let storage = Scripted::play(|_, _| Act::reply(200, "blob")).await;
    let target = format!("http://{}/stored?signature=s3cret", storage.host());
    let registry = Scripted::play(move |asked, _| match asked.header("authorization") {
        None => Act::reply(401, "").with("WWW-Authenticate", "Basic realm=\"x\""),
        Some(_) if asked.path.contains("/hop") => Act::reply(307, "").with("Location", target.clone()),
        Some(_) => Act::reply(307, "").with("Location", "/hop"),
    })
    .await;
    let client = Played::new().signed_in(ada()).client(small());
    let bytes = read_blob(&client, &at(&registry.host(), "a/b"), &descriptor(b"blob", 4))
        .await
        .unwrap();
    assert_eq!(bytes, b"blob");
    let shown: Vec<bool> = registry
        .asked()
        .iter()
        .map(|a| a.header("authorization").is_some())
        .collect();
    // Nothing before it was asked for, and still shown at the same host.
    assert_eq!(shown, [false, true, true]);
    let stored = storage.asked();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].header("authorization"), None);
    assert_eq!(stored[0].header("cookie"), None);
}

#[tokio::test]
async fn a_challenge_by_another_host_is_not_answered() {
    let storage =
        Scripted::play(|_, _| Act::reply(401, "").with("WWW-Authenticate", "Basic realm=\"x\"")).await;
    let target = format!("http://{}/stored", storage.host());
    let registry = Scripted::play(move |_, _| Act::reply(307, "").with("Location", target.clone())).await;
    let client = Played::new().signed_in(ada()).client(small());
    let fault = client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert_eq!(
        fault.message,
        format!(
            "{} wants credentials for \"a/b\", or it does not exist",
            registry.host()
        )
    );
    assert_eq!(storage.asked().len(), 1);
    assert_eq!(client.transport.questions.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn an_endless_tag_list_is_cut() {
    let registry = Scripted::play(|asked, _| {
        let link = format!("</v2/a/b/tags/list?last={}>; rel=\"next\"", asked.number);
        json(&format!(r#"{{"tags":["t{}"]}}"#, asked.number)).with("Link", link)
    })
    .await;
    let client = Played::new().client(small());
    let mut seen = 0;
    let tags = client
        .tags(&at(&registry.host(), "a/b"), |page| seen += page.len())
        .await
        .unwrap();
    assert_eq!((tags.tags.len(), seen), (20, 20));
    assert_eq!(
        tags.cut.unwrap().message,
        "the tag list exceeds the limit of 20 pages"
    );

    let registry = Scripted::play(|asked, _| {
        let to = if asked.path.contains("last=a") { "b" } else { "a" };
        json(r#"{"tags":["t"]}"#).with("Link", format!("</v2/a/b/tags/list?last={to}>; rel=\"next\""))
    })
    .await;
    let tags = client.tags(&at(&registry.host(), "a/b"), |_| {}).await.unwrap();
    assert_eq!(tags.tags, ["t"]);
    assert_eq!(
        tags.cut.unwrap().message,
        "the pages of the tag list go in a circle"
    );
}

#[tokio::test]
async fn a_next_page_on_another_host_is_refused() {
    let other = Scripted::play(|_, _| json(r#"{"tags":["evil"]}"#)).await;
    let link = format!("<http://{}/v2/a/b/tags/list>; rel=\"next\"", other.host());
    let registry = Scripted::play(move |_, _| json(r#"{"tags":["1"]}"#).with("Link", link.clone())).await;
    let client = Played::new().client(small());
    let tags = client.tags(&at(&registry.host(), "a/b"), |_| {}).await.unwrap();
    assert_eq!(tags.tags, ["1"]);
    assert_eq!(
        tags.cut.unwrap().message,
        format!(
            "the Link to the next page points from {} to {}: refused",
            registry.host(),
            other.host()
        )
    );
    assert_eq!(other.asked().len(), 0);
}

#[tokio::test]
async fn names_that_are_no_tags_are_left_out() {
    let registry =
        Scripted::play(|_, _| json("{\"tags\":[\"1.0\",\"../x\",\"a\\u202eb\",\"\",\"1.0\",\"-x\",\"v2\"]}"))
            .await;
    let client = Played::new().client(small());
    let tags = client.tags(&at(&registry.host(), "a/b"), |_| {}).await.unwrap();
    assert_eq!(
        (tags.tags, tags.unreadable, tags.cut),
        (vec!["1.0".into(), "v2".into()], 4, None)
    );
    let many = Scripted::play(|_, _| json(r#"{"tags":["a","b","c"]}"#)).await;
    let client = Played::new().client(Limits { tags: 2, ..small() });
    let tags = client.tags(&at(&many.host(), "a/b"), |_| {}).await.unwrap();
    assert_eq!(tags.tags, ["a", "b"]);
    assert_eq!(
        tags.cut.unwrap().message,
        "the tag list exceeds the limit of 2 tags"
    );
    let null = Scripted::play(|_, _| json(r#"{"name":"a/b","tags":null}"#)).await;
    assert_eq!(
        client.tags(&at(&null.host(), "a/b"), |_| {}).await.unwrap(),
        Default::default()
    );
}

#[tokio::test]
async fn a_storm_of_429_is_waited_out_and_then_told() {
    let (fault, registry, client) = manifest_fault(|_| Act::reply(429, "").with("Retry-After", "7")).await;
    assert_eq!(fault.kind, FaultKind::Busy);
    assert_eq!(
        fault.message,
        format!(
            "{} has had too many requests and asks to come back after 7 s",
            registry.host()
        )
    );
    assert_eq!(
        (registry.asked().len(), client.transport.waits()),
        (5, vec![7000; 4])
    );

    // An hour is not waited for.
    let (fault, registry, client) = manifest_fault(|_| Act::reply(429, "").with("Retry-After", "3600")).await;
    assert_eq!(
        fault.message,
        format!(
            "{} has had too many requests and asks to come back after 60 min",
            registry.host()
        )
    );
    assert_eq!((registry.asked().len(), client.transport.waits()), (1, vec![]));

    // Without a word, longer each time.
    let (fault, registry, client) = manifest_fault(|_| Act::reply(503, "")).await;
    assert_eq!(
        fault.message,
        format!("{} failed with status 503", registry.host())
    );
    assert_eq!(client.transport.waits(), [250, 500, 1000, 2000]);
}

#[tokio::test]
async fn a_short_outage_is_bridged() {
    let registry = Scripted::play(|asked, _| match asked.number {
        0 => Act::reply(502, "<html>"),
        1 => Act::reply(429, "").with("Retry-After", "1"),
        _ => Act::reply(200, INDEX)
            .with("ratelimit-limit", "100;w=21600")
            .with("ratelimit-remaining", "42;w=21600"),
    })
    .await;
    let client = Played::new().client(small());
    client.manifest(&at(&registry.host(), "a/b:1")).await.unwrap();
    assert_eq!(client.transport.waits(), [250, 1000]);
    let notices = client.transport.notices.lock().unwrap().clone();
    let Some(Notice::Quota(quota)) = notices.first() else {
        panic!("no quota in {notices:?}");
    };
    assert_eq!(
        (quota.limit, quota.remaining, quota.window_s),
        (Some(100), Some(42), Some(21_600))
    );
}

#[tokio::test]
async fn foreign_words_cannot_draw_on_the_screen() {
    let body = "{\"errors\":[{\"code\":\"X\",\"message\":\"\\u001b[2J\\u202egone\\n\\nwild\"}]}";
    let (fault, registry, _) = manifest_fault(move |_| Act::reply(400, body)).await;
    assert_eq!(
        fault.message,
        format!(
            "{} refuses to give the tag \"1\" with status 400; it says: [2Jgone wild",
            registry.host()
        )
    );
}

#[tokio::test]
async fn a_head_without_end_is_cut() {
    let flood = |_: &scripted::Asked| {
        Act::Endless(
            b"HTTP/1.1 200 X\r\n".to_vec(),
            b"x: yyyyyyyyyyyyyyyy\r\n".to_vec(),
        )
    };
    let (fault, registry, _) = manifest_fault(flood).await;
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert_eq!(
        fault.message,
        format!(
            "{} does not speak HTTP properly: message head is too large",
            registry.host()
        )
    );
    assert!(registry.sent() < 64 << 20, "{} bytes were taken", registry.sent());
}

#[tokio::test]
async fn a_document_that_is_two_things_is_refused() {
    let (fault, _, _) =
        manifest_fault(|_| json(r#"{"schemaVersion":2,"manifests":[],"layers":[],"config":{}}"#)).await;
    assert_eq!(
        fault.message,
        "the document has both `manifests` and `layers` or `config`: clients disagree on what it is (CVE-2021-41190), so it is refused"
    );
}

/// A byte now and then is no blob: it is given up, though each connection brought something.
#[tokio::test]
async fn a_blob_that_only_trickles_in_is_given_up() {
    let registry = Scripted::play(|asked, _| {
        let status = if asked.header("range").is_some() { 206 } else { 200 };
        Act::Trickle(format!("HTTP/1.1 {status} X\r\nConnection: close\r\n\r\n").into_bytes())
    })
    .await;
    let pace = Pace {
        within: Duration::from_millis(100),
        bytes: 1000,
    };
    let client = Played::new().at_pace(pace).client(small());
    let fault = read_blob(&client, &at(&registry.host(), "a/b"), &descriptor(b"x", 1 << 20))
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert_eq!(
        fault.message,
        format!(
            "{} does not answer in time: its bytes only trickle in",
            registry.host()
        )
    );
    assert_eq!(registry.asked().len(), 4);
}
