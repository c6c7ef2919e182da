//! One WebSocket frame: its header on the wire and its mask (RFC 6455 section 5).
//!
//! Pure: bytes in, bytes out. Which frames may follow which is the business of
//! [`Decoder`](super::decoder::Decoder); who masks is the caller's.

use super::close;

/// What a frame carries (RFC 6455 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of the message that an earlier frame began.
    Continuation,
    /// A UTF-8 text message, or its first fragment.
    Text,
    /// A binary message, or its first fragment.
    Binary,
    /// The closing handshake.
    Close,
    /// A liveness question.
    Ping,
    /// Its answer.
    Pong,
}

impl Opcode {
    /// Close, ping and pong: never fragmented, at most 125 bytes.
    pub fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }

    fn bits(self) -> u8 {
        match self {
            Opcode::Continuation => 0x0,
            Opcode::Text => 0x1,
            Opcode::Binary => 0x2,
            Opcode::Close => 0x8,
            Opcode::Ping => 0x9,
            Opcode::Pong => 0xA,
        }
    }

    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Opcode::Continuation,
            0x1 => Opcode::Text,
            0x2 => Opcode::Binary,
            0x8 => Opcode::Close,
            0x9 => Opcode::Ping,
            0xA => Opcode::Pong,
            _ => return None,
        })
    }
}

/// A parsed frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether this frame ends its message.
    pub is_final: bool,
    /// Whether RSV1 is set: the message is compressed (RFC 7692 section 6), if that was agreed on.
    pub is_compressed: bool,
    /// What it carries.
    pub opcode: Opcode,
    /// The masking key, if the frame is masked.
    pub mask: Option<[u8; 4]>,
    /// Payload bytes that follow.
    pub length: u64,
}

/// The longest header there is: 2 bytes, an 8-byte length and a mask.
pub const MAX_HEADER: usize = 14;

/// The reserved bits of the first byte.
const RSV1: u8 = 0x40;
const RSV2: u8 = 0x20;
const RSV3: u8 = 0x10;

/// What stands for a length that does not fit in the second byte.
const LENGTH_IN_2_BYTES: u8 = 0x7E;
const LENGTH_IN_8_BYTES: u8 = 0x7F;

/// The peer broke the protocol: the code our Close frame carries and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// 1002, 1007 or 1009.
    pub code: u16,
    /// A short description, sent as the reason of our Close frame.
    pub reason: String,
}

impl Violation {
    /// A breach of the framing rules.
    pub fn protocol(reason: impl Into<String>) -> Self {
        Self {
            code: close::PROTOCOL_ERROR,
            reason: reason.into(),
        }
    }
}

impl Header {
    /// Reads a header from the start of `bytes`; `None` means that more bytes are needed.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Header, usize)>, Violation> {
        let [first, second, ..] = *bytes else {
            return Ok(None);
        };
        if first & (RSV2 | RSV3) != 0 {
            return Err(Violation::protocol("unexpected reserved bits"));
        }
        let Some(opcode) = Opcode::from_bits(first & 0x0F) else {
            return Err(Violation::protocol(format!(
                "unknown opcode {}",
                first & 0x0F
            )));
        };
        let is_final = first & 0x80 != 0;
        let short = second & 0x7F;
        if opcode.is_control() && (!is_final || short > 125) {
            return Err(Violation::protocol(
                "control frame fragmented or over 125 bytes",
            ));
        }
        let (length, mut used) = match short {
            LENGTH_IN_2_BYTES => {
                let Some(raw) = bytes.get(2..4) else {
                    return Ok(None);
                };
                (u64::from(u16::from_be_bytes([raw[0], raw[1]])), 4)
            }
            LENGTH_IN_8_BYTES => {
                let Some(raw) = bytes
                    .get(2..10)
                    .and_then(|raw| <[u8; 8]>::try_from(raw).ok())
                else {
                    return Ok(None);
                };
                (u64::from_be_bytes(raw), 10)
            }
            short => (u64::from(short), 2),
        };
        if length > i64::MAX as u64 {
            return Err(Violation::protocol("frame length with its highest bit set"));
        }
        let mask = if second & 0x80 == 0 {
            None
        } else {
            let Some(raw) = bytes
                .get(used..used + 4)
                .and_then(|raw| raw.try_into().ok())
            else {
                return Ok(None);
            };
            used += 4;
            Some(raw)
        };
        Ok(Some((
            Header {
                is_final,
                is_compressed: first & RSV1 != 0,
                opcode,
                mask,
                length,
            },
            used,
        )))
    }
}

