//! Content kept by digest in a folder: `<folder>/<algorithm>/<hex>`, nothing else in the names.
//!
//! Written to a temporary file and renamed once it is verified, so that no reader ever sees half of it;
//! several programs may share a folder. What was used longest ago goes first when the bound is reached.
//! Kept content passes the same reader as fetched content; what was read to its end and not found good is
//! deleted, so that damage on the disk costs one failure, not all to come.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::fault::{Fault, FaultKind};
use crate::oci::{Algorithm, Digest};
use crate::registry::{Chunks, Draft, Fragment, Store};

/// Bytes kept at most, unless the user says otherwise.
pub const DEFAULT_BOUND: u64 = 10 << 30;
/// Bytes read at a time.
const CHUNK: usize = 256 << 10;
/// Temporary files older than this were left by a program that was killed.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// A folder of kept content.
#[derive(Debug, Clone)]
pub struct FolderCache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    bound: u64,
    /// Bytes in the folder as far as this program knows.
    used: AtomicU64,
    next: AtomicU64,
}

/// One kept item.
struct Item {
    path: PathBuf,
    size: u64,
    used: SystemTime,
}

impl FolderCache {
    /// Opens or makes a folder, which holds at most `bound` bytes.
    ///
    /// # Errors
    /// `Unsupported` when it cannot be made.
    pub fn open(folder: &Path, bound: u64) -> Result<Self, Fault> {
        for name in [Algorithm::Sha256.name(), Algorithm::Sha512.name(), "tmp"] {
            fs::create_dir_all(folder.join(name)).map_err(|e| {
                Fault::unsupported(format!("the cache folder cannot be made: {}", e.kind()))
                    .at(folder.display().to_string())
            })?;
        }
        let inner = Inner {
            folder: folder.to_owned(),
            bound,
            used: AtomicU64::new(0),
            next: AtomicU64::new(0),
        };
        inner.sweep();
        Ok(Self(Arc::new(inner)))
    }

    /// The usual folder: `$XDG_CACHE_HOME/tagdrift`, or `~/.cache/tagdrift`.
    pub fn usual_folder() -> Option<PathBuf> {
        let variable = |key| std::env::var_os(key).filter(|v| !v.is_empty()).map(PathBuf::from);
        variable("XDG_CACHE_HOME")
            .or_else(|| variable("HOME").map(|home| home.join(".cache")))
            .or_else(|| variable("LOCALAPPDATA"))
            .map(|cache| cache.join("tagdrift"))
    }

    /// Bytes of kept content, if it is there.
    pub fn size_of(&self, digest: &Digest) -> Option<u64> {
        fs::metadata(self.0.path(digest)).ok().map(|about| about.len())
    }

    /// Number of items and their bytes.
    pub fn usage(&self) -> (usize, u64) {
        let items = self.0.items();
        (items.len(), items.iter().map(|i| i.size).sum())
    }

    /// Forgets everything.
    pub fn clear(&self) {
        for item in self.0.items() {
            let _ = fs::remove_file(item.path);
        }
        self.0.used.store(0, Ordering::Relaxed);
    }
}

