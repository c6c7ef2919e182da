//! The request at the start of a connection, and the answer to it (RFC 6455 section 4.2).
//!
//! Reading is asynchronous and bounded; what to answer is a pure function of the request. Nothing is
//! written here: the answer is the first thing that the session sends.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::socket::ws::close;
use crate::socket::ws::deflate::{self, Agreement};
use crate::socket::ws::upgrade::accept_key;

/// An answer, and what follows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The whole HTTP answer.
    pub(super) bytes: Vec<u8>,
    /// What the connection is for from then on.
    pub(super) then: Then,
    /// How messages are compressed.
    pub(super) compression: Option<Agreement>,
}

/// What follows an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Upgraded: echo.
    Echo,
    /// Upgraded: close at once with this code.
    Close(u16),
    /// Not upgraded: the end.
    HangUp,
}

/// Reads a request. Returns the answer to it and the bytes that came behind it; compression is accepted if whoever
/// goes on from there `compresses`.
///
/// An error means that there is nobody to answer.
///
/// # Cancel safety
/// Not: drop the stream with the future.
pub(super) async fn read<S: AsyncRead + Unpin>(
    stream: &mut S,
    subprotocols: &[String],
    compresses: bool,
) -> io::Result<(Answer, Vec<u8>)> {
    let mut head = Vec::with_capacity(1024);
    loop {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut slots);
        let refusal = match request.parse(&head) {
            Ok(httparse::Status::Complete(used)) => {
                let answer = answer(&request, subprotocols, compresses);
                let answer = answer.unwrap_or_else(Refusal::answer);
                return Ok((answer, head.split_off(used)));
            }
            Ok(httparse::Status::Partial) if head.len() < MAX_HEAD => continue,
            Ok(httparse::Status::Partial) => {
                Refusal::new(431, format!("request head over {MAX_HEAD} bytes"))
            }
            Err(httparse::Error::TooManyHeaders) => {
                Refusal::new(431, format!("over {MAX_HEADERS} headers"))
            }
            Err(error) => Refusal::new(400, format!("malformed HTTP request: {error}")),
        };
        return Ok((refusal.answer(), Vec::new()));
    }
}

/// A request that gets no upgrade.
struct Refusal {
    status: u16,
    /// Header lines that this status calls for, each with its line end.
    headers: &'static str,
    reason: String,
}

impl Refusal {
    fn new(status: u16, reason: impl Into<String>) -> Self {
        let headers = match status {
            405 => "Allow: GET\r\n",
            // RFC 9110 section 15.5.22 and RFC 6455 section 4.4.
            426 => "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
            _ => "",
        };
        Self {
            status,
            headers,
            reason: reason.into(),
        }
    }

    fn answer(self) -> Answer {
        let Refusal {
            status,
            headers,
            reason,
        } = self;
        let phrase = phrase(status);
        let mut text = format!("HTTP/1.1 {status} {phrase}\r\nConnection: close\r\n{headers}");
        // RFC 9110 section 6.4.1: these two never have a body.
        if matches!(status, 204 | 304) {
            text.push_str("\r\n");
        } else {
            let length = (reason.len() + 1).to_string();
            text.push_str("Content-Type: text/plain; charset=utf-8\r\n");
            text.extend(["Content-Length: ", &length, "\r\n\r\n", &reason, "\n"]);
        }
        Answer {
            bytes: text.into_bytes(),
            then: Then::HangUp,
            compression: None,
        }
    }
}

/// The answer to a complete request.
fn answer(
    request: &httparse::Request<'_, '_>,
    offered: &[String],
    compresses: bool,
) -> Result<Answer, Refusal> {
    let path = request.path.unwrap_or("/");
    let path = path.split(['?', '#']).next().unwrap_or("/");
    if let Some(status) = path.strip_prefix("/status/") {
        return Err(match status.parse() {
            Ok(status @ 200..=599) => Refusal::new(status, format!("{status}, as asked")),
            _ => Refusal::new(400, "/status/NNN takes a status from 200 to 599"),
        });
    }
    if request.method != Some("GET") {
        return Err(Refusal::new(405, "only GET is understood here"));
    }
    let then = match path.strip_prefix("/close/").map(str::parse::<u16>) {
        None => Then::Echo,
        Some(Ok(code)) if close::may_be_requested(code.into()) => Then::Close(code),
        Some(_) => {
            let why = "/close/NNNN takes a code from 1000 to 4999 that may be sent";
            return Err(Refusal::new(400, why));
        }
    };
    let key = upgrade_key(request)?;
    let mut text = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n",
        accept_key(key)
    );
    let chosen = tokens(request, "Sec-WebSocket-Protocol")
        .find(|wanted| offered.iter().any(|known| known == wanted));
    if let Some(chosen) = chosen {
        text.extend(["Sec-WebSocket-Protocol: ", chosen, "\r\n"]);
    }
    let offers: Vec<&str> = tokens(request, "Sec-WebSocket-Extensions").collect();
    let accepted = compresses.then(|| deflate::answer(&offers.join(", ")));
    let compression = accepted.flatten().map(|(accepted, agreement)| {
        text.extend(["Sec-WebSocket-Extensions: ", &accepted, "\r\n"]);
        agreement
    });
    text.push_str("\r\n");
    Ok(Answer {
        bytes: text.into_bytes(),
        then,
        compression,
    })
}

/// The key of a request that asks for a WebSocket as it should (RFC 6455 section 4.2.1).
fn upgrade_key<'a>(request: &httparse::Request<'_, 'a>) -> Result<&'a str, Refusal> {
    let bad = |reason: &str| Err(Refusal::new(400, reason));
    let wants =
        |name: &str, token: &str| tokens(request, name).any(|one| one.eq_ignore_ascii_case(token));
    let key = tokens(request, "Sec-WebSocket-Key").next();
    if !wants("Upgrade", "websocket") {
        // Somebody who came for a WebSocket is told what is missing; a browser is told where it is.
        return Err(if key.is_some() || wants("Connection", "upgrade") {
            Refusal::new(426, "no `Upgrade: websocket` header")
        } else {
            Refusal::new(200, PAGE)
        });
    }
    if request.version != Some(1) {
        return bad("an upgrade needs HTTP/1.1");
    }
    if tokens(request, "Host").next().is_none() {
        return bad("no Host header");
    }
    if !wants("Connection", "upgrade") {
        return bad("no `Connection: Upgrade` header");
    }
    if !wants("Sec-WebSocket-Version", "13") {
        return Err(Refusal::new(426, "only Sec-WebSocket-Version 13 is spoken"));
    }
    match key {
        Some(key) if BASE64.decode(key).is_ok_and(|raw| raw.len() == 16) => Ok(key),
        Some(_) => bad("Sec-WebSocket-Key is not 16 bytes in base64"),
        None => bad("no Sec-WebSocket-Key header"),
    }
}

/// The comma-separated values of a header, over all its lines.
fn tokens<'a>(request: &httparse::Request<'_, 'a>, name: &str) -> impl Iterator<Item = &'a str> {
    request
        .headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name))
        .filter_map(|header| std::str::from_utf8(header.value).ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "As Asked",
    }
}

/// Bytes of a request head read at most.
const MAX_HEAD: usize = 16 * 1024;
/// Header lines read at most.
const MAX_HEADERS: usize = 64;
/// What a browser sees.
const PAGE: &str = "\
This is the echo target of k6ws. Open a WebSocket here and every message comes back.

  /            echoes, and so does every path not named below
  /status/NNN  answers the request with status NNN
  /close/NNNN  opens the WebSocket, then closes it with code NNNN";

#[cfg(test)]
mod tests;
