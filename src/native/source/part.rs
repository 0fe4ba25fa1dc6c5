//! A piece of a file, or bytes that are already here, as a blob.

use std::io::SeekFrom;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::fault::{Fault, FaultKind};
use crate::oci::{Algorithm, Digest, Hasher};
use crate::registry::Chunks;

/// Bytes asked for at once: large enough that handing work to the thread that reads costs little, and below the size from
/// which allocators take each buffer from the system and give it back (128 KiB in glibc), which costs a fault a page.
const CHUNK: usize = 120 * 1024;

/// A piece of a file, or bytes that are already here.
#[derive(Debug)]
pub struct Part {
    bytes: Bytes,
    file: Option<File>,
    /// Bytes of the file that are still to come.
    left: u64,
}

/// A failure of the file system, without the path: whoever knows the place adds it.
pub fn unreadable(error: &std::io::Error) -> Fault {
    match error.kind() {
        std::io::ErrorKind::NotFound => Fault::new(FaultKind::Gone, "there is no such file"),
        _ => Fault::new(
            FaultKind::Unreachable,
            format!("the file cannot be read: {error}"),
        ),
    }
}

impl Part {
    /// Bytes that are already here.
    pub fn memory(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            file: None,
            left: 0,
        }
    }

    /// `size` bytes from `offset` on.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open(path: &Path, offset: u64, size: u64) -> Result<Self, Fault> {
        let mut file = File::open(path).await.map_err(|error| unreadable(&error))?;
        if offset > 0 {
            file.seek(SeekFrom::Start(offset))
                .await
                .map_err(|error| unreadable(&error))?;
        }
        Ok(Self {
            bytes: Bytes::new(),
            file: Some(file),
            left: size,
        })
    }

    /// Its sha256.
    ///
    /// # Errors
    /// What reading gives.
    pub async fn digest(mut self) -> Result<Digest, Fault> {
        let mut hasher = Hasher::new(Algorithm::Sha256);
        while let Some(piece) = self.chunk().await? {
            hasher.update(&piece);
        }
        Ok(hasher.finish())
    }
}

impl Chunks for Part {
    type Piece = Bytes;

    async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        if !self.bytes.is_empty() {
            return Ok(Some(std::mem::take(&mut self.bytes)));
        }
        let Some(file) = self.file.as_mut().filter(|_| self.left > 0) else {
            return Ok(None);
        };
        let mut buffer = BytesMut::with_capacity(CHUNK);
        let read = file
            .take(self.left)
            .read_buf(&mut buffer)
            .await
            .map_err(|error| unreadable(&error))?;
        if read == 0 {
            return Err(Fault::malformed(format!(
                "the file ends {} bytes early",
                self.left
            )));
        }
        self.left = self.left.saturating_sub(read as u64);
        Ok(Some(buffer.freeze()))
    }

    async fn verified(self, _: &Digest) {}

    fn is_local(&self) -> bool {
        true
    }
}
