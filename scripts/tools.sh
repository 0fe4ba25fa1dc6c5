# Sourced by the other scripts: which tools, in which versions, and where they lie.
RUST_MIN=1.95.0
NODE_MIN=20.0.0
TRUNK_VERSION=0.21.14
# As Cargo.toml pins the library.
WASM_BINDGEN_VERSION=0.2.130
BINARYEN_VERSION=132
TOOLS=${TAGDRIFT_TOOLS:-$HOME/.cache/tagdrift/tools}
export PATH="$TOOLS/wasm-bindgen-$WASM_BINDGEN_VERSION/bin:$TOOLS/binaryen-$BINARYEN_VERSION/node_modules/.bin:$PATH"
# Ours, unless the one on PATH is of the right version.
TRUNK=$TOOLS/trunk-$TRUNK_VERSION/bin/trunk
if [ ! -x "$TRUNK" ] && [ "$(trunk --version 2>/dev/null)" = "trunk $TRUNK_VERSION" ]; then TRUNK=trunk; fi
