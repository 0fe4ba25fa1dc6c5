//! Throughput and memory of the blob reader: `cargo bench --bench archive [MEBIBYTES]`.
//!
//! Prints figures instead of judging them. The yardstick is `gzip -dc | sha256sum` over the same bytes, run
//! where both are installed. The content is half text-like, half random, as layers are.
#![cfg(not(target_arch = "wasm32"))]
// It prints its figures, and there is nobody to hand an error to.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tagdrift::archive::{BlobReader, Content, Inflater, Purpose, Reading, TarReader, Unpacked, Wire};
use tagdrift::limits::Limits;
use tagdrift::oci::{Descriptor, Digest};

const PIECE: usize = 64 * 1024;

fn main() {
    let mebibytes = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .next()
        .unwrap_or(256);
    let tar = layer(mebibytes << 20);
    let packed = gzip(&tar);
    println!("{mebibytes} MiB of tar, {} MiB gzipped", packed.len() >> 20);
    let unpacked_bytes = tar.len();
    yardstick(&packed, unpacked_bytes);
    told("inflate alone", unpacked_bytes, || {
        let mut inflater = Inflater::new(&Limits::default());
        for piece in packed.chunks(PIECE) {
            inflater.push(piece, &mut |_| Ok(())).unwrap();
        }
        inflater.finish(&mut |_| Ok(())).unwrap();
    });
    told("sha256 alone", unpacked_bytes, || {
        assert_ne!(Digest::sha256(&tar).hex(), "")
    });
    told("tar reader alone (hashes each file)", unpacked_bytes, || {
        let mut reader = TarReader::new(false, &Limits::default());
        for piece in tar.chunks(PIECE) {
            reader.push(piece).unwrap();
        }
        assert!(reader.finish().1.is_none());
    });
    let wanted = descriptor(&packed);
    let entries = |reading: &Reading| match &reading.content {
        Content::Tar(listing) if reading.fault.is_none() => listing.entries.len(),
        _ => panic!("{:?}", reading.fault),
    };
    told("BlobReader, one thread", unpacked_bytes, || {
        let mut blob = BlobReader::new(&wanted, Purpose::Layer, &Limits::default());
        for piece in packed.chunks(PIECE) {
            blob.push(piece).unwrap();
        }
        assert!(entries(&blob.finish()) > 0);
    });
    told("Wire and Unpacked, two threads", unpacked_bytes, || {
        assert!(entries(&on_two_threads(&wanted, &packed)) > 0);
    });
    told("two blobs side by side", unpacked_bytes * 2, || {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut blob = BlobReader::new(&wanted, Purpose::Layer, &Limits::default());
                    for piece in packed.chunks(PIECE) {
                        blob.push(piece).unwrap();
                    }
                    assert!(entries(&blob.finish()) > 0);
                });
            }
        });
    });
    many_entries(1_000_000);
}

/// The two halves of a reader with a bounded queue of pieces between them; buffers go back to be used again.
fn on_two_threads(wanted: &Descriptor, packed: &[u8]) -> Reading {
    let (pieces, taken) = mpsc::sync_channel::<Vec<u8>>(16);
    let (used, free) = mpsc::channel::<Vec<u8>>();
    std::thread::scope(|scope| {
        let inner = scope.spawn(move || {
            let mut unpacked = Unpacked::new(Purpose::Layer, &Limits::default());
            for piece in taken {
                unpacked.push(&piece);
                let _ = used.send(piece);
            }
            unpacked
        });
        let mut send = |piece: &[u8]| {
            let mut buffer = free.try_recv().unwrap_or_default();
            buffer.clear();
            buffer.extend_from_slice(piece);
            pieces.send(buffer).unwrap();
            Ok(())
        };
        let mut wire = Wire::new(wanted, Purpose::Layer, &Limits::default());
        for piece in packed.chunks(PIECE) {
            wire.push(piece, &mut send).unwrap();
        }
        let delivery = wire.finish(&mut send);
        drop(pieces);
        let contents = inner.join().unwrap().finish(delivery.fault().cloned());
        Reading::from_halves(delivery, contents)
    })
}

