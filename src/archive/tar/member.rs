//! One member: its header, and what the extension headers before it change.
//!
//! Rules that stopped known attacks, and their reasons:
//! - a PAX `size` decides where the next header is; a reader that ignores it sees other members
//!   (CVE-2025-62518);
//! - of equal records the last wins, as POSIX says and every peer does;
//! - a PAX path and a GNU long name for one member are refused: readers differ in which they take;
//! - two extension headers of one kind for one member are refused for the same reason.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::header::Header;
use super::pax;
use super::sparse::{Layout, PaxSparse};
use crate::archive::reading::{Entry, EntryKind, TarFormat, Time};
use crate::fault::Fault;
use crate::limits::Limits;

/// Extension headers waiting for their member.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    /// Where the first of them starts.
    pub(super) start: Option<u64>,
    pax: Option<Box<Pax>>,
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Pax {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    uname: Option<Vec<u8>>,
    gname: Option<Vec<u8>>,
    mtime: Option<Time>,
    xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    records: BTreeMap<Vec<u8>, Vec<u8>>,
    sparse: PaxSparse,
}

/// A member without its payload.
pub(super) struct Member {
    pub(super) entry: Entry,
    /// Bytes in the archive, padding not included.
    pub(super) stored: u64,
    pub(super) layout: Layout,
    /// What readers disagree on.
    pub(super) oddity: Option<String>,
}

impl Extensions {
    /// Takes the payload of a PAX header for one member.
    pub(super) fn take_pax(&mut self, bytes: &[u8], offset: u64) -> Result<(), Fault> {
        if self.pax.is_some() {
            return Err(Fault::malformed(format!(
                "two PAX headers for one member, the second before offset {}",
                offset + bytes.len() as u64
            )));
        }
        self.pax = Some(Box::new(Pax::parse(bytes, offset)?));
        Ok(())
    }

    /// Takes the payload of a GNU long name (`L`) or long link (`K`).
    pub(super) fn take_gnu(&mut self, is_link: bool, bytes: &[u8], offset: u64) -> Result<(), Fault> {
        let (slot, what) = if is_link {
            (&mut self.link, "link")
        } else {
            (&mut self.path, "name")
        };
        if slot.is_some() {
            return Err(Fault::malformed(format!(
                "two GNU long {what}s for one member, the second at offset {offset}"
            )));
        }
        // Ended by a NUL as GNU tar writes it; without one the whole payload counts (Go, CPython).
        *slot = Some(bytes.split(|b| *b == 0).next().unwrap_or_default().to_vec());
        Ok(())
    }

    /// Puts header and extensions together.
    pub(super) fn apply(
        self,
        header: &Header<'_>,
        offset: u64,
        names: &mut Names,
        limits: &Limits,
    ) -> Result<Member, Fault> {
        let start = self.start.unwrap_or(offset);
        let mut pax = self.pax;
        let format = if pax.is_some() {
            TarFormat::Pax
        } else {
            header.format
        };
        let mut field =
            |pick: fn(&mut Pax) -> &mut Option<Vec<u8>>| pax.as_deref_mut().and_then(|p| pick(p).take());
        let (pax_path, pax_link) = (field(|p| &mut p.path), field(|p| &mut p.link));
        let (pax_uname, pax_gname) = (field(|p| &mut p.uname), field(|p| &mut p.gname));
        let sparse_name = pax.as_deref_mut().and_then(|p| p.sparse.name.take());
        for (of_pax, of_gnu, what) in [(&pax_path, &self.path, "path"), (&pax_link, &self.link, "link")] {
            if of_pax.is_some() && of_gnu.is_some() {
                return Err(Fault::malformed(format!(
                    "the member at offset {start} has both a PAX and a GNU long {what}"
                )));
            }
        }
        let path = sparse_name
            .or(pax_path)
            .or(self.path)
            .unwrap_or_else(|| header.path());
        if path.len() > limits.path_bytes {
            return Err(Fault::too_large(
                &format!("the path of the member at offset {start}"),
                format_args!("{} bytes", limits.path_bytes),
            ));
        }
        let link = pax_link.or(self.link).unwrap_or_else(|| header.link().to_vec());
        let flag = header.type_flag();
        let kind = kind(flag, &path, start)?;
        let header_only = !matches!(kind, EntryKind::File | EntryKind::Other(_)) && flag != b'D';
        let pax_size = pax.as_ref().and_then(|p| p.size);
        let (stored, oddity) = if header_only {
            // Links, folders and devices have no payload whatever the size says (Go, CPython; GNU tar does
            // the same for hard links). libarchive skips the bytes of some: it may see other members.
            let told = pax_size.unwrap_or_else(|| header.size_or_zero());
            let oddity = (told > 0).then(|| {
                format!("the {} at offset {start} declares {told} bytes of content; readers disagree whether they are there", kind.word())
            });
            (0, oddity)
        } else {
            let stored = match pax_size {
                Some(size) => size,
                None => header.size()?,
            };
            let oddity = (kind == EntryKind::File && path.ends_with(b"/")).then(|| {
                format!("the file at offset {start} has a name that ends with a slash; some readers make it a folder")
            });
            (stored, oddity)
        };
        let device = if matches!(kind, EntryKind::CharDevice | EntryKind::BlockDevice) {
            header.device()?
        } else {
            (0, 0)
        };
        let owner = |of_pax: Option<u64>, of_header: Result<u64, Fault>| of_pax.map_or(of_header, Ok);
        let (uid, gid, mtime) = pax
            .as_ref()
            .map_or((None, None, None), |p| (p.uid, p.gid, p.mtime));
        let mtime = match mtime {
            Some(mtime) => mtime,
            None => Time {
                seconds: header.mtime()?,
                nanos: 0,
            },
        };
        let (uid, gid) = (owner(uid, header.uid())?, owner(gid, header.gid())?);
        let pax = pax.map(|p| *p).unwrap_or_default();
        let mut records = pax.records;
        for (key, time) in [&b"atime"[..], b"ctime"].into_iter().zip(header.other_times()) {
            if let Some(time) = time {
                records
                    .entry(key.to_vec())
                    .or_insert_with(|| time.to_string().into_bytes());
            }
        }
        let layout = if kind == EntryKind::File {
            pax.sparse.layout(stored, start)?
        } else {
            Layout::None
        };
        Ok(Member {
            entry: Entry {
                path,
                kind,
                mode: header.mode()?,
                uid,
                gid,
                uname: names.shared(pax_uname.as_deref().unwrap_or(header.uname())),
                gname: names.shared(pax_gname.as_deref().unwrap_or(header.gname())),
                mtime,
                link,
                size: stored,
                sha256: [0; 32],
                bytes: None,
                xattrs: pax.xattrs,
                records,
                device,
                format,
                offset: start,
            },
            stored,
            layout,
            oddity,
        })
    }
}

