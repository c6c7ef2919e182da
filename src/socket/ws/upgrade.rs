//! The answer to the request for a WebSocket (RFC 6455 section 4).
//!
//! The answer is read by `httparse`, in whatever pieces it comes, up to fixed limits; interim 1xx answers
//! are skipped. A refusal is data: its status, headers and the first KiB of its body reach the script.

mod advice;
mod answer;
mod body;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

pub use answer::Answer;

use super::deflate::Agreement;
use super::request::{Request, canonical};
use super::wire_log::ConnectionLog;
use crate::clock::{self, Instant};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::os_error;

/// Bytes of answer headers read at most.
const MAX_HEAD: usize = 64 * 1024;
/// Header lines read at most.
const MAX_HEADERS: usize = 128;
/// What RFC 6455 section 1.3 appends to the key.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// An upgrade that failed, with the answer if there was one.
#[derive(Debug)]
pub struct Refused {
    /// What went wrong.
    pub error: SocketError,
    /// What the server said, if it said anything in HTTP.
    pub answer: Option<Answer>,
    /// When its last byte came, where we waited for more of it afterwards.
    pub ended: Option<Instant>,
}

impl Refused {
    /// The same; where the peer left without a word, what TLS may have to do with it.
    #[must_use]
    pub fn with_hint_of_tls(mut self, is_tls: bool) -> Self {
        let has_left = matches!(self.error.cause, Cause::Eof | Cause::Reset);
        if has_left && self.answer.is_none() && self.error.hint.is_empty() {
            self.error.hint = if is_tls {
                "the server left without an answer: does it want a client certificate?".into()
            } else {
                "the server left without an answer: is it wss:// ?".into()
            };
        }
        self
    }
}

impl From<SocketError> for Refused {
    fn from(error: SocketError) -> Self {
        Self {
            error,
            answer: None,
            ended: None,
        }
    }
}

/// An upgrade that was granted.
#[derive(Debug)]
pub struct Upgraded {
    /// What the server said.
    pub answer: Answer,
    /// Bytes that came behind it.
    pub early: Vec<u8>,
    /// How messages are compressed, if the server accepted that.
    pub compression: Option<Agreement>,
}

/// Asks `stream` for a WebSocket. The body of a refusal is waited for until `by` at the latest.
///
/// # Cancel safety
/// Not: drop the stream with the future.
pub async fn upgrade<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &Request,
    ends: &str,
    wire_log: Option<&ConnectionLog>,
    by: Instant,
) -> Result<Upgraded, Refused> {
    let key = BASE64.encode(rand::random::<[u8; 16]>());
    let io =
        |doing: &str, error: &std::io::Error| os_error::stream(Phase::Upgrade, doing, ends, error);
    let bytes = request.bytes(&key)?;
    if let Some(log) = wire_log {
        log.request(&bytes);
    }
    stream
        .write_all(&bytes)
        .await
        .map_err(|error| io("write", &error))?;
    stream.flush().await.map_err(|error| io("write", &error))?;

    let mut head = Vec::with_capacity(512);
    let (mut answer, used) = loop {
        if let Some(found) = parse(&head)? {
            if (100..200).contains(&found.0.status) && found.0.status != 101 {
                head.drain(..found.1);
                continue;
            }
            break found;
        }
        if head.len() >= MAX_HEAD {
            return Err(
                invalid(format!("HTTP answer with over {MAX_HEAD} bytes of headers")).into(),
            );
        }
        if stream
            .read_buf(&mut head)
            .await
            .map_err(|error| io("read", &error))?
            == 0
        {
            return Err(SocketError::new(Phase::Upgrade, Cause::Eof, "unexpected EOF").into());
        }
    };
    let rest = head.split_off(used);
    if let Some(log) = wire_log {
        log.answer(&head);
    }
    if answer.status != 101 {
        let known = clock::now();
        let (text, last) = body::read(stream, &answer, rest, by).await;
        answer.body = text;
        let status = answer.status;
        let error = bad_handshake(Cause::HandshakeStatus, advice::of_status(status));
        return Err(Refused {
            error,
            answer: Some(answer),
            ended: Some(last.unwrap_or(known)),
        });
    }
    let verified = verify(&answer, &key, request)
        .map_err(|why| bad_handshake(Cause::HandshakeInvalid, why))
        .and_then(|()| agreed(&answer, request));
    match verified {
        Ok(compression) => Ok(Upgraded {
            answer,
            early: rest,
            compression,
        }),
        Err(error) => Err(Refused {
            error,
            answer: Some(answer),
            ended: None,
        }),
    }
}

