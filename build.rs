//! The program embeds the page (`dist/`) when it is compiled: it is compiled again when the page was built anew, or for
//! the first time. The page itself must not wait for its own product.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|architecture| architecture != "wasm32") {
        // Cargo takes a missing folder for a changed one, at each build. Where it cannot be made, that is all that happens.
        let _ = std::fs::create_dir("dist");
        println!("cargo:rerun-if-changed=dist");
    }
}
