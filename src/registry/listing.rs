//! The tags of a repository, page by page.
//!
//! Pages follow `Link` (distribution-spec, "Listing tags"); where a browser may not read it, `n` and
//! `last`. What a hostile registry can do is bounded: pages, tags, bytes of a page, and circles.

use std::collections::HashSet;

use serde::Deserialize;

use super::client::is_missing;
use super::link;
use super::target::{Goal, Repository, What};
use super::token::looks_like_markup;
use super::transport::Transport;
use super::url::encode_form;
use super::{Client, ResponseHead};
use crate::fault::Fault;
use crate::oci::Reference;

/// Tags asked for at once: ECR refuses more.
const PAGE: usize = 1000;

/// The tags of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Valid tags without repeats, in the registry's order.
    pub tags: Vec<String>,
    /// Names that no reference can hold, left out.
    pub unreadable: usize,
    /// Why there may be more tags than these: a bound, or a page that could not be read.
    pub cut: Option<Fault>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

impl<T: Transport> Client<T> {
    /// Lists the tags of the reference's repository. `on_page` sees each page's new tags as they come.
    ///
    /// # Errors
    /// When the first page cannot be read. Trouble later on is told in [`Tags::cut`].
    pub async fn tags(
        &self,
        reference: &Reference,
        mut on_page: impl FnMut(&[String]),
    ) -> Result<Tags, Fault> {
        let repository = Repository::of(reference);
        let mut goal = self.goal(&repository, What::Tags)?;
        let base = goal.url.clone();
        goal.url = base.with_path(&format!("{}?n={PAGE}", base.path()));
        let mut found = Tags::default();
        let mut seen: HashSet<String> = HashSet::new();
        let mut visited = HashSet::from([goal.url.to_string()]);
        let mut pages = 0;
        loop {
            let (head, page) = match self.page(&goal).await {
                Ok(page) => page,
                Err(fault) if pages == 0 => return Err(fault),
                // zot does not know a `last` that is gone: the end, not a fault.
                Err(fault) if is_missing(&fault) => return Ok(found),
                Err(fault) => {
                    found.cut = Some(fault);
                    return Ok(found);
                }
            };
            pages += 1;
            let before = found.tags.len();
            let full_page = page.len() > PAGE;
            let last = page.last().cloned();
            for tag in page {
                if !is_tag(&tag) {
                    found.unreadable += 1;
                } else if found.tags.len() >= self.session.limits.tags {
                    found.cut = Some(Fault::too_large(
                        "the tag list",
                        format!("{} tags", self.session.limits.tags),
                    ));
                    break;
                } else if seen.insert(tag.clone()) {
                    found.tags.push(tag);
                }
            }
            let fresh = found.tags.get(before..).unwrap_or_default();
            let any_fresh = !fresh.is_empty();
            on_page(fresh);
            if found.cut.is_some() {
                return Ok(found);
            }
            let next = match link::next(head.headers_named("link"), &goal.url) {
                Ok(Some(url)) => Some(url),
                // A hidden Link: ask on until nothing new comes.
                Ok(None) if !head.all_headers && any_fresh && !full_page => last.map(|last| {
                    base.with_path(&format!("{}?n={PAGE}&last={}", base.path(), encode_form(&last)))
                }),
                Ok(None) => None,
                Err(why) => {
                    found.cut = Some(Fault::malformed(why).at(base.shown()));
                    return Ok(found);
                }
            };
            let Some(next) = next else {
                return Ok(found);
            };
            if !visited.insert(next.to_string()) {
                found.cut =
                    Some(Fault::malformed("the pages of the tag list go in a circle").at(base.shown()));
                return Ok(found);
            }
            if pages >= self.session.limits.listing_pages {
                found.cut = Some(
                    Fault::too_large(
                        "the tag list",
                        format!("{} pages", self.session.limits.listing_pages),
                    )
                    .at(base.shown()),
                );
                return Ok(found);
            }
            goal.url = next;
        }
    }

    async fn page(&self, goal: &Goal) -> Result<(ResponseHead, Vec<String>), Fault> {
        let limit = self.session.limits.listing_bytes;
        let (head, bytes) = self.whole(goal, "a page of the tag list", limit).await?;
        let page: Page = serde_json::from_slice(&bytes).map_err(|e| {
            Fault::malformed(if looks_like_markup(&bytes) {
                "an HTML or XML page where a tag list was expected".to_owned()
            } else {
                format!(
                    "the tag list is no JSON as the specification has it, at line {}, column {}",
                    e.line(),
                    e.column()
                )
            })
            .at(goal.url.shown())
        })?;
        Ok((head, page.tags.unwrap_or_default()))
    }
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
pub(crate) fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}
