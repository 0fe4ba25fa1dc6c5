//! The page's transport and store in a real browser's worker, with a scripted `fetch`.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Reflect, global};
use tagdrift::fault::FaultKind;
use tagdrift::limits::Limits;
use tagdrift::oci::{Descriptor, Digest, Reference, media_type};
use tagdrift::page::kept::PageStore;
use tagdrift::page::site_files::SiteFiles;
use tagdrift::page::transport::{ABILITIES, PageTransport, Told, Way};
use tagdrift::registry::{
    Chunks as _, Client, Draft as _, Kept, LayoutSource, Patience, Session, Source as _, Store as _, source,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const INDEX: &str = r#"{"schemaVersion":2,"manifests":[]}"#;

fn get(name: &str) -> JsValue {
    Reflect::get(&global(), &JsValue::from_str(name)).unwrap()
}

/// Puts a script in the place of `fetch`: `url`, `method`, `headers` (lower-case), `signal` are at hand;
/// `undefined` means what a browser gives for CORS, DNS and TLS alike: a TypeError.
fn script(body: &str) {
    let wrapped = format!(
        "globalThis.log.push((init.method || 'GET') + ' ' + url.replace(location.origin, ''));
         const headers = {{}}; new Headers(init.headers).forEach((v, k) => headers[k] = v);
         const signal = init.signal, method = init.method;
         const answer = (() => {{ {body} }})();
         return answer === undefined ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(answer);"
    );
    Reflect::set(&global(), &JsValue::from_str("log"), &Array::new()).unwrap();
    let fetch = Function::new_with_args("url, init", &wrapped);
    Reflect::set(&global(), &JsValue::from_str("fetch"), &fetch).unwrap();
}

fn log() -> Vec<String> {
    Array::from(&get("log"))
        .iter()
        .map(|l| l.as_string().unwrap())
        .collect()
}

fn session() -> Session {
    Session::new(Limits::default(), Patience::default(), ABILITIES)
}

fn at(text: &str) -> Reference {
    text.parse().unwrap()
}

fn descriptor(bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: media_type::OCI_CONFIG.into(),
        digest: Digest::sha256(bytes),
        size: bytes.len() as u64,
        annotations: Default::default(),
        urls: Vec::new(),
        artifact_type: None,
        platform: None,
    }
}

#[wasm_bindgen_test]
async fn a_registry_without_cors_is_read_by_the_relay() {
    script(&format!(
        r#"
        if (url.startsWith('https://')) return undefined;
        if (url.endsWith('/relay/v1/')) return new Response('{{"relay":1,"hosts":["ghcr.io"]}}');
        if (url.includes('/relay/v1/ghcr.io/token')) return new Response('{{"token":"good"}}');
        if (headers.authorization === 'Bearer good') return new Response('{INDEX}');
        return new Response('', {{status: 401, headers: {{'WWW-Authenticate': 'Bearer realm="https://ghcr.io/token",service="ghcr.io"'}}}});
        "#
    ));
    let told: Rc<RefCell<Vec<String>>> = Rc::default();
    let hears = told.clone();
    let transport = PageTransport::new(move |told| {
        if let Told::Reached { host, way } = told {
            hears.borrow_mut().push(format!("{host} {way:?}"));
        }
    });
    let client = Client::new(transport, session());
    let served = client.manifest(&at("ghcr.io/a/b:1")).await.unwrap();
    assert_eq!(served.document.digest, Digest::sha256(INDEX.as_bytes()));
    assert_eq!(
        log(),
        [
            "GET https://ghcr.io/v2/a/b/manifests/1",
            "GET /relay/v1/",
            "GET /relay/v1/ghcr.io/v2/a/b/manifests/1",
            "GET /relay/v1/ghcr.io/token?service=ghcr.io&scope=repository:a/b:pull",
            "GET /relay/v1/ghcr.io/v2/a/b/manifests/1",
        ]
    );
    assert_eq!(*told.borrow(), ["ghcr.io Relay"]);
    assert_eq!(client.transport.ways()["ghcr.io"], Way::Relay);
}