/// What the answer says about compression.
fn agreed(answer: &Answer, request: &Request) -> Result<Option<Agreement>, SocketError> {
    let Some(header) = answer.header("Sec-Websocket-Extensions") else {
        return Ok(None);
    };
    // A list of nothing names none (RFC 9110 section 5.6.1).
    if header.split(',').all(|one| one.trim().is_empty()) {
        return Ok(None);
    }
    match &request.compression {
        None => Err(bad_handshake(
            Cause::HandshakeInvalid,
            format!("the server uses the extension {header:?}, which was not offered"),
        )),
        Some(offer) => offer.agreed(header).map_err(|why| {
            let text = "websocket: invalid compression negotiation";
            SocketError::new(Phase::Upgrade, Cause::HandshakeInvalid, text).with_hint(why)
        }),
    }
}

fn invalid(text: impl Into<String>) -> SocketError {
    SocketError::new(Phase::Upgrade, Cause::HandshakeInvalid, text)
}

fn bad_handshake(cause: Cause, why: String) -> SocketError {
    SocketError::new(Phase::Upgrade, cause, "websocket: bad handshake").with_hint(why)
}

/// A complete answer at the start of `head`, and its length.
fn parse(head: &[u8]) -> Result<Option<(Answer, usize)>, SocketError> {
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut slots);
    let used = match parsed.parse(head) {
        Ok(httparse::Status::Complete(used)) => used,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::Status) => {
            let line = String::from_utf8_lossy(head.split(|b| *b == b'\r').next().unwrap_or(head));
            let code = line.split(' ').nth(1).unwrap_or("").escape_debug().take(60);
            let code: String = code.collect();
            return Err(invalid(format!("malformed HTTP status code \"{code}\"")));
        }
        Err(httparse::Error::TooManyHeaders) => {
            return Err(invalid(format!(
                "HTTP answer with over {MAX_HEADERS} headers"
            )));
        }
        Err(_) if matches!(head, [0x15 | 0x16, 0x03, ..]) => {
            let text = "malformed HTTP response: the server speaks TLS";
            let error = SocketError::new(Phase::Upgrade, Cause::TlsProtocol, text);
            return Err(error.with_hint("is it wss:// ?"));
        }
        Err(error) => {
            let start = String::from_utf8_lossy(&head[..head.len().min(60)]).into_owned();
            let start = start
                .lines()
                .next()
                .unwrap_or("")
                .escape_debug()
                .to_string();
            return Err(invalid(format!("malformed HTTP response \"{start}\""))
                .with_hint(error.to_string()));
        }
    };
    let mut answer = Answer {
        status: parsed.code.unwrap_or(0),
        ..Answer::default()
    };
    for header in parsed.headers.iter() {
        let name = canonical(header.name);
        let value = String::from_utf8_lossy(header.value).into_owned();
        if name == "Set-Cookie" {
            answer.cookies.push(value.clone());
        }
        match answer.headers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => {
                values.push_str(", ");
                values.push_str(&value);
            }
            None => answer.headers.push((name, value)),
        }
    }
    if parsed.version != Some(1) && answer.status == 101 {
        return Err(bad_handshake(
            Cause::HandshakeInvalid,
            "the answer is HTTP/1.0".into(),
        ));
    }
    Ok(Some((answer, used)))
}

/// The checks of RFC 6455 section 4.1 on a 101.
fn verify(answer: &Answer, key: &str, request: &Request) -> Result<(), String> {
    let has_token = |name: &str, token: &str| {
        answer.header(name).is_some_and(|value| {
            value
                .split(',')
                .any(|one| one.trim().eq_ignore_ascii_case(token))
        })
    };
    if !has_token("Upgrade", "websocket") {
        return Err("the 101 has no `Upgrade: websocket`".into());
    }
    if !has_token("Connection", "upgrade") {
        return Err("the 101 has no `Connection: Upgrade`".into());
    }
    if answer.header("Sec-Websocket-Accept").map(str::trim) != Some(accept_key(key).as_str()) {
        return Err("the 101 has a missing or wrong Sec-WebSocket-Accept".into());
    }
    if let Some(protocol) = answer.header("Sec-Websocket-Protocol")
        && !request.offers(protocol)
    {
        return Err(format!(
            "the server chose the subprotocol {protocol:?}, which was not offered"
        ));
    }
    Ok(())
}

/// The `Sec-WebSocket-Accept` value that answers `key` (RFC 6455 section 4.2.2).
pub fn accept_key(key: &str) -> String {
    let mut hash = ring::digest::Context::new(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(GUID);
    BASE64.encode(hash.finish())
}

#[cfg(test)]
mod tests;
