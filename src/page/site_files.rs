//! An OCI layout on a web server, read by fetch: the sample registry of a page on a plain static host.

use web_sys::RequestCache;

use super::chunk::Chunk;
use super::transport::{FetchBody, fetch, init};
use crate::fault::{Fault, FaultKind};
use crate::oci::Digest;
use crate::registry::{Body, Chunks, Files};

/// The files of a layout below a URL.
#[derive(Debug, Clone)]
pub struct SiteFiles {
    base: String,
}

impl SiteFiles {
    /// A layout at this URL (absolute: a worker's relative URLs start elsewhere than its page's).
    pub fn new(base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
        }
    }
}

impl Files for SiteFiles {
    type File<'f> = SiteFile;

    async fn open(&self, path: &str) -> Result<SiteFile, Fault> {
        let url = format!("{}/{path}", self.base);
        let cache = if path.starts_with("blobs/") {
            RequestCache::Default
        } else {
            RequestCache::NoCache
        };
        let fault = |kind, message: String| Fault::new(kind, message).at(url.clone());
        let (response, guard) = fetch(&url, &init("GET", cache)).await.map_err(|_| {
            fault(
                FaultKind::Unreachable,
                "the page's host does not answer".to_owned(),
            )
        })?;
        match response.status() {
            200 => Ok(SiteFile {
                body: FetchBody::of(&response, Some(guard)),
                url,
            }),
            404 | 410 => Err(fault(
                FaultKind::Gone,
                "the page's host has no such file".to_owned(),
            )),
            status => Err(fault(
                FaultKind::Busy,
                format!("the page's host answers with status {status}"),
            )),
        }
    }

    fn place(&self) -> String {
        self.base.clone()
    }
}

/// An open file.
#[derive(Debug)]
pub struct SiteFile {
    body: FetchBody,
    url: String,
}

impl Chunks for SiteFile {
    type Piece = Chunk;

    async fn chunk(&mut self) -> Result<Option<Chunk>, Fault> {
        self.body.chunk().await.map_err(|_| {
            Fault::new(FaultKind::Unreachable, "the connection to the page's host broke").at(self.url.clone())
        })
    }

    async fn verified(self, _: &Digest) {}

    fn is_local(&self) -> bool {
        false
    }
}
