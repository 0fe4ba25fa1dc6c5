//! A piece of a file, or bytes that are already here, as a blob.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use bytes::Bytes;
use tokio::task::spawn_blocking;

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

fn cut(error: tokio::task::JoinError) -> Fault {
    Fault::new(FaultKind::Cancelled, format!("reading was cut short: {error}"))
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
        let path = path.to_owned();
        let open = move || {
            let mut file = File::open(path)?;
            if offset > 0 {
                file.seek(SeekFrom::Start(offset))?;
            }
            Ok::<_, std::io::Error>(file)
        };
        let file = spawn_blocking(open).await.map_err(cut)?;
        Ok(Self {
            bytes: Bytes::new(),
            file: Some(file.map_err(|error| unreadable(&error))?),
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
        if self.left == 0 {
            return Ok(None);
        }
        let Some(mut file) = self.file.take() else {
            return Err(Fault::new(FaultKind::Cancelled, "reading was cut short"));
        };
        let wanted = self.left.min(CHUNK as u64);
        // The file goes along and comes back: read straight into the piece, which nobody copies from then on.
        let (file, piece) = spawn_blocking(move || {
            let mut piece = Vec::with_capacity(usize::try_from(wanted).unwrap_or(CHUNK));
            let read = file.by_ref().take(wanted).read_to_end(&mut piece);
            (file, read.map(|_| piece))
        })
        .await
        .map_err(cut)?;
        self.file = Some(file);
        let piece = piece.map_err(|error| unreadable(&error))?;
        let read = piece.len();
        if read == 0 {
            return Err(Fault::malformed(format!(
                "the file ends {} bytes early",
                self.left
            )));
        }
        self.left = self.left.saturating_sub(read as u64);
        Ok(Some(piece.into()))
    }

    async fn verified(self, _: &Digest) {}

    fn is_local(&self) -> bool {
        true
    }
}
