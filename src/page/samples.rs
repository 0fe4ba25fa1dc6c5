//! The sample pairs, as the layouts beside the page list them in `demo/samples.json`.

use serde::Deserialize;

use super::engine;
use crate::input::link::Link;
use crate::oci::{Digest, Reference};
use crate::verdict::Level;

#[derive(Deserialize)]
struct List {
    samples: Vec<Sample>,
}

/// One pair.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// A few words.
    pub title: String,
    /// Below `sample.invalid/`.
    pub repository: String,
    /// The tag that moved.
    pub tag: String,
    /// The older digest.
    pub from: Digest,
    /// The newer digest.
    pub to: Digest,
    /// What it comes to.
    pub expected_level: Level,
    /// One or two sentences.
    pub blurb: String,
}

impl Sample {
    /// The comparison.
    pub fn link(&self) -> Link {
        Link {
            from: Some(self.from.clone()),
            to: Some(self.to.clone()),
            ..Link::to(Reference {
                registry: engine::SAMPLES.to_owned(),
                repository: self.repository.clone(),
                tag: Some(self.tag.clone()),
                digest: None,
            })
        }
    }
}

/// The list; empty where the page's host keeps no samples.
pub async fn list() -> Vec<Sample> {
    let Ok(response) = gloo_net::http::Request::get("demo/samples.json").send().await else {
        return Vec::new();
    };
    let text = response.text().await.unwrap_or_default();
    serde_json::from_str::<List>(&text)
        .map(|list| list.samples)
        .unwrap_or_default()
}
