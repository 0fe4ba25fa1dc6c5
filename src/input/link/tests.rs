use super::*;
use proptest::prelude::*;

const A: &str = "sha256:3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";
const B: &str = "sha256:01670a198f036bb7b4806c70f28c81097a1c1ae993b5d3bd2a4c8e7a9a1d5f0e";

#[test]
fn a_whole_link_stays_readable() {
    let query = format!(
        "?ref=localhost:5000/org/kelp:0.16.2@{A}&from={A}&to={B}&platform=linux/arm64/v8\
         &file=charts/redis-1.2.3.tgz%21/values%20%C3%A9.yaml&lines=R3-R9&view=split&hide=tar.mtime%2Ctar.owner\
         &against=ghcr.io/org/kelp:0.16.1&x=1%262"
    );
    let link = Link::read(&query);
    assert_eq!(link.write(), query);
    assert_eq!(
        link.file.as_deref(),
        Some("charts/redis-1.2.3.tgz!/values é.yaml")
    );
    assert_eq!(
        link.lines,
        Some(Lines {
            side: LineSide::Right,
            first: 3,
            last: 9
        })
    );
    assert_eq!(link.hide, ["tar.mtime", "tar.owner"]);
    assert_eq!(link.others, [("x".to_owned(), "1&2".to_owned())]);
}

#[test]
fn what_cannot_be_read_is_kept() {
    for query in [
        "?ref=ghcr.io/X/y&from=sha256:3b",
        "?lines=L3-R9",
        "?lines=L9-L3",
        "?lines=L0",
        "?lines=L03",
        "?view=sideways",
        "?platform=linux",
        "?utm_source=x&utm_source=y",
        "?file=",
    ] {
        let link = Link::read(query);
        assert_eq!(link.write(), query.to_owned(), "{query}");
        assert!(!link.others.is_empty(), "{query}");
    }
    assert_eq!(Link::read("?ref=ghcr.io/X/y").unread("ref"), Some("ghcr.io/X/y"));
    assert_eq!(
        Link::read("ref=a/b:1+2&ref=c").reference.unwrap().to_string(),
        "docker.io/a/b:1_2"
    );
    assert_eq!(decode("100%&%zz%4"), "100%&%zz%4");
    assert_eq!(Link::read("").write(), "");
    assert_eq!(Link::read("?&&"), Link::default());
}

#[test]
fn lines_know_what_they_hold() {
    let lines: Lines = "L10-L14".parse().unwrap();
    assert!(lines.holds(LineSide::Left, 14) && !lines.holds(LineSide::Left, 15));
    assert!(!lines.holds(LineSide::Right, 12));
    assert_eq!("R7".parse::<Lines>().unwrap().to_string(), "R7");
}

#[test]
fn any_two_artifacts_have_a_link() {
    let link = |left: &str, right: &str| Link::between(left.parse().unwrap(), right.parse().unwrap());
    for (left, right, query) in [
        (
            "nginx:1.26",
            "nginx:1.27",
            "?ref=docker.io/library/nginx:1.27&against=docker.io/library/nginx:1.26".to_owned(),
        ),
        (
            "ghcr.io/a/x:1",
            "quay.io/b/y:2",
            "?ref=quay.io/b/y:2&against=ghcr.io/a/x:1".to_owned(),
        ),
        (
            &format!("ghcr.io/a/x:1@{A}"),
            &format!("ghcr.io/a/x:1@{B}"),
            format!("?ref=ghcr.io/a/x:1&from={A}&to={B}"),
        ),
        (
            &format!("ghcr.io/a/x@{A}"),
            &format!("ghcr.io/a/x@{B}"),
            format!("?ref=ghcr.io/a/x&from={A}&to={B}"),
        ),
        (
            &format!("ghcr.io/a/x:1@{A}"),
            "ghcr.io/a/x:1",
            format!("?ref=ghcr.io/a/x:1&from={A}&against=ghcr.io/a/x:1"),
        ),
        (
            &format!("ghcr.io/a/x@{A}"),
            &format!("ghcr.io/a/y:2@{B}"),
            format!("?ref=ghcr.io/a/y:2&from={A}&to={B}&against=ghcr.io/a/x@{A}"),
        ),
    ] {
        let link = link(left, right);
        assert_eq!(link.write(), query);
        let sides = Link::read(&query).sides().unwrap();
        assert_eq!(sides, (left.parse().unwrap(), right.parse().unwrap()), "{query}");
    }
    let open = Link::between("nginx:1.26".parse().unwrap(), "nginx:1.27".parse().unwrap());
    assert!(open.is_same_page(&open.opening(Some("a".to_owned()))));
    assert!(!open.is_same_page(&Link::to("nginx:1.27".parse().unwrap())));
    assert_eq!(Link::read("?ref=ghcr.io/a/x:1").sides(), None);
    assert_eq!(Link::read(&format!("?from={A}&to={B}")).sides(), None);
}

fn digest() -> impl Strategy<Value = Digest> {
    proptest::array::uniform32(any::<u8>()).prop_map(|bytes| Digest::from_sha256(&bytes))
}

prop_compose! {
    fn links()(
        reference in proptest::option::of("[a-z]{1,8}\\.io(:[1-9][0-9]{0,3})?/[a-z0-9]{1,9}(/[a-z0-9]{1,9})?(:[A-Za-z0-9_][A-Za-z0-9._-]{0,9})?"),
        from in proptest::option::of(digest()),
        to in proptest::option::of(digest()),
        platform in proptest::option::of("(linux|windows)/(amd64|arm64)(/v[78])?"),
        file in proptest::option::of(".{1,24}"),
        lines in proptest::option::of((any::<bool>(), 1..5000u32, 0..50u32)),
        view in proptest::option::of(prop_oneof![Just(View::Split), Just(View::Unified), Just(View::Rendered)]),
        hide in proptest::collection::vec("[a-z.=&é -]{1,9}", 0..4),
        against in proptest::option::of("[a-z]{1,8}\\.io/[a-z0-9]{1,9}:[a-z0-9]{1,9}"),
        others in proptest::collection::vec(("z[^\\x00]{0,9}", ".{0,9}"), 0..3),
    ) -> Link {
        Link {
            reference: reference.map(|r| r.parse().unwrap()),
            from,
            to,
            platform: platform.map(|p| p.parse().unwrap()),
            file,
            lines: lines.map(|(left, first, more)| Lines {
                side: if left { LineSide::Left } else { LineSide::Right },
                first,
                last: first + more,
            }),
            view,
            hide,
            against: against.map(|r| r.parse().unwrap()),
            others,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reads_back_what_it_writes(link in links()) {
        let written = link.write();
        prop_assert_eq!(&Link::read(&written), &link);
        prop_assert!(written.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>`#".contains(&b)), "{}", written);
    }

    #[test]
    fn any_query_settles(query in ".{0,64}") {
        let once = Link::read(&query).write();
        prop_assert_eq!(Link::read(&once).write(), once);
    }
}
