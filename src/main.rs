//! The page. One module serves the window and its worker; see [`tagdrift::page`].

fn main() {
    #[cfg(target_arch = "wasm32")]
    tagdrift::page::start();
}
