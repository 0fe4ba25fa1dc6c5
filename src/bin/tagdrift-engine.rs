//! The page's worker; see [`tagdrift::page`].

fn main() {
    #[cfg(target_arch = "wasm32")]
    tagdrift::page::start_worker();
}
