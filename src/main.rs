//! The page's window; see [`tagdrift::page`].

fn main() {
    #[cfg(target_arch = "wasm32")]
    tagdrift::page::start_window();
}