fn many_entries(count: usize) {
    let before = resident();
    let mut reader = TarReader::new(false, &Limits::default());
    let start = Instant::now();
    for n in 0..count {
        let path = format!("usr/share/doc/package-{:05}/file-{n:07}.txt", n / 100);
        reader.push(&header(&path, 0)).unwrap();
    }
    let time = start.elapsed();
    let (listing, fault) = reader.finish();
    assert!(fault.is_none() && listing.entries.len() == count);
    println!(
        "{count} entries: {:.2} s, {} bytes of memory an entry",
        time.as_secs_f64(),
        (resident().saturating_sub(before)) / count
    );
}

/// Resident memory in bytes, 0 where `/proc` does not tell.
fn resident() -> usize {
    std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse::<usize>().ok())
        .map_or(0, |pages| pages * 4096)
}

/// Wall and processor time of the best of three runs; the latter is what counts on a busy machine.
fn told(what: &str, bytes: usize, mut run: impl FnMut()) {
    let (wall, processor) = (0..3)
        .map(|_| {
            let (start, used) = (Instant::now(), processor_time());
            run();
            (start.elapsed(), processor_time().saturating_sub(used))
        })
        .min_by_key(|(_, processor)| *processor)
        .unwrap_or_default();
    let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!(
        "{what}: {:.2} s ({:.0} MB/s), {:.2} s of processor time ({:.0} MB/s)",
        wall.as_secs_f64(),
        rate(wall),
        processor.as_secs_f64(),
        rate(processor)
    );
}

/// User and system time of this process and of those it waited for, in ticks of 10 ms; 0 where `/proc` does
/// not tell.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = text
        .rsplit(')')
        .next()
        .into_iter()
        .flat_map(|rest| rest.split_whitespace().skip(11).take(4))
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn yardstick(packed: &[u8], unpacked_bytes: usize) {
    let path = std::env::temp_dir().join(format!("tagdrift-bench-{}.tgz", std::process::id()));
    if std::fs::write(&path, packed).is_err() {
        return;
    }
    let command = format!("gzip -dc '{}' | sha256sum", path.display());
    told("gzip -dc | sha256sum", unpacked_bytes, || {
        let _ = Command::new("sh").args(["-c", &command]).output();
    });
    let _ = std::fs::remove_file(&path);
}

fn descriptor(bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: String::new(),
        digest: Digest::sha256(bytes),
        size: bytes.len() as u64,
        annotations: BTreeMap::new(),
        urls: Vec::new(),
        artifact_type: None,
        platform: None,
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Files of 256 KiB: words drawn from a small vocabulary, and bytes that do not compress.
fn layer(bytes: usize) -> Vec<u8> {
    let words: Vec<String> = (0..4096u64)
        .map(|n| format!("{:x} ", n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 30))
        .collect();
    let mut state = 0x7469_6465u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut tar = Vec::with_capacity(bytes + (1 << 20));
    let mut n = 0;
    while tar.len() < bytes {
        let mut content = Vec::with_capacity(256 << 10);
        while content.len() < 256 << 10 {
            if n % 2 == 0 {
                content.extend_from_slice(words[(next() % 4096) as usize].as_bytes());
            } else {
                content.extend_from_slice(&next().to_le_bytes());
            }
        }
        content.truncate(256 << 10);
        tar.extend_from_slice(&header(&format!("usr/lib/file-{n:05}"), content.len()));
        tar.extend_from_slice(&content);
        n += 1;
    }
    tar.extend_from_slice(&[0; 1024]);
    tar
}

fn header(path: &str, size: usize) -> [u8; 512] {
    let mut block = [0; 512];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[100..108].copy_from_slice(b"0000644\0");
    block[108..116].copy_from_slice(b"0000000\0");
    block[116..124].copy_from_slice(b"0000000\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"15006467633\0");
    block[148..156].copy_from_slice(b"        ");
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}
