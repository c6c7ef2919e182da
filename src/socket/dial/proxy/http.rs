//! HTTP `CONNECT` (RFC 9110 section 9.3.6), with basic authentication.
//!
//! The answer is read byte by byte: what stands behind it belongs to the target.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::login::Login;
use crate::socket::dial::target::{Target, authority};
use crate::socket::error::{Cause, Phase, SocketError, words};

/// Bytes of an answer's head that are read at most.
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;

/// Has an HTTP proxy connect to `target`.
///
/// # Cancel safety
/// Not: drop the stream with the future.
pub(super) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    target: &Target,
    login: Option<&Login>,
) -> Result<(), SocketError> {
    let to = authority(&target.host, target.port);
    if target
        .host
        .contains(|c: char| c.is_control() || c.is_whitespace())
    {
        let text = format!("the host {:?} is no name", target.host);
        return Err(SocketError::new(Phase::Proxy, Cause::Proxy, text));
    }
    let authorization = login.map_or_else(String::new, |Login { user, password }| {
        let token = BASE64.encode(format!("{user}:{password}"));
        format!("Proxy-Authorization: Basic {token}\r\n")
    });
    let request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{authorization}\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(|error| io(&error))?;
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_HEAD {
            return Err(invalid(format!(
                "an answer with over {MAX_HEAD} bytes of headers"
            )));
        }
        let byte = stream.read_u8().await.map_err(|error| io(&error))?;
        head.push(byte);
        if head.len() == 5 && head != *b"HTTP/" {
            return Err(invalid(format!(
                "malformed HTTP response \"{}…\"",
                head.escape_ascii()
            )));
        }
    }
    judge(&head, login.is_some())
}

fn judge(head: &[u8], has_login: bool) -> Result<(), SocketError> {
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut slots);
    answer
        .parse(head)
        .map_err(|error| invalid(format!("malformed HTTP response: {error}")))?;
    let status = answer.code.unwrap_or(0);
    if (200..300).contains(&status) {
        return Ok(());
    }
    let reason: String = answer
        .reason
        .unwrap_or("")
        .escape_debug()
        .take(80)
        .collect();
    let hint = match (status, has_login) {
        (401 | 407, false) => {
            "the proxy wants a user and a password: http://user:password@host:port"
        }
        (401 | 407, true) => "the proxy does not take this user and password",
        (403 | 405, _) => "the proxy does not allow this target",
        (502..=504, _) => "the proxy cannot reach the target",
        _ => "",
    };
    let text = format!("CONNECT was refused: {status} {reason}");
    let error = SocketError::new(Phase::Proxy, Cause::Proxy, text.trim_end());
    Err(error.with_hint(hint))
}

fn invalid(text: String) -> SocketError {
    SocketError::new(Phase::Proxy, Cause::Proxy, text).with_hint("does an HTTP proxy listen there?")
}

fn io(error: &std::io::Error) -> SocketError {
    let cause = match error.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            return SocketError::new(Phase::Proxy, Cause::Eof, "unexpected EOF")
                .with_hint("the proxy ended the connection instead of answering");
        }
        std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe => Cause::Reset,
        _ => Cause::Io,
    };
    SocketError::new(Phase::Proxy, cause, words(error))
}