#[wasm_bindgen_test]
async fn without_a_way_the_reader_is_told() {
    script("if (url.endsWith('/relay/v1/')) return new Response('<html>', {status: 404});");
    let client = Client::new(PageTransport::new(|_| {}), session());
    let fault = client.manifest(&at("r.example/a:1")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert_eq!(
        fault.message,
        "the browser got no readable answer from r.example: it is not reachable, or does not allow pages to read it (CORS)"
    );
    client.manifest(&at("r.example/a:1")).await.unwrap_err();
    let asked_for_relay = log().iter().filter(|l| l.contains("/relay/v1/")).count();
    assert_eq!(asked_for_relay, 1, "once per tab");
}

#[wasm_bindgen_test]
async fn direct_requests_need_no_preflight() {
    script(&format!(
        "globalThis.headers = JSON.stringify(headers); globalThis.credentials = init.credentials; return new Response('{INDEX}');"
    ));
    let client = Client::new(PageTransport::new(|_| {}), session());
    client.manifest(&at("r.example/a:1")).await.unwrap();
    assert_eq!(
        get("headers").as_string().unwrap(),
        r#"{"accept":"application/vnd.oci.image.manifest.v1+json,application/vnd.oci.image.index.v1+json"}"#
    );
    assert_eq!(get("credentials").as_string().unwrap(), "omit");
}

#[wasm_bindgen_test]
async fn a_blob_that_nobody_reads_is_aborted() {
    script(
        "globalThis.signal = signal;
         return new Response(new ReadableStream({pull(c) { c.enqueue(new Uint8Array(1000)); }}));",
    );
    let client = Client::new(PageTransport::new(|_| {}), session());
    let mut blob = client
        .blob(&at("r.example/a:1"), &descriptor(&[0; 100_000]))
        .await
        .unwrap();
    assert_eq!(blob.chunk().await.unwrap().unwrap().len(), 1000);
    let aborted = || Reflect::get(&get("signal"), &JsValue::from_str("aborted")).unwrap();
    assert_eq!(aborted(), JsValue::FALSE);
    drop(blob);
    assert_eq!(aborted(), JsValue::TRUE);
}

#[wasm_bindgen_test]
async fn a_broken_blob_is_gone_on_with() {
    script(
        r#"
        const all = new TextEncoder().encode('spring tide');
        if (headers.range) return new Response(all.slice(6), {status: 206});
        let first = true;
        return new Response(new ReadableStream({pull(c) {
            if (first) c.enqueue(all.slice(0, 6)); else c.error(new TypeError('network error'));
            first = false;
        }}));
        "#,
    );
    let client = Client::new(PageTransport::new(|_| {}), session());
    let read = source::document(&client, &at("r.example/a:1"), &descriptor(b"spring tide"), 100).await;
    assert_eq!(read.unwrap(), b"spring tide");
}

#[wasm_bindgen_test]
async fn what_was_verified_is_kept_within_the_bound() {
    PageStore::clear().await;
    script("return new Response('spring tide');");
    let open = |bound| async move {
        Kept {
            client: Client::new(PageTransport::new(|_| {}), session()),
            store: PageStore::open(bound).await,
        }
    };
    let kept = open(1000).await;
    let (reference, wanted) = (at("r.example/a:1"), descriptor(b"spring tide"));
    assert_eq!(
        source::document(&kept, &reference, &wanted, 100).await.unwrap(),
        b"spring tide"
    );
    // What does not hash to its name is not kept.
    let other = descriptor(b"neap tides!");
    assert_eq!(other.size, wanted.size);
    let fault = source::document(&kept, &reference, &other, 100)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Mismatch);
    assert_eq!(kept.store.as_ref().unwrap().usage().await, (1, 11));

    // Another visit: no request, and the same bytes.
    script("");
    let kept = open(1000).await;
    assert!(kept.blob(&reference, &wanted).await.unwrap().is_local());
    assert_eq!(
        source::document(&kept, &reference, &wanted, 100).await.unwrap(),
        b"spring tide"
    );
    assert_eq!(log(), Vec::<String>::new());

    // The one used longest ago makes room.
    let store = kept.store.unwrap();
    store.set_bound(25).await;
    let keep = async |bytes: &[u8]| {
        let mut draft = store
            .draft(&Digest::sha256(bytes), bytes.len() as u64)
            .await
            .unwrap();
        assert!(draft.write(&bytes.to_vec()).await);
        draft.commit().await;
    };
    keep(b"0123456789").await;
    assert!(store.open(&wanted.digest, None).await.is_some());
    keep(b"abcdefghij").await;
    assert_eq!(store.usage().await, (2, 21));
    assert!(store.open(&Digest::sha256(b"0123456789"), None).await.is_none());
    assert!(store.draft(&wanted.digest, 26).await.is_none());
    PageStore::clear().await;
    assert_eq!(PageStore::open(1000).await.unwrap().usage().await, (0, 0));
}