/// What a type flag means (POSIX ustar; GNU's own `S` and `D`).
fn kind(flag: u8, path: &[u8], start: u64) -> Result<EntryKind, Fault> {
    Ok(match flag {
        // The oldest archives know no folders: a trailing slash tells them (Go, CPython, libarchive).
        0 if path.ends_with(b"/") => EntryKind::Directory,
        0 | b'0' | b'7' | b'S' => EntryKind::File,
        b'1' => EntryKind::Hardlink,
        b'2' => EntryKind::Symlink,
        b'3' => EntryKind::CharDevice,
        b'4' => EntryKind::BlockDevice,
        b'5' | b'D' => EntryKind::Directory,
        b'6' => EntryKind::Fifo,
        b'M' => {
            return Err(Fault::unsupported(format!(
                "the member at offset {start} continues a file of another volume"
            )));
        }
        b'N' => {
            return Err(Fault::unsupported(format!(
                "the member at offset {start} is a list of long names in a format GNU tar gave up"
            )));
        }
        other => EntryKind::Other(other),
    })
}

impl Pax {
    fn parse(bytes: &[u8], offset: u64) -> Result<Self, Fault> {
        let mut pax = Self::default();
        for (key, value) in pax::records(bytes, offset)? {
            pax.take(key, value, offset)?;
        }
        Ok(pax)
    }

    fn take(&mut self, key: &[u8], value: &[u8], offset: u64) -> Result<(), Fault> {
        let bad = || {
            Fault::malformed(format!(
                "PAX header at offset {offset}: {} {:?} is no number",
                String::from_utf8_lossy(key),
                String::from_utf8_lossy(value)
            ))
        };
        // An empty value takes the record back: the header's own field holds (POSIX; Go does so too).
        let bytes = || (!value.is_empty()).then(|| value.to_vec());
        let number = || {
            if value.is_empty() {
                Ok(None)
            } else {
                pax::decimal(value).map(Some).ok_or_else(bad)
            }
        };
        match key {
            b"path" => self.path = bytes(),
            b"linkpath" => self.link = bytes(),
            b"uname" => self.uname = bytes(),
            b"gname" => self.gname = bytes(),
            b"size" => self.size = number()?,
            b"uid" => self.uid = number()?,
            b"gid" => self.gid = number()?,
            b"mtime" if value.is_empty() => self.mtime = None,
            b"mtime" => self.mtime = Some(pax::time(value).ok_or_else(bad)?),
            _ => return self.take_other(key, value, offset),
        }
        Ok(())
    }

    fn take_other(&mut self, key: &[u8], value: &[u8], offset: u64) -> Result<(), Fault> {
        if let Some(name) = key.strip_prefix(b"SCHILY.xattr.") {
            self.xattrs.insert(name.to_vec(), value.to_vec());
        } else if let Some(name) = key.strip_prefix(b"LIBARCHIVE.xattr.") {
            let value = pax::base64_decoded(value).ok_or_else(|| {
                Fault::malformed(format!(
                    "PAX header at offset {offset}: {} is no base64",
                    String::from_utf8_lossy(key)
                ))
            })?;
            // Written next to the SCHILY record by libarchive; that one needs no decoding.
            self.xattrs.entry(pax::percent_decoded(name)).or_insert(value);
        } else if !(key.starts_with(b"GNU.sparse.") && self.sparse.take(key, value, offset)?) {
            self.records.insert(key.to_vec(), value.to_vec());
        }
        Ok(())
    }
}

/// Owner names, each held once.
#[derive(Debug, Default)]
pub(in crate::archive) struct Names(BTreeSet<Arc<[u8]>>);

impl Names {
    pub(in crate::archive) fn shared(&mut self, name: &[u8]) -> Arc<[u8]> {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        let name: Arc<[u8]> = name.into();
        self.0.insert(name.clone());
        name
    }
}
