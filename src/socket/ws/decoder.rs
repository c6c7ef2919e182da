//! Bytes from the peer become messages (RFC 6455 sections 5.4 to 5.6, 7.4 and 8.1).
//!
//! Incremental and bounded: input arrives in whatever pieces the network cut, a whole unfragmented
//! message is handed out as a slice of the input without a copy, and memory grows with the bytes that
//! came, never with the length that a header claims. Text is checked as it arrives, so a bad byte ends
//! the session before the message is complete.

use std::borrow::Cow;

use super::close::{self, CloseStatus};
use super::deflate::{Inflater, Unreadable};
use super::frame::{Header, MAX_HEADER, Opcode, Violation, apply_mask};

/// Which end of the connection reads: a server's input must be masked, a client's must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// We dialled.
    Client,
    /// We accepted.
    Server,
}

/// One thing that the peer said, complete.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A text message; the bytes are valid UTF-8.
    Text(Cow<'a, [u8]>),
    /// A binary message.
    Binary(Cow<'a, [u8]>),
    /// A ping with its payload.
    Ping(&'a [u8]),
    /// A pong with its payload.
    Pong(&'a [u8]),
    /// The peer's Close frame; nothing after it is read.
    Close(CloseStatus),
}

/// The reading half of a session's protocol state.
pub struct Decoder {
    role: Role,
    max_message_size: usize,
    /// The first bytes of a header that arrived in pieces.
    head: [u8; MAX_HEADER],
    head_len: usize,
    frame: Option<OpenFrame>,
    control: Vec<u8>,
    message: Option<OpenMessage>,
    is_closed: bool,
    /// Where compression was agreed on.
    inflater: Option<Box<Inflater>>,
}

/// A frame whose payload is still arriving.
#[derive(Clone, Copy)]
struct OpenFrame {
    header: Header,
    received: u64,
}

/// A message whose last byte has not arrived.
struct OpenMessage {
    is_text: bool,
    is_compressed: bool,
    data: Vec<u8>,
    /// Bytes of `data` known to be valid UTF-8.
    checked: usize,
}

impl Decoder {
    /// A decoder at the start of a session; a message above `max_message_size` bytes is a violation.
    pub fn new(role: Role, max_message_size: usize) -> Self {
        Self {
            role,
            max_message_size,
            head: [0; MAX_HEADER],
            head_len: 0,
            frame: None,
            control: Vec::new(),
            message: None,
            is_closed: false,
            inflater: None,
        }
    }

    /// The same, where the peer may compress its messages.
    pub fn with_inflater(mut self, inflater: Option<Inflater>) -> Self {
        self.inflater = inflater.map(Box::new);
        self
    }

    /// Reads `input` to its end, handing each complete item to `sink`. Input after a Close is ignored.
    ///
    /// `input` is mutable because a server unmasks in place.
    pub fn feed(
        &mut self,
        mut input: &mut [u8],
        sink: &mut impl FnMut(Item<'_>),
    ) -> Result<(), Violation> {
        while !input.is_empty() && !self.is_closed {
            let Some(frame) = self.frame else {
                let Some((header, used)) = self.next_header(input)? else {
                    return Ok(());
                };
                input = &mut input[used..];
                self.begin(header)?;
                if !self.take_whole(header, &mut input, sink)? {
                    self.frame = Some(OpenFrame {
                        header,
                        received: 0,
                    });
                    if header.length == 0 {
                        self.finish(header, sink)?;
                    }
                }
                continue;
            };
            input = self.append(frame, input, sink)?;
        }
        Ok(())
    }

    /// The next header, from the input alone or glued to the bytes kept from last time.
    fn next_header(&mut self, input: &[u8]) -> Result<Option<(Header, usize)>, Violation> {
        if self.head_len == 0 {
            if let Some(found) = Header::parse(input)? {
                return Ok(Some(found));
            }
            self.head[..input.len()].copy_from_slice(input);
            self.head_len = input.len();
            return Ok(None);
        }
        let kept = self.head_len;
        let more = input.len().min(MAX_HEADER - kept);
        self.head[kept..kept + more].copy_from_slice(&input[..more]);
        if let Some((header, used)) = Header::parse(&self.head[..kept + more])? {
            self.head_len = 0;
            Ok(Some((header, used - kept)))
        } else {
            self.head_len = kept + more;
            Ok(None)
        }
    }

    /// The rules about which frame may come now.
    fn begin(&mut self, header: Header) -> Result<(), Violation> {
        match (self.role, header.mask) {
            (Role::Client, Some(_)) => {
                return Err(Violation::protocol("masked frame from a server"));
            }
            (Role::Server, None) => {
                return Err(Violation::protocol("unmasked frame from a client"));
            }
            _ => {}
        }
        if header.is_compressed
            && (self.inflater.is_none() || !matches!(header.opcode, Opcode::Text | Opcode::Binary))
        {
            return Err(Violation::protocol("unexpected reserved bits"));
        }
        if header.opcode.is_control() {
            return Ok(());
        }
        let already = match (&self.message, header.opcode) {
            (None, Opcode::Continuation) => {
                return Err(Violation::protocol("continuation without a message"));
            }
            (Some(_), Opcode::Text | Opcode::Binary) => {
                return Err(Violation::protocol("new message inside a fragmented one"));
            }
            (Some(message), _) => message.data.len() as u64,
            (None, _) => 0,
        };
        // What a compressed message comes to is seen as it is inflated.
        let message = self.message.as_ref();
        let is_compressed = message.map_or(header.is_compressed, |message| message.is_compressed);
        if !is_compressed && already + header.length > self.max_message_size as u64 {
            return Err(too_big(self.max_message_size));
        }
        Ok(())
    }

    /// The common case: the whole frame is in the input, and no message is open. No copy.
    #[expect(
        clippy::mut_mut,
        reason = "what is taken is cut off the caller's input"
    )]
    fn take_whole(
        &mut self,
        header: Header,
        input: &mut &mut [u8],
        sink: &mut impl FnMut(Item<'_>),
    ) -> Result<bool, Violation> {
        let is_message = self.message.is_none()
            && header.is_final
            && !header.opcode.is_control()
            && !header.is_compressed;
        let Ok(length) = usize::try_from(header.length) else {
            return Ok(false);
        };
        if input.len() < length || !(is_message || header.opcode.is_control()) {
            return Ok(false);
        }
        let (payload, rest) = std::mem::take(input).split_at_mut(length);
        *input = rest;
        if let Some(key) = header.mask {
            apply_mask(payload, key, 0);
        }
        match header.opcode {
            Opcode::Text => {
                if simdutf8::basic::from_utf8(payload).is_err() {
                    return Err(invalid_utf8());
                }
                sink(Item::Text(Cow::Borrowed(payload)));
            }
            Opcode::Binary => sink(Item::Binary(Cow::Borrowed(payload))),
            _ => self.control_item(header.opcode, payload, sink)?,
        }
        Ok(true)
    }

    /// Takes what has arrived of an open frame.
    fn append<'a>(
        &mut self,
        frame: OpenFrame,
        input: &'a mut [u8],
        sink: &mut impl FnMut(Item<'_>),
    ) -> Result<&'a mut [u8], Violation> {
        let OpenFrame { header, received } = frame;
        let missing = header.length - received;
        let take = usize::try_from(missing).map_or(input.len(), |missing| missing.min(input.len()));
        let (piece, rest) = input.split_at_mut(take);
        if let Some(key) = header.mask {
            apply_mask(piece, key, usize::try_from(received % 4).unwrap_or(0));
        }
        if header.opcode.is_control() {
            self.control.extend_from_slice(piece);
        } else {
            let most = self.max_message_size;
            let inflater = self.inflater.as_deref_mut();
            let message = self.message.get_or_insert_with(|| OpenMessage::new(header));
            message.push(piece, inflater, most)?;
        }
        let received = received + take as u64;
        self.frame = Some(OpenFrame { header, received });
        if received == header.length {
            self.finish(header, sink)?;
        }
        Ok(rest)
    }

    /// The last byte of an open frame has arrived.
    fn finish(&mut self, header: Header, sink: &mut impl FnMut(Item<'_>)) -> Result<(), Violation> {
        self.frame = None;
        if header.opcode.is_control() {
            let payload = std::mem::take(&mut self.control);
            return self.control_item(header.opcode, &payload, sink);
        }
        let message = self.message.get_or_insert_with(|| OpenMessage::new(header));
        if !header.is_final {
            return Ok(());
        }
        if message.is_compressed {
            message.finish(self.inflater.as_deref_mut(), self.max_message_size)?;
        }
        if let Some(message) = self.message.take() {
            if message.is_text && message.checked < message.data.len() {
                return Err(invalid_utf8());
            }
            let data = Cow::Owned(message.data);
            sink(if message.is_text {
                Item::Text(data)
            } else {
                Item::Binary(data)
            });
        }
        Ok(())
    }

    fn control_item(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        sink: &mut impl FnMut(Item<'_>),
    ) -> Result<(), Violation> {
        match opcode {
            Opcode::Ping => sink(Item::Ping(payload)),
            Opcode::Pong => sink(Item::Pong(payload)),
            _ => {
                let status = close_status(payload)?;
                self.is_closed = true;
                sink(Item::Close(status));
            }
        }
        Ok(())
    }
}

impl OpenMessage {
    fn new(header: Header) -> Self {
        Self {
            is_text: header.opcode == Opcode::Text,
            is_compressed: header.is_compressed,
            data: Vec::new(),
            checked: 0,
        }
    }

    /// Adds bytes as they came.
    fn push(
        &mut self,
        piece: &[u8],
        inflater: Option<&mut Inflater>,
        most: usize,
    ) -> Result<(), Violation> {
        match inflater.filter(|_| self.is_compressed) {
            None => self.data.extend_from_slice(piece),
            Some(inflater) => inflater
                .inflate(piece, &mut self.data, most)
                .map_err(|why| unreadable(why, most))?,
        }
        self.check()
    }

    /// The end of a compressed message.
    fn finish(&mut self, inflater: Option<&mut Inflater>, most: usize) -> Result<(), Violation> {
        if let Some(inflater) = inflater {
            inflater
                .finish(&mut self.data, most)
                .map_err(|why| unreadable(why, most))?;
        }
        self.check()
    }

    /// Text is checked up to the last whole character.
    fn check(&mut self) -> Result<(), Violation> {
        if self.is_text {
            match std::str::from_utf8(&self.data[self.checked..]) {
                Ok(_) => self.checked = self.data.len(),
                Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
                Err(_) => return Err(invalid_utf8()),
            }
        }
        Ok(())
    }
}

fn unreadable(why: Unreadable, most: usize) -> Violation {
    match why {
        Unreadable::TooBig => too_big(most),
        Unreadable::Invalid => Violation::protocol("invalid compressed data"),
    }
}

fn too_big(most: usize) -> Violation {
    Violation {
        code: close::TOO_BIG,
        reason: format!("message over {most} bytes"),
    }
}

fn invalid_utf8() -> Violation {
    Violation {
        code: close::INVALID_PAYLOAD,
        reason: "text is not valid UTF-8".into(),
    }
}

/// Reads the payload of a Close frame (RFC 6455 section 5.5.1).
fn close_status(payload: &[u8]) -> Result<CloseStatus, Violation> {
    match payload {
        [] => Ok(CloseStatus::new(close::NO_STATUS, "")),
        [_] => Err(Violation::protocol(
            "Close frame with a payload of one byte",
        )),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !close::may_be_received(code) {
                return Err(Violation::protocol(format!("bad close code {code}")));
            }
            let reason = std::str::from_utf8(reason).map_err(|_| Violation {
                code: close::INVALID_PAYLOAD,
                reason: "close reason is not valid UTF-8".into(),
            })?;
            Ok(CloseStatus::new(code, reason))
        }
    }
}

#[cfg(test)]
mod tests;
