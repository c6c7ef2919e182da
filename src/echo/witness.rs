//! The target speaks through tungstenite: an implementation that nobody here wrote.
//!
//! tungstenite reads from and writes to something that looks like a socket. Here that is what the session has
//! read, which "would block" at its end, and the bytes that the session will write, of which there is always room.

use std::io::{self, Read, Write};

use tungstenite::Message;
use tungstenite::error::{CapacityError, Error};
use tungstenite::protocol::frame::CloseFrame;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};

use super::codec::{Codec, Kind, MAX_MESSAGE, Reply};
use crate::socket::ws::close;

/// A session's protocol state, as tungstenite keeps it.
pub(super) struct Witness(WebSocketContext);

impl Witness {
    pub(super) fn new() -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            // What it writes is gathered by the session already.
            .write_buffer_size(0)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        Self(WebSocketContext::new(Role::Server, Some(config)))
    }

    /// Appends a message, or nothing when our Close is said: then tungstenite refuses it.
    fn write(&mut self, message: Message, pipe: &mut Pipe<'_>) {
        let _ = self.0.write(pipe, message);
    }

    fn write_close(&mut self, close_code: u16, reason: &str, pipe: &mut Pipe<'_>) {
        let frame = (close_code != close::NO_STATUS).then(|| CloseFrame {
            code: close_code.into(),
            reason: reason.into(),
        });
        self.write(Message::Close(frame), pipe);
    }
}

impl Codec for Witness {
    fn feed(
        &mut self,
        input: &mut [u8],
        out: &mut Vec<u8>,
        heard: &mut dyn FnMut(Kind, &[u8]) -> Reply,
    ) -> bool {
        let pipe = &mut Pipe { input, out };
        loop {
            // What it answers by itself, a Pong or a Close, leaves with the next `read` or `flush`.
            let message = match self.0.read(pipe) {
                Ok(message) => message,
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) => {
                    let (code, reason) = close_of(&error);
                    self.write_close(code, &reason, pipe);
                    return true;
                }
            };
            let reply = match &message {
                Message::Text(text) => heard(Kind::Text, text.as_bytes()),
                Message::Binary(data) => heard(Kind::Binary, data),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Reply::Nothing,
                Message::Close(_) => {
                    // Says that the connection may be closed now, which is no news.
                    let _ = self.0.flush(pipe);
                    return true;
                }
            };
            match reply {
                Reply::Nothing => {}
                Reply::Same => self.write(message, pipe),
                Reply::Text(text) => self.write(Message::text(text), pipe),
            }
        }
    }

    fn say(&mut self, text: &str, out: &mut Vec<u8>) {
        self.write(Message::text(text), &mut Pipe { input: &[], out });
    }

    fn close(&mut self, close_code: u16, out: &mut Vec<u8>) {
        self.write_close(close_code, "", &mut Pipe { input: &[], out });
    }
}

/// What is said to a peer that broke the protocol: tungstenite leaves that to its user.
fn close_of(error: &Error) -> (u16, String) {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
            (close::TOO_BIG, format!("message over {max_size} bytes"))
        }
        Error::Utf8(_) => (close::INVALID_PAYLOAD, "text is not valid UTF-8".into()),
        Error::Protocol(violation) => (close::PROTOCOL_ERROR, violation.to_string()),
        _ => (close::PROTOCOL_ERROR, String::new()),
    }
}

/// What tungstenite takes for a socket.
struct Pipe<'a> {
    input: &'a [u8],
    out: &'a mut Vec<u8>,
}

impl Read for Pipe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.input.is_empty() {
            // The end of this piece, not of the stream.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.input.read(buffer)
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes that tungstenite takes at once. Each session owns as many, also an idle one.
const READ_BUFFER: usize = 4096;
