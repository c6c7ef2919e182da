//! What passes on some connections, as lines to read: handshakes and frames, with secrets masked.
//!
//! For a person who asks why. The lines wait in a bounded list until somebody takes them; a connection that nobody asked
//! about has no log, and pays one look at an empty `Option`.

mod masking;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use self::masking::masked;
pub(crate) use self::masking::{is_scheme, is_telling, without_secrets};
use super::frame::{Header, Opcode, apply_mask};
use crate::clock::{self, Instant};

/// Lines that wait at most; more are counted.
const MAX_LINES: usize = 10_000;
/// Payload bytes of a frame that are shown.
const SHOWN: usize = 100;

/// The lines of all connections that are shown.
#[derive(Debug)]
pub struct WireLog {
    most: u32,
    begun: AtomicU32,
    lines: Mutex<(VecDeque<String>, u64)>,
}

/// The part of one connection.
#[derive(Debug)]
pub struct ConnectionLog {
    number: u32,
    began: Instant,
    log: Arc<WireLog>,
    sent: Frames,
    received: Frames,
}

impl WireLog {
    /// For the first `most` connections.
    pub fn new(most: u32) -> Self {
        Self {
            most,
            begun: AtomicU32::new(0),
            lines: Mutex::default(),
        }
    }

    /// The part of a connection that begins now, while there are any.
    pub fn connection(self: &Arc<Self>) -> Option<ConnectionLog> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        if number >= self.most {
            // Not counted up for ever.
            self.begun.store(self.most, Ordering::Relaxed);
            return None;
        }
        Some(ConnectionLog {
            number: number + 1,
            began: clock::now(),
            log: self.clone(),
            sent: Frames::default(),
            received: Frames::default(),
        })
    }

    /// The lines since the last time, and how many found no room.
    pub fn take(&self) -> (Vec<String>, u64) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        (lines.0.drain(..).collect(), std::mem::take(&mut lines.1))
    }

    fn push(&self, line: String) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.0.len() < MAX_LINES {
            lines.0.push_back(line);
        } else {
            lines.1 += 1;
        }
    }
}

impl ConnectionLog {
    /// Something happened to the connection.
    pub fn note(&self, text: &str) {
        self.log.push(line(self.number, self.began, '·', text));
    }

    /// The head of the request, as it was sent.
    pub fn request(&self, head: &[u8]) {
        self.head('>', head);
    }

    /// The head of the answer, as it came.
    pub fn answer(&self, head: &[u8]) {
        self.head('<', head);
    }

    fn head(&self, direction: char, head: &[u8]) {
        for text in String::from_utf8_lossy(head).lines() {
            if !text.is_empty() {
                let shown = masked(text);
                self.log
                    .push(line(self.number, self.began, direction, &shown));
            }
        }
    }

    /// Bytes of frames that are being sent.
    pub fn sent(&mut self, bytes: &[u8]) {
        let (number, began, log) = (self.number, self.began, &self.log);
        self.sent
            .feed(bytes, |text| log.push(line(number, began, '>', &text)));
    }

    /// Bytes of frames that came.
    pub fn received(&mut self, bytes: &[u8]) {
        let (number, began, log) = (self.number, self.began, &self.log);
        self.received
            .feed(bytes, |text| log.push(line(number, began, '<', &text)));
    }
}

fn line(number: u32, began: Instant, direction: char, text: &str) -> String {
    let ms = clock::now().duration_since(began).as_secs_f64() * 1000.0;
    format!("#{number} {ms:.3} ms {direction} {text}")
}

/// Finds frames in a stream of bytes.
#[derive(Debug, Default)]
struct Frames {
    head: Vec<u8>,
    open: Option<(Header, u64, Vec<u8>)>,
    is_lost: bool,
}

impl Frames {
    fn feed(&mut self, mut bytes: &[u8], mut each: impl FnMut(String)) {
        while !self.is_lost && (!bytes.is_empty() || self.open.is_some()) {
            if let Some((header, seen, shown)) = &mut self.open {
                let missing = header.length - *seen;
                let take =
                    usize::try_from(missing).map_or(bytes.len(), |most| most.min(bytes.len()));
                let room = SHOWN.saturating_sub(shown.len()).min(take);
                shown.extend_from_slice(&bytes[..room]);
                *seen += take as u64;
                bytes = &bytes[take..];
                if *seen < header.length {
                    return;
                }
                let header = *header;
                let mut shown = std::mem::take(shown);
                self.open = None;
                if let Some(key) = header.mask {
                    apply_mask(&mut shown, key, 0);
                }
                each(described(header, &shown));
                continue;
            }
            self.head.push(bytes[0]);
            bytes = &bytes[1..];
            match Header::parse(&self.head) {
                Ok(None) => {}
                Ok(Some((header, _))) => {
                    self.head.clear();
                    self.open = Some((header, 0, Vec::new()));
                }
                Err(violation) => {
                    self.is_lost = true;
                    each(format!("no frame: {}", violation.reason));
                }
            }
        }
    }
}