impl Inner {
    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.algorithm().name()).join(digest.hex())
    }

    fn items(&self) -> Vec<Item> {
        [Algorithm::Sha256, Algorithm::Sha512]
            .into_iter()
            .filter_map(|algorithm| fs::read_dir(self.folder.join(algorithm.name())).ok())
            .flatten()
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let about = entry.metadata().ok()?;
                Some(Item {
                    path: entry.path(),
                    size: about.len(),
                    used: about.modified().ok()?,
                })
            })
            .collect()
    }

    /// Deletes what was used longest ago until the bound is kept, and stale temporary files.
    fn sweep(&self) {
        let mut items = self.items();
        items.sort_by_key(|item| item.used);
        let mut used: u64 = items.iter().map(|i| i.size).sum();
        for item in items {
            if used <= self.bound {
                break;
            }
            if fs::remove_file(&item.path).is_ok() {
                used -= item.size;
            }
        }
        self.used.store(used, Ordering::Relaxed);
        let stale = |path: &Path| {
            fs::metadata(path)
                .and_then(|about| about.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > STALE))
        };
        for entry in fs::read_dir(self.folder.join("tmp"))
            .into_iter()
            .flatten()
            .flatten()
        {
            if stale(&entry.path()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Store for FolderCache {
    type Kept = KeptFile;
    type Draft = FileDraft;

    async fn open(&self, digest: &Digest, size: Option<u64>) -> Option<KeptFile> {
        let path = self.0.path(digest);
        let file = File::open(&path).await.ok()?;
        let actual = file.metadata().await.ok()?.len();
        if size.is_some_and(|size| size != actual) {
            // The descriptor may lie about the size; the next answer from the registry decides.
            return None;
        }
        let file = file.into_std().await;
        // Used now: the modification time is the only stamp that every file system keeps.
        let _ = file.set_modified(SystemTime::now());
        Some(KeptFile {
            file: File::from_std(file),
            path,
            ended: false,
            verified: false,
        })
    }

    async fn draft(&self, digest: &Digest, size: u64) -> Option<FileDraft> {
        if size > self.0.bound {
            return None;
        }
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let temporary =
            self.0
                .folder
                .join("tmp")
                .join(format!("{}-{number}-{}", std::process::id(), digest.short()));
        let file = File::create_new(&temporary).await.ok()?;
        Some(FileDraft {
            cache: self.clone(),
            file,
            temporary: Some(temporary),
            digest: digest.clone(),
            size,
            written: 0,
        })
    }
}

/// Kept content, being read.
#[derive(Debug)]
pub struct KeptFile {
    file: File,
    path: PathBuf,
    ended: bool,
    verified: bool,
}

impl Chunks for KeptFile {
    type Piece = Vec<u8>;

    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = self.file.read_buf(&mut chunk).await.map_err(|e| {
            Fault::new(
                FaultKind::Unreachable,
                format!("the cache cannot be read: {}", e.kind()),
            )
            .at(self.path.display().to_string())
        })?;
        self.ended = read == 0;
        Ok((read > 0).then_some(chunk))
    }

    async fn verified(mut self, _: &Digest) {
        self.verified = true;
    }

    fn is_local(&self) -> bool {
        true
    }
}

impl Drop for KeptFile {
    fn drop(&mut self) {
        if self.ended && !self.verified {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Content on its way into the folder.
#[derive(Debug)]
pub struct FileDraft {
    cache: FolderCache,
    file: File,
    temporary: Option<PathBuf>,
    digest: Digest,
    size: u64,
    written: u64,
}

impl Draft for FileDraft {
    async fn write(&mut self, bytes: &impl Fragment) -> bool {
        self.written += bytes.len() as u64;
        self.written <= self.size && self.file.write_all(bytes).await.is_ok()
    }

    async fn commit(mut self) {
        if self.written != self.size || self.file.flush().await.is_err() {
            return;
        }
        let Some(temporary) = self.temporary.take() else {
            return;
        };
        if tokio::fs::rename(&temporary, self.cache.0.path(&self.digest))
            .await
            .is_err()
        {
            let _ = fs::remove_file(temporary);
            return;
        }
        let used = self.cache.0.used.fetch_add(self.size, Ordering::Relaxed) + self.size;
        if used > self.cache.0.bound {
            let cache = self.cache.clone();
            // Listing a large folder takes a while: not on a thread that others wait for.
            let _ = tokio::task::spawn_blocking(move || cache.0.sweep()).await;
        }
    }
}

impl Drop for FileDraft {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn keep(cache: &FolderCache, bytes: &[u8]) -> Digest {
        let digest = Digest::sha256(bytes);
        let mut draft = cache.draft(&digest, bytes.len() as u64).await.unwrap();
        assert!(draft.write(&bytes.to_vec()).await);
        draft.commit().await;
        digest
    }

    async fn read(cache: &FolderCache, digest: &Digest, verify: bool) -> Option<Vec<u8>> {
        let mut file = cache.open(digest, None).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = file.chunk().await.unwrap() {
            bytes.extend(chunk);
        }
        if verify {
            file.verified(digest).await;
        }
        Some(bytes)
    }

    fn temporary_files(folder: &Path) -> usize {
        fs::read_dir(folder.join("tmp")).unwrap().count()
    }

    #[tokio::test]
    async fn only_whole_and_committed_content_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = FolderCache::open(folder.path(), 1000).unwrap();
        let digest = keep(&cache, b"tide").await;
        assert_eq!(read(&cache, &digest, true).await.as_deref(), Some(&b"tide"[..]));
        assert!(cache.open(&digest, Some(5)).await.is_none());

        let other = Digest::sha256(b"other");
        let mut draft = cache.draft(&other, 5).await.unwrap();
        assert!(draft.write(&b"oth".to_vec()).await);
        drop(draft);
        let mut short = cache.draft(&other, 5).await.unwrap();
        assert!(short.write(&b"oth".to_vec()).await);
        short.commit().await;
        let mut long = cache.draft(&other, 2).await.unwrap();
        assert!(!long.write(&b"oth".to_vec()).await);
        drop(long);
        assert!(cache.open(&other, None).await.is_none());
        assert!(cache.draft(&other, 1001).await.is_none());
        assert_eq!((cache.usage(), temporary_files(folder.path())), ((1, 4), 0));
        cache.clear();
        assert_eq!(cache.usage(), (0, 0));
    }

    #[tokio::test]
    async fn what_was_not_found_good_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let cache = FolderCache::open(folder.path(), 1000).unwrap();
        let digest = keep(&cache, b"tide").await;
        fs::write(cache.0.path(&digest), b"edit").unwrap();
        assert_eq!(read(&cache, &digest, false).await.as_deref(), Some(&b"edit"[..]));
        assert_eq!(read(&cache, &digest, false).await, None);
    }

    #[tokio::test]
    async fn what_was_used_longest_ago_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = FolderCache::open(folder.path(), 25).unwrap();
        let a = keep(&cache, b"aaaaaaaaaa").await;
        let b = keep(&cache, b"bbbbbbbbbb").await;
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        for (digest, age) in [(&a, 0), (&b, 60)] {
            let file = fs::File::options()
                .write(true)
                .open(cache.0.path(digest))
                .unwrap();
            file.set_modified(long_ago + Duration::from_secs(age)).unwrap();
        }
        assert!(read(&cache, &a, true).await.is_some());
        let c = keep(&cache, b"cccccccccc").await;
        let kept = |d: &Digest| cache.0.path(d).exists();
        assert_eq!([kept(&a), kept(&b), kept(&c)], [true, false, true]);

        let narrower = FolderCache::open(folder.path(), 10).unwrap();
        assert_eq!(narrower.usage(), (1, 10));
    }
}
