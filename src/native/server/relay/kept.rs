//! Blobs kept in a folder (`--cache DIR`), so that what many ask for is fetched once.
//!
//! Without a folder the relay keeps nothing. With one it keeps what needs no right to be read: a blob that a
//! registry gave to a request without `Authorization`, whole and verified against its digest. It is given to
//! requests without `Authorization` only, after the same checks of host and quota as any other, and it is
//! verified again on its way out; what is found damaged is cut off and deleted. Manifests are small and go
//! through. Deleting the folder loses nothing.

use axum::response::Response;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RANGE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tokio::time::timeout;

use super::headers;
use super::paths::Kind;
use super::stream::{self, Bounds, Broken, Room};
use super::target::Target;
use crate::native::cache::{FileDraft, FolderCache, KeptFile};
use crate::oci::{Digest, Hasher};
use crate::registry::{Chunks as _, Draft as _, Fragment, Store as _};

/// The digest whose blob may come from the folder or go there: asked for whole, and by anyone.
pub fn named(request: &Parts, target: &Target) -> Option<Digest> {
    let by_anyone = !request.headers.contains_key(AUTHORIZATION);
    let whole = request.method == Method::GET && !request.headers.contains_key(RANGE);
    if target.kind != Kind::Blob || !by_anyone || !whole {
        return None;
    }
    let name = target.url.path().rsplit('/').next()?;
    name.replace("%3A", ":").replace("%3a", ":").parse().ok()
}

/// The answer from the folder, if it is there; only then `held` is taken, and dropped when the answer is
/// over.
pub async fn answer<Held: Send + 'static>(
    folder: &FolderCache,
    digest: &Digest,
    bounds: Bounds,
    held: &mut Option<Held>,
) -> Option<Response> {
    let size = folder.size_of(digest).filter(|size| *size <= bounds.size)?;
    let file = folder.open(digest, Some(size)).await?;
    let mut said = HeaderMap::new();
    said.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    said.insert(CONTENT_LENGTH, HeaderValue::from(size));
    if let Ok(name) = HeaderValue::from_str(&digest.to_string()) {
        said.insert(HeaderName::from_static("docker-content-digest"), name);
    }
    let wanted = digest.clone();
    let body = stream::body(bounds, held.take(), move |room| pump(file, wanted, bounds, room));
    let mut response = Response::new(body);
    *response.headers_mut() = headers::for_client(&said, StatusCode::OK, Kind::Blob, false);
    Some(response)
}

async fn pump(mut file: KeptFile, wanted: Digest, bounds: Bounds, room: Room) -> Result<(), Broken> {
    let mut hasher = Hasher::new(wanted.algorithm());
    // The last piece waits for the verdict, so that damaged content never arrives whole.
    let mut waiting: Option<Bytes> = None;
    while let Some(piece) = file.chunk().await.map_err(|_| Broken::Folder)? {
        hasher.update(&piece);
        if let Some(earlier) = waiting.replace(Bytes::from(piece))
            && !give(&room, bounds, earlier).await?
        {
            return Ok(());
        }
    }
    if hasher.finish() != wanted {
        return Err(Broken::Folder);
    }
    file.verified(&wanted).await;
    if let Some(last) = waiting {
        give(&room, bounds, last).await?;
    }
    Ok(())
}

/// False when the client went away.
async fn give(room: &Room, bounds: Bounds, piece: Bytes) -> Result<bool, Broken> {
    match timeout(bounds.idle, room.send(Ok(piece))).await {
        Ok(sent) => Ok(sent.is_ok()),
        Err(_) => Err(Broken::Client),
    }
}

/// A blob on its way through the relay and into the folder.
pub struct Keeping {
    digest: Digest,
    hasher: Hasher,
    draft: FileDraft,
    /// Bytes still to come.
    left: u64,
}

impl Keeping {
    /// Begins to keep a blob of this size, where the folder has room for it.
    pub async fn begin(folder: &FolderCache, digest: Digest, size: u64) -> Option<Self> {
        let draft = folder.draft(&digest, size).await?;
        Some(Self {
            hasher: Hasher::new(digest.algorithm()),
            digest,
            draft,
            left: size,
        })
    }

    /// Takes a piece; `None` when the folder could not.
    pub async fn take(mut self, piece: &impl Fragment) -> Option<Self> {
        self.hasher.update(piece);
        self.left = self.left.checked_sub(piece.count() as u64)?;
        self.draft.write(piece).await.then_some(self)
    }

    /// True when all bytes were taken.
    pub fn is_whole(&self) -> bool {
        self.left == 0
    }

    /// Keeps what was taken, if it is what its name says.
    pub async fn end(self) {
        if self.hasher.finish() == self.digest {
            self.draft.commit().await;
        }
    }
}
