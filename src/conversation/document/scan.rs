//! One pass over a message for one place in it, where nobody else has asked for its JSON.
//!
//! It checks all of the text, as `serde_json` does, and takes half the time: of a member that is skipped nothing is
//! told. It knows JSON without its rare parts (a name with an escape, what is nested deeper than 64) and refuses what it
//! does not know, be that JSON or not; `serde_json` then has the word. So whatever it finds is what that one finds.

use super::Token;

/// Deeper nesting is left to others: a bit each says what a level is.
const DEEPEST: u32 = u64::BITS;

/// What may be no JSON, or is more of it than is known here.
#[derive(Debug)]
pub(in crate::conversation) struct Unsure;

/// The value that the tokens lead to, if there is one. The bytes may be no UTF-8 all the same, within strings.
pub(in crate::conversation) fn find<'a>(
    bytes: &'a [u8],
    tokens: &[Token],
) -> Result<Option<&'a [u8]>, Unsure> {
    let mut found = None;
    let rest = look(behind_space(bytes), tokens, &mut found).map(behind_space);
    match rest {
        Some([]) => Ok(found),
        _ => Err(Unsure),
    }
}

/// Looks into the value that the bytes begin with; what stands behind it.
fn look<'a>(bytes: &'a [u8], tokens: &[Token], found: &mut Option<&'a [u8]>) -> Option<&'a [u8]> {
    let Some((token, inner)) = tokens.split_first() else {
        let rest = behind_value(bytes)?;
        *found = Some(&bytes[..bytes.len() - rest.len()]);
        return Some(rest);
    };
    let (close, mut rest) = match bytes {
        [b'{', rest @ ..] => (b'}', behind_space(rest)),
        [b'[', rest @ ..] => (b']', behind_space(rest)),
        _ => return behind_value(bytes),
    };
    if let Some(rest) = rest.strip_prefix(&[close]) {
        return Some(rest);
    }
    for index in 0.. {
        let is_it = if close == b'}' {
            let (name, behind) = name(rest)?;
            rest = behind;
            if memchr::memchr(b'\\', name).is_some() {
                return None;
            }
            token.names(name)
        } else {
            token.index() == Some(index)
        };
        rest = if is_it {
            // Of a name that repeats the last one counts.
            *found = None;
            look(rest, inner, found)?
        } else {
            behind_value(rest)?
        };
        rest = match behind_space(rest) {
            [b',', rest @ ..] => behind_space(rest),
            rest => return rest.strip_prefix(&[close]),
        };
    }
    None
}

/// What stands behind the value that the bytes begin with.
fn behind_value(mut bytes: &[u8]) -> Option<&[u8]> {
    // What we are inside of: a bit for each level, 1 for an object.
    let (mut levels, mut depth) = (0_u64, 0_u32);
    loop {
        bytes = match bytes {
            [b'"', rest @ ..] => behind_string(rest)?,
            [b't', b'r', b'u', b'e', rest @ ..]
            | [b'n', b'u', b'l', b'l', rest @ ..]
            | [b'f', b'a', b'l', b's', b'e', rest @ ..] => rest,
            [open @ (b'{' | b'['), rest @ ..] => {
                let is_object = *open == b'{';
                match behind_space(rest) {
                    [b'}', rest @ ..] if is_object => rest,
                    [b']', rest @ ..] if !is_object => rest,
                    rest => {
                        if depth == DEEPEST {
                            return None;
                        }
                        depth += 1;
                        levels = levels << 1 | u64::from(is_object);
                        bytes = if is_object { name(rest)?.1 } else { rest };
                        continue;
                    }
                }
            }
            _ => behind_number(bytes)?,
        };
        loop {
            if depth == 0 {
                return Some(bytes);
            }
            let is_object = levels & 1 == 1;
            match behind_space(bytes) {
                [b',', rest @ ..] => {
                    let rest = behind_space(rest);
                    bytes = if is_object { name(rest)?.1 } else { rest };
                    break;
                }
                [b'}', rest @ ..] if is_object => bytes = rest,
                [b']', rest @ ..] if !is_object => bytes = rest,
                _ => return None,
            }
            depth -= 1;
            levels >>= 1;
        }
    }
}

#[inline]
fn behind_space(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// A name as it is written, and its value with what stands behind that.
#[inline]
fn name(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = bytes.strip_prefix(b"\"")?;
    let rest = behind_string(inner)?;
    let name = &inner[..inner.len() - rest.len() - 1];
    let value = behind_space(rest).strip_prefix(b":")?;
    Some((name, behind_space(value)))
}

/// What stands behind a string whose first quote has been read.
#[inline]
fn behind_string(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        while let Some((word, rest)) = bytes.split_first_chunk() {
            let before = plain_before(u64::from_le_bytes(*word));
            if before < 8 {
                bytes = &bytes[before..];
                break;
            }
            bytes = rest;
        }
        bytes = match bytes {
            [b'"', rest @ ..] => return Some(rest),
            [b'\\', rest @ ..] => behind_escape(rest)?,
            [] | [..0x20, ..] => return None,
            [_, rest @ ..] => rest,
        };
    }
}

/// How many of the eight bytes of a word stand before the first that ends a string, escapes, or may not be in one.
#[inline]
fn plain_before(word: u64) -> usize {
    const EACH: u64 = u64::MAX / 255;
    // The highest bit of a byte is set where it becomes negative. What that borrows spoils bytes behind the first alone.
    let control = word.wrapping_sub(EACH * 0x20);
    let quote = (word ^ (EACH * u64::from(b'"'))).wrapping_sub(EACH);
    let escape = (word ^ (EACH * u64::from(b'\\'))).wrapping_sub(EACH);
    let special = (control | quote | escape) & !word & (EACH * 0x80);
    special.trailing_zeros() as usize / 8
}

fn behind_escape(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
            rest @ ..,
        ] => Some(rest),
        [b'u', digits @ ..] => {
            let (digits, rest) = digits.split_first_chunk::<4>()?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(rest)
        }
        _ => None,
    }
}

#[inline]
fn behind_number(bytes: &[u8]) -> Option<&[u8]> {
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let mut bytes = match digits {
        [b'0', rest @ ..] => rest,
        _ => behind_digits(digits)?,
    };
    if let [b'.', rest @ ..] = bytes {
        bytes = behind_digits(rest)?;
    }
    if let [b'e' | b'E', rest @ ..] = bytes {
        let ([b'+' | b'-', digits @ ..] | digits) = rest;
        bytes = behind_digits(digits)?;
    }
    Some(bytes)
}

/// One at least.
#[inline]
fn behind_digits(bytes: &[u8]) -> Option<&[u8]> {
    let [b'0'..=b'9', rest @ ..] = bytes else {
        return None;
    };
    let mut bytes = rest;
    while let [b'0'..=b'9', rest @ ..] = bytes {
        bytes = rest;
    }
    Some(bytes)
}
