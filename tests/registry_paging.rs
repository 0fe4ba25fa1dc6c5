//! Long tag lists: by `Link`, and by `n` and `last` where a browser may not read `Link`.
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

use std::time::Instant;

use scripted::{Act, Asked, Played, Scripted};
use tagdrift::limits::Limits;
use tagdrift::oci::Reference;

/// How a registry pages.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Habit {
    /// distribution: `Link` relative, `last` by order.
    Relative,
    /// Quay: `Link` absolute and opaque.
    Absolute,
    /// Ignores `n` and gives all at once.
    AllAtOnce,
    /// zot: a `last` that it does not know is a 404.
    Strict,
    /// Never more than 100, whatever was asked for; ignores `last`.
    Deaf,
}

fn tags(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("1.{}.{i}", i % 7)).collect()
}

fn answer(asked: &Asked, own: std::net::SocketAddr, habit: Habit, count: usize) -> Act {
    let all = tags(count);
    let value = |key: &str| {
        let query = asked.path.split_once('?').map_or("", |(_, q)| q);
        query
            .split('&')
            .find_map(|p| p.strip_prefix(key)?.strip_prefix('='))
            .map(str::to_owned)
    };
    let most = match habit {
        Habit::Deaf => 100,
        Habit::AllAtOnce => usize::MAX,
        _ => 1000,
    };
    let n = value("n")
        .and_then(|n| n.parse::<usize>().ok())
        .unwrap_or(100)
        .min(most);
    let n = if habit == Habit::AllAtOnce { count } else { n };
    let start = match value("last") {
        Some(_) if habit == Habit::Deaf => 0,
        Some(last) => match all.iter().position(|t| *t == last) {
            // zot knows the last tag of a full list no more than any other that has no successor.
            Some(at) if habit == Habit::Strict && at + 1 == count => return Act::reply(404, "{}"),
            Some(at) => at + 1,
            None => return Act::reply(404, r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#),
        },
        None => 0,
    };
    let page = &all[start..(start + n).min(count)];
    let reply = Act::reply(200, serde_json::json!({"name": "a/b", "tags": page}).to_string());
    if start + n >= count || page.is_empty() {
        return reply;
    }
    let last = &page[page.len() - 1];
    match habit {
        Habit::Absolute => reply.with(
            "Link",
            format!("<http://{own}/v2/a/b/tags/list?n={n}&last={last}&next_page=gAAA%3D>; rel=\"next\""),
        ),
        _ => reply.with(
            "Link",
            format!("</v2/a/b/tags/list?last={last}&n={n}>; rel=\"next\""),
        ),
    }
}

async fn listed(habit: Habit, count: usize, hidden: bool) -> (usize, usize, usize) {
    let registry = Scripted::play(move |asked, own| answer(asked, own, habit, count)).await;
    let played = Played::new();
    let client = if hidden { played.hiding_headers() } else { played }.client(Limits::default());
    let reference: Reference = format!("{}/a/b", registry.host()).parse().unwrap();
    let (mut seen, mut pages) = (0, 0);
    let found = client
        .tags(&reference, |page| {
            seen += page.len();
            pages += 1;
        })
        .await
        .unwrap();
    assert_eq!(found.cut, None, "{habit:?}");
    assert_eq!(seen, found.tags.len());
    if habit != Habit::Deaf {
        assert_eq!(found.tags, tags(count), "{habit:?}");
    }
    (found.tags.len(), registry.asked().len(), pages)
}

#[tokio::test]
async fn five_thousand_tags_by_link() {
    for habit in [Habit::Relative, Habit::Absolute, Habit::Strict] {
        assert_eq!(listed(habit, 5000, false).await, (5000, 5, 5), "{habit:?}");
    }
    assert_eq!(listed(Habit::AllAtOnce, 5000, false).await, (5000, 1, 1));
    assert_eq!(listed(Habit::Relative, 0, false).await, (0, 1, 1));
}

#[tokio::test]
async fn ten_thousand_tags() {
    let start = Instant::now();
    assert_eq!(listed(Habit::Relative, 10_000, false).await, (10_000, 10, 10));
    println!("10000 tags over loopback: {:?}", start.elapsed());
}

#[tokio::test]
async fn without_a_readable_link() {
    // One request more than pages: nothing else says that the last one was the last.
    assert_eq!(listed(Habit::Relative, 5000, true).await, (5000, 6, 6));
    assert_eq!(listed(Habit::Absolute, 2500, true).await, (2500, 4, 4));
    assert_eq!(listed(Habit::Strict, 2500, true).await, (2500, 4, 3));
    assert_eq!(listed(Habit::AllAtOnce, 5000, true).await, (5000, 1, 1));
    // It cannot be made to tell more; that nothing new comes ends it.
    assert_eq!(listed(Habit::Deaf, 5000, true).await, (100, 2, 2));
}
