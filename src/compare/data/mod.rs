//! Data (YAML, JSON) as trees: where each node stands in its text, and how two trees differ.
//!
//! Mappings are compared by key. The order of a list is data; its items are matched by what names them:
//! kind, namespace and name for Kubernetes objects, else a `name`, `key` or `id` that every item has and that
//! is unique on both sides, else an alignment that keeps the changes small.
//!
//! ```
//! use serde_json::json;
//! use tagdrift::{compare::data::{self, ChangeKind}, limits::Limits};
//! let left = json!({"versions": [{"name": "v1beta1", "served": true}, {"name": "v1", "served": true}]});
//! let right = json!({"versions": [{"name": "v1beta1", "served": false}, {"name": "v1", "served": true}]});
//! let difference = data::compare(&left, &right, &Limits::default());
//! let change = &difference.changes[0];
//! assert_eq!(change.pointer, "/versions/[name=v1beta1]/served");
//! assert_eq!((change.kind, change.from.as_deref(), change.to.as_deref()),
//!            (ChangeKind::Changed, Some("true"), Some("false")));
//! ```

mod change;
mod difference;
mod identity;
mod node;
mod place;

pub use change::{ChangeKind, DataChange, DataDifference};
pub use difference::{compare, compare_placed};
pub use node::same;
pub use place::{Inside, Place, escape};

#[cfg(test)]
mod tests;
