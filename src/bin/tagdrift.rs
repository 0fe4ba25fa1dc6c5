//! The native program: everything is in [`tagdrift::native`].

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    tagdrift::native::commands::main(std::env::args_os())
}

#[cfg(target_arch = "wasm32")]
fn main() {}