/// Appends a whole, unfragmented frame to `out`, masked when a key is given.
pub fn encode(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: Option<[u8; 4]>) {
    append(out, 0x80 | opcode.bits(), payload, mask);
}

/// As [`encode`], for a payload that is compressed.
pub fn encode_compressed(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: Option<[u8; 4]>) {
    append(out, 0x80 | RSV1 | opcode.bits(), payload, mask);
}

#[inline]
fn append(out: &mut Vec<u8>, first: u8, payload: &[u8], mask: Option<[u8; 4]>) {
    let length = payload.len();
    out.reserve(MAX_HEADER + length);
    out.push(first);
    let mask_bit = if mask.is_some() { 0x80 } else { 0 };
    match length {
        0..=125 => out.push(mask_bit | u8::try_from(length).unwrap_or(125)),
        126..=0xFFFF => {
            out.push(mask_bit | LENGTH_IN_2_BYTES);
            out.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        }
        _ => {
            out.push(mask_bit | LENGTH_IN_8_BYTES);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    if let Some(key) = mask {
        out.extend_from_slice(&key);
        let start = out.len();
        out.extend_from_slice(payload);
        apply_mask(&mut out[start..], key, 0);
    } else {
        out.extend_from_slice(payload);
    }
}

/// XORs `bytes` with the key; `offset` is how many payload bytes came before them.
///
/// Words of eight at a time: the compiler turns the loop into vector instructions.
pub fn apply_mask(bytes: &mut [u8], key: [u8; 4], offset: usize) {
    let mut rotated = key;
    rotated.rotate_left(offset % 4);
    let half = u64::from(u32::from_ne_bytes(rotated));
    let word = half | (half << 32);
    let mut chunks = bytes.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let mut raw = [0; 8];
        raw.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(raw) ^ word).to_ne_bytes());
    }
    for (byte, key) in chunks
        .into_remainder()
        .iter_mut()
        .zip(rotated.iter().cycle())
    {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_masked_hello_of_rfc_6455_section_5_7_is_reproduced() {
        let mut out = Vec::new();
        encode(
            &mut out,
            Opcode::Text,
            b"Hello",
            Some([0x37, 0xfa, 0x21, 0x3d]),
        );
        assert_eq!(
            out,
            [
                0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58
            ]
        );
    }

    #[test]
    fn a_length_with_the_top_bit_is_refused_at_the_header() {
        let bytes = [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(
            Header::parse(&bytes).unwrap_err().code,
            close::PROTOCOL_ERROR
        );
    }

    proptest! {
        #[test]
        fn a_frame_reads_back_as_it_was_written(
            payload in proptest::collection::vec(any::<u8>(), 0..70_000),
            mask in proptest::option::of(any::<[u8; 4]>()),
        ) {
            let mut out = Vec::new();
            encode(&mut out, Opcode::Binary, &payload, mask);
            let (header, used) = Header::parse(&out).unwrap().unwrap();
            let mut body = out[used..].to_vec();
            if let Some(key) = header.mask {
                apply_mask(&mut body, key, 0);
            }
            prop_assert_eq!(header.length, payload.len() as u64);
            prop_assert_eq!(header.mask, mask);
            prop_assert_eq!(body, payload);
        }

        #[test]
        fn a_mask_applied_in_pieces_equals_the_mask_applied_at_once(
            payload in proptest::collection::vec(any::<u8>(), 0..100),
            key in any::<[u8; 4]>(),
            cut in 0usize..100,
        ) {
            let cut = cut.min(payload.len());
            let mut whole = payload.clone();
            apply_mask(&mut whole, key, 0);
            let (mut left, mut right) = (payload[..cut].to_vec(), payload[cut..].to_vec());
            apply_mask(&mut left, key, 0);
            apply_mask(&mut right, key, cut);
            left.extend(right);
            prop_assert_eq!(left, whole);
        }
    }
}