fn described(header: Header, shown: &[u8]) -> String {
    let name = match header.opcode {
        Opcode::Continuation => "continuation",
        Opcode::Text => "text",
        Opcode::Binary => "binary",
        Opcode::Close => "close",
        Opcode::Ping => "ping",
        Opcode::Pong => "pong",
    };
    let mut text = format!("{name}, {} bytes", header.length);
    if header.is_compressed {
        text.push_str(", compressed");
    }
    if !header.is_final {
        text.push_str(", more follows");
    }
    let ending = if (shown.len() as u64) < header.length {
        "…"
    } else {
        ""
    };
    match (header.opcode, shown) {
        (_, []) => {}
        (Opcode::Close, [high, low, reason @ ..]) => {
            let code = u16::from_be_bytes([*high, *low]);
            let reason = String::from_utf8_lossy(reason);
            // Writing to a text cannot fail.
            let _ = write!(text, ": {code} {reason:?}");
        }
        (Opcode::Text | Opcode::Ping | Opcode::Pong, _) if !header.is_compressed => {
            let _ = write!(text, ": {:?}{ending}", String::from_utf8_lossy(shown));
        }
        _ => {
            text.push(':');
            for byte in shown {
                let _ = write!(text, " {byte:02x}");
            }
            text.push_str(ending);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::ws::frame::encode;

    fn shown(feed: impl FnOnce(&mut ConnectionLog)) -> Vec<String> {
        let log = Arc::new(WireLog::new(1));
        feed(&mut log.connection().unwrap());
        let (lines, lost) = log.take();
        assert_eq!(lost, 0);
        let after_time = |line: String| line.split_once("ms ").unwrap().1.to_owned();
        lines.into_iter().map(after_time).collect()
    }

    #[test]
    fn frames_are_told_in_whatever_pieces_they_come() {
        let mut wire = Vec::new();
        encode(
            &mut wire,
            Opcode::Text,
            "héllo".as_bytes(),
            Some([1, 2, 3, 4]),
        );
        encode(&mut wire, Opcode::Binary, &[0xAB; 200], None);
        encode(&mut wire, Opcode::Ping, b"", None);
        encode(&mut wire, Opcode::Close, b"\x03\xe8bye", None);
        let whole = shown(|log| log.sent(&wire));
        assert_eq!(whole[0], "> text, 6 bytes: \"héllo\"");
        assert!(
            whole[1].starts_with("> binary, 200 bytes: ab ab"),
            "{}",
            whole[1]
        );
        assert!(whole[1].ends_with("ab…"));
        assert_eq!(
            whole[2..],
            ["> ping, 0 bytes", "> close, 5 bytes: 1000 \"bye\""]
        );
        let pieces = shown(|log| wire.chunks(1).for_each(|byte| log.sent(byte)));
        assert_eq!(pieces, whole);
        let rubbish = shown(|log| log.received(b"\xff\xffmore"));
        assert_eq!(rubbish, ["< no frame: unexpected reserved bits"]);
    }

    #[test]
    fn heads_are_shown_without_what_opens_doors() {
        let head =
            "GET /chat?room=1&access_token=abc&x=y HTTP/1.1\r\nHost: a:80\r\nCookie: a=b\r\n\r\n";
        assert_eq!(
            shown(|log| log.request(head.as_bytes())),
            [
                "> GET /chat?room=1&access_token=***&x=y HTTP/1.1",
                "> Host: a:80",
                "> Cookie: *** (3 bytes)",
            ]
        );
    }

    #[test]
    fn only_so_many_connections_are_shown_and_only_so_many_lines_wait() {
        let log = Arc::new(WireLog::new(2));
        let logs: Vec<_> = (0..5).filter_map(|_| log.connection()).collect();
        assert_eq!(logs.len(), 2);
        for _ in 0..MAX_LINES + 3 {
            logs[0].note("x");
        }
        let (lines, lost) = log.take();
        assert_eq!((lines.len(), lost), (MAX_LINES, 3));
    }
}