async fn keep(store: &PageStore, bytes: &[u8]) {
    let digest = Digest::sha256(bytes);
    let mut draft = store.draft(&digest, bytes.len() as u64).await.unwrap();
    for piece in bytes.chunks(1 << 20) {
        assert!(draft.write(&piece.to_vec()).await);
    }
    draft.commit().await;
}

/// Longer than uses wait to be written down.
async fn a_moment() {
    gloo_timers::future::TimeoutFuture::new(400).await;
}

#[wasm_bindgen_test]
async fn the_order_of_use_holds_across_visits() {
    PageStore::clear().await;
    let [a, b, c, d] = [b"aaaaaaaaaa", b"bbbbbbbbbb", b"cccccccccc", b"dddddddddd"];
    let has =
        async |store: &PageStore, bytes: &[u8]| store.open(&Digest::sha256(bytes), None).await.is_some();
    let first = PageStore::open(30).await.unwrap();
    for bytes in [a, b, c] {
        keep(&first, bytes).await;
    }
    a_moment().await;
    // Two tabs, each of which uses one of the three: both uses count.
    let (left, right) = (
        PageStore::open(30).await.unwrap(),
        PageStore::open(30).await.unwrap(),
    );
    assert!(has(&left, a).await);
    a_moment().await;
    assert!(has(&right, b).await);
    a_moment().await;
    let later = PageStore::open(30).await.unwrap();
    keep(&later, d).await;
    assert_eq!(later.usage().await, (3, 30));
    a_moment().await;
    let last = PageStore::open(20).await.unwrap();
    assert_eq!(last.usage().await, (2, 20));
    for (bytes, kept) in [(a, false), (b, true), (c, false), (d, true)] {
        assert_eq!(
            has(&last, bytes).await,
            kept,
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
    a_moment().await;
    PageStore::clear().await;
}

#[wasm_bindgen_test]
async fn a_large_item_is_kept_whole() {
    PageStore::clear().await;
    let bytes: Vec<u8> = (0..9 << 20).map(|n: u32| (n ^ (n >> 11)) as u8).collect();
    let store = PageStore::open(10 << 20).await.unwrap();
    keep(&store, &bytes).await;
    let mut kept = store.open(&Digest::sha256(&bytes), None).await.unwrap();
    let mut read = Vec::new();
    while let Some(piece) = kept.chunk().await.unwrap() {
        read.extend_from_slice(&piece);
    }
    kept.verified(&Digest::sha256(&bytes)).await;
    assert!(read == bytes, "{} bytes came back", read.len());
    PageStore::clear().await;
}

#[wasm_bindgen_test]
async fn a_layout_beside_the_page() {
    let digest = Digest::sha256(INDEX.as_bytes());
    script(&format!(
        r#"
        if (url.endsWith('/demo/index.json')) return new Response(JSON.stringify({{schemaVersion: 2, manifests: [
            {{mediaType: 'application/vnd.oci.image.index.v1+json', size: {}, digest: '{digest}',
              annotations: {{'org.opencontainers.image.ref.name': '1.0.0'}}}}]}}));
        if (url.endsWith('/demo/blobs/sha256/{}')) return new Response('{INDEX}');
        return new Response('<html>', {{status: 404}});
        "#,
        INDEX.len(),
        digest.hex()
    ));
    let layout = LayoutSource::new(SiteFiles::new("https://site.example/demo/"), Limits::default());
    assert_eq!(
        layout.tags(&at("demo.example/x"), |_| {}).await.unwrap().tags,
        ["1.0.0"]
    );
    let served = layout.manifest(&at("demo.example/x:1.0.0")).await.unwrap();
    assert_eq!(served.document.digest, digest);
    let indexes = log().iter().filter(|l| l.ends_with("/index.json")).count();
    assert_eq!(indexes, 1, "the index is read once");
    let gone = layout
        .manifest(&at("demo.example/x").at_digest(Digest::sha256(b"x")))
        .await
        .unwrap_err();
    assert_eq!(
        (gone.kind, gone.message.as_str()),
        (FaultKind::Gone, "the layout does not hold this digest")
    );
    let nowhere = LayoutSource::new(SiteFiles::new("https://site.example/no"), Limits::default());
    let fault = nowhere.tags(&at("demo.example/x"), |_| {}).await.unwrap_err();
    assert_eq!(
        fault.to_string(),
        "no OCI layout here: there is no index.json (https://site.example/no)"
    );
}
