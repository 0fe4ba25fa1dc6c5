//! Zstandard (RFC 8878), pushed: frames and skippable frames, one block at a time.
//!
//! The decoder underneath pulls, so a block is collected first (at most 128 KiB, RFC 8878 3.1.1.2.4) and then
//! handed over whole. Invariants: no frame may ask for a window above [`Limits::zstd_window_bytes`]; content
//! checksums and declared content sizes are verified; dictionaries are not supported (a layer that needs
//! one cannot be read by a runtime either).

use std::io::Read as _;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::inflater::{Meter, Remainder, Sink};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::Digest;

/// RFC 8878, 3.1.1.
const FRAME: u32 = 0xfd2f_b528;
/// RFC 8878, 3.1.2: 0x184D2A50 to 0x184D2A5F.
const SKIPPABLE: u32 = 0x184d_2a50;

const PIECE: usize = 64 * 1024;

/// Whether these bytes start a zstd stream: a frame, or a skippable frame.
pub(super) fn starts(head: &[u8]) -> bool {
    head.first_chunk::<4>().is_some_and(|magic| {
        let magic = u32::from_le_bytes(*magic);
        magic == FRAME || magic & !0xf == SKIPPABLE
    })
}

/// A zstd stream in the making.
pub(super) struct Unzstd {
    state: State,
    decoder: FrameDecoder,
    /// The unit being collected: a frame header, a block with its header, a checksum.
    held: Vec<u8>,
    piece: Vec<u8>,
    window_bytes: u64,
    frames: u32,
    skippable_bytes: u64,
    remainder: Remainder,
    declared: Option<u64>,
    checksum: bool,
    given: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At a magic number.
    Start,
    /// At a block header.
    Block,
    /// Inside a skippable frame, with so many bytes to go.
    Skip(u32),
    /// After the last frame.
    Rest,
}

