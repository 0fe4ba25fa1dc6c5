//! Every bound the core keeps, in one place, handed in by whoever drives it.
//!
//! Purpose: hostile input is normal (decompression bombs, lying sizes, endless lists). A parser never
//! holds a constant of its own; it asks [`Limits`]. Reaching a bound is a
//! [`FaultKind::TooLarge`](crate::fault::FaultKind::TooLarge) fault, told as the cause `limit.reached`
//! and the level `unknown` for that part; never a crash, a hang or a wrong "same".
//!
//! The defaults fit a telephone. The native program raises some of them ([`Limits::native`]).

use serde::{Deserialize, Serialize};

/// Bounds on what is read, unpacked and compared. Sizes are bytes unless a field says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// A manifest or index document. Registries must take 4 MiB (distribution-spec, "Pushing manifests").
    pub manifest_bytes: u64,
    /// A token reply, an error body, a challenge: anything small that a registry says.
    pub reply_bytes: u64,
    /// One page of a tag list or another listing.
    pub listing_bytes: u64,
    /// Pages followed in one listing.
    pub listing_pages: u32,
    /// Tags kept of one repository.
    pub tags: usize,
    /// A config blob.
    pub config_bytes: u64,
    /// A blob as it is on the wire.
    pub blob_bytes: u64,
    /// A blob after decompression.
    pub unpacked_bytes: u64,
    /// How many times larger than its input a decompressed stream may grow, once past
    /// [`ratio_grace_bytes`](Self::ratio_grace_bytes). Deflate tops out near 1032.
    pub ratio: u64,
    /// Output below this many bytes is not held against [`ratio`](Self::ratio).
    pub ratio_grace_bytes: u64,
    /// The largest window a zstd frame may ask for.
    pub zstd_window_bytes: u64,
    /// Members of one archive.
    pub entries: usize,
    /// One PAX or GNU extension header (path, link, xattrs).
    pub extension_bytes: u64,
    /// Paths, links, attributes and extension records of all members of one archive together.
    pub metadata_bytes: u64,
    /// A path in an archive.
    pub path_bytes: usize,
    /// One file whose bytes are kept for comparison inside it. Larger ones are compared by hash.
    pub kept_file_bytes: u64,
    /// All kept bytes of one side.
    pub kept_bytes: u64,
    /// Archives inside archives.
    pub nesting: u32,
    /// One side's text in a line diff.
    pub diff_lines: usize,
    /// A line longer than this is not diffed by words.
    pub word_diff_bytes: usize,
    /// Depth of YAML, JSON and template nesting.
    pub data_depth: usize,
    /// Nodes of one YAML or JSON document set, aliases expanded.
    pub data_nodes: usize,
    /// Nodes that the aliases of one YAML text may stand for, together. Helm's own reader refuses texts that are mostly
    /// aliases; no text that people write comes near.
    pub alias_nodes: usize,
    /// Documents of one YAML text.
    pub data_documents: usize,
    /// Pairs of tokens (lines, words, items) that one diff may hold against each other; what is left then counts as changed
    /// whole.
    pub diff_pairs: usize,
    /// Lines looked at to find out which removed file became which added one; what is left then counts as no rename.
    pub rename_lines: usize,
    /// A pointer into YAML or JSON (`/a/b/0`), in bytes; what differs below a longer one is told whole. One long key with
    /// many members would else take room for its length times their number.
    pub pointer_bytes: usize,
    /// Patterns of names that the templates of one chart read by, told apart. With more (no chart is known that has a tenth
    /// of them) whatever comes after may read anything.
    pub read_patterns: usize,
    /// Computed names of one kind in templates that are told apart (definitions that are included, files that one variable
    /// stands for). With more, any may be meant.
    pub computed_names: usize,
    /// How often the templates of a chart are gone through for what they lead on to: files that are run and read further
    /// ones, definitions that are handed the whole context. What does not settle by then is taken to read everything.
    pub template_rounds: usize,
    /// Causes kept in one verdict; further ones are counted.
    pub causes: usize,
    /// Child manifests of an index that are looked into.
    pub index_children: usize,
    /// Layers of one image.
    pub layers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const KIB: u64 = 1024;
        const MIB: u64 = 1024 * KIB;
        const GIB: u64 = 1024 * MIB;
        Self {
            manifest_bytes: 4 * MIB,
            reply_bytes: 64 * KIB,
            listing_bytes: 8 * MIB,
            listing_pages: 200,
            tags: 50_000,
            config_bytes: 8 * MIB,
            blob_bytes: 4 * GIB,
            unpacked_bytes: 16 * GIB,
            ratio: 1100,
            ratio_grace_bytes: 4 * MIB,
            zstd_window_bytes: 128 * MIB,
            entries: 1_000_000,
            extension_bytes: MIB,
            metadata_bytes: 256 * MIB,
            path_bytes: 8 * 1024,
            kept_file_bytes: 8 * MIB,
            kept_bytes: 64 * MIB,
            nesting: 4,
            diff_lines: 200_000,
            word_diff_bytes: 4 * 1024,
            data_depth: 128,
            data_nodes: 2_000_000,
            alias_nodes: 200_000,
            data_documents: 20_000,
            diff_pairs: 200_000_000,
            rename_lines: 20_000_000,
            pointer_bytes: 2 * 1024,
            read_patterns: 1024,
            computed_names: 64,
            template_rounds: 16,
            causes: 2_000,
            index_children: 64,
            layers: 512,
        }
    }
}

impl Limits {
    /// The bounds of the native program: a workstation or a CI runner instead of a telephone.
    pub fn native() -> Self {
        Self {
            blob_bytes: 64 << 30,
            unpacked_bytes: 256 << 30,
            entries: 4_000_000,
            metadata_bytes: 1 << 30,
            ..Self::default()
        }
    }
}