impl Unzstd {
    pub(super) fn new(limits: &Limits) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(limits.zstd_window_bytes);
        Self {
            state: State::Start,
            decoder,
            held: Vec::new(),
            piece: vec![0; PIECE],
            window_bytes: limits.zstd_window_bytes,
            frames: 0,
            skippable_bytes: 0,
            remainder: Remainder::default(),
            declared: None,
            checksum: false,
            given: 0,
        }
    }

    pub(super) fn frames(&self) -> u32 {
        self.frames
    }

    pub(super) fn skippable_bytes(&self) -> u64 {
        self.skippable_bytes
    }

    pub(super) fn trailing(&self) -> Option<(u64, Digest)> {
        self.remainder.told()
    }

    pub(super) fn push(
        &mut self,
        mut input: &[u8],
        meter: &mut Meter,
        sink: &mut Sink<'_>,
    ) -> Result<(), Fault> {
        while !input.is_empty() {
            match self.state {
                State::Start => {
                    input = self.collect(input, 4, meter);
                    let Some(magic) = self.held.first_chunk::<4>().map(|m| u32::from_le_bytes(*m)) else {
                        return Ok(());
                    };
                    if magic == FRAME {
                        input = self.start_frame(input, meter)?;
                    } else if magic & !0xf == SKIPPABLE {
                        input = self.collect(input, 8, meter);
                        if let Some(&[_, _, _, _, a, b, c, d]) = self.held.first_chunk::<8>() {
                            let length = u32::from_le_bytes([a, b, c, d]);
                            self.skippable_bytes += 8;
                            self.held.clear();
                            self.state = if length == 0 {
                                State::Start
                            } else {
                                State::Skip(length)
                            };
                        }
                    } else {
                        let held = std::mem::take(&mut self.held);
                        self.remainder.take(&held);
                        self.state = State::Rest;
                    }
                }
                State::Block => {
                    input = self.collect(input, 3, meter);
                    let Some(need) = self.block_bytes() else {
                        return Ok(());
                    };
                    input = self.collect(input, need, meter);
                    if self.held.len() >= need {
                        self.decode_block(meter, sink)?;
                    }
                }
                State::Skip(left) => {
                    let n = input.len().min(left as usize);
                    self.skippable_bytes += n as u64;
                    meter.take(n);
                    input = input.get(n..).unwrap_or_default();
                    let left = left - u32::try_from(n).unwrap_or(left);
                    self.state = if left == 0 {
                        State::Start
                    } else {
                        State::Skip(left)
                    };
                }
                State::Rest => {
                    self.remainder.take(input);
                    meter.take(input.len());
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        match self.state {
            State::Start => {
                // Fewer bytes than a magic number has, after at least one whole frame: left-over bytes.
                let held = std::mem::take(&mut self.held);
                if starts(&held) {
                    return Err(Fault::malformed(format!(
                        "zstd frame {} was cut inside its header",
                        self.frames + 1
                    )));
                }
                self.remainder.take(&held);
                Ok(())
            }
            State::Rest => Ok(()),
            State::Skip(left) => Err(Fault::malformed(format!(
                "a skippable zstd frame was cut: {left} bytes are missing"
            ))),
            State::Block => Err(Fault::malformed(format!(
                "zstd frame {} was cut inside block {}",
                self.frames,
                self.decoder.blocks_decoded() + 1
            ))),
        }
    }

    /// Moves bytes of the input to `held` until it has `need`.
    fn collect<'i>(&mut self, input: &'i [u8], need: usize, meter: &mut Meter) -> &'i [u8] {
        let missing = need.saturating_sub(self.held.len()).min(input.len());
        let (head, rest) = input.split_at_checked(missing).unwrap_or((input, &[]));
        self.held.extend_from_slice(head);
        meter.take(missing);
        rest
    }

    fn start_frame<'i>(&mut self, input: &'i [u8], meter: &mut Meter) -> Result<&'i [u8], Fault> {
        let mut input = self.collect(input, 5, meter);
        let Some(&descriptor) = self.held.get(4) else {
            return Ok(input);
        };
        // Frame_Header_Descriptor (RFC 8878, 3.1.1.1.1).
        let single_segment = descriptor & 0x20 != 0;
        let size_bytes = match (descriptor >> 6, single_segment) {
            (0, false) => 0,
            (0, true) => 1,
            (flag, _) => 1usize << flag,
        };
        let dictionary_bytes = [0, 1, 2, 4]
            .get(usize::from(descriptor & 3))
            .copied()
            .unwrap_or(0);
        let need = 5 + usize::from(!single_segment) + dictionary_bytes + size_bytes;
        input = self.collect(input, need, meter);
        if self.held.len() < need {
            return Ok(input);
        }
        self.frames = self.frames.saturating_add(1);
        let frame = self.frames;
        let offset = meter.offset().saturating_sub(need as u64);
        self.decoder.reset(self.held.as_slice()).map_err(|e| {
            use ruzstd::decoding::errors::FrameDecoderError as E;
            match e {
                E::WindowSizeTooBig { requested, .. } => Fault::new(
                    FaultKind::TooLarge,
                    format!(
                        "zstd frame {frame} at compressed offset {offset} asks for a window of {requested} bytes, the limit is {}",
                        self.window_bytes
                    ),
                ),
                E::DictNotProvided { dict_id } => Fault::unsupported(format!(
                    "zstd frame {frame} at compressed offset {offset} needs dictionary {dict_id}"
                )),
                e => Fault::malformed(format!(
                    "broken header of zstd frame {frame} at compressed offset {offset}: {e}"
                )),
            }
        })?;
        self.declared = (size_bytes > 0).then(|| self.decoder.content_size());
        self.checksum = descriptor & 0x04 != 0;
        self.given = 0;
        self.held.clear();
        self.state = State::Block;
        Ok(input)
    }

    /// Bytes of the block being collected: header, body, and the checksum behind the last one.
    fn block_bytes(&self) -> Option<usize> {
        let &[a, b, c] = self.held.first_chunk::<3>()?;
        // Block_Header (RFC 8878, 3.1.1.2).
        let header = u32::from_le_bytes([a, b, c, 0]);
        let last = header & 1 == 1;
        let body = if (header >> 1) & 3 == 1 {
            1
        } else {
            (header >> 3) as usize
        };
        Some(3 + body + if last && self.checksum { 4 } else { 0 })
    }

    fn decode_block(&mut self, meter: &mut Meter, sink: &mut Sink<'_>) -> Result<(), Fault> {
        let frame = self.frames;
        let broken = |e: &dyn std::fmt::Display, meter: &Meter| {
            Fault::malformed(format!(
                "broken block in zstd frame {frame} before compressed offset {}: {e}",
                meter.offset()
            ))
        };
        self.decoder
            .decode_blocks(self.held.as_slice(), BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|e| broken(&e, meter))?;
        self.held.clear();
        loop {
            let n = self
                .decoder
                .read(&mut self.piece)
                .map_err(|e| broken(&e, meter))?;
            let Some(piece) = self.piece.get(..n) else { break };
            if piece.is_empty() {
                break;
            }
            self.given = self.given.saturating_add(n as u64);
            meter.give(n)?;
            sink(piece)?;
        }
        if self.decoder.is_finished() {
            self.verify(meter)?;
            self.state = State::Start;
        }
        Ok(())
    }

    fn verify(&self, meter: &Meter) -> Result<(), Fault> {
        if let Some(declared) = self.declared
            && declared != self.given
        {
            return Err(Fault::malformed(format!(
                "zstd frame {} declares {declared} bytes and has {}",
                self.frames, self.given
            )));
        }
        if let Some(told) = self.decoder.get_checksum_from_data()
            && let Some(real) = self.decoder.get_calculated_checksum()
            && told != real
        {
            return Err(Fault::malformed(format!(
                "zstd frame {} says checksum {told:08x} before compressed offset {}, the data has {real:08x}",
                self.frames,
                meter.offset()
            )));
        }
        Ok(())
    }
}
