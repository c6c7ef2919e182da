//! The upgrade against answers good, odd and hostile.

use super::*;
use crate::socket::ws::deflate::Offer;
use tokio::io::{DuplexStream, duplex};

fn request() -> Request {
    Request {
        path: "/chat?x=1".into(),
        host: "example.com".into(),
        user_agent: "k6ws/0".into(),
        headers: Vec::new(),
        compression: None,
    }
}

/// Reads the request on the server side and returns its lines.
async fn read_request(server: &mut DuplexStream) -> Vec<String> {
    let mut raw = Vec::new();
    while !raw.ends_with(b"\r\n\r\n") {
        server.read_buf(&mut raw).await.unwrap();
    }
    String::from_utf8(raw)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Upgrades against a server that answers `answer`, with `{accept}` filled in, in `step`-byte pieces.
async fn against(
    request: Request,
    answer: &str,
    step: usize,
) -> Result<(Answer, Vec<u8>), Refused> {
    let (mut client, mut server) = duplex(64);
    let answer = answer.to_owned();
    let serve = async move {
        let lines = read_request(&mut server).await;
        let key = lines
            .iter()
            .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
        let bytes = answer.replace("{accept}", &accept_key(key.unwrap()));
        for piece in bytes.as_bytes().chunks(step) {
            if server.write_all(piece).await.is_err() {
                return;
            }
        }
    };
    let by = clock::now() + std::time::Duration::from_secs(30);
    // The client's end goes away with its verdict, so that a server still writing ends too.
    let ask = async move { upgrade(&mut client, &request, "A->B", None, by).await };
    let upgraded = tokio::join!(ask, serve).0?;
    Ok((upgraded.answer, upgraded.early))
}

const GOOD: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\
     Connection: keep-alive, upgrade\r\nSec-WebSocket-Accept: {accept}\r\nX-a: 1\r\nx-A: 2\r\n\r\n";

#[test]
fn the_accept_key_is_that_of_rfc_6455_section_1_3() {
    assert_eq!(
        accept_key("dGhlIHNhbXBsZSBub25jZQ=="),
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    );
}

#[tokio::test]
async fn an_answer_in_pieces_of_one_byte_is_accepted() {
    let (answer, rest) = against(request(), GOOD, 1).await.unwrap();
    assert_eq!((answer.status, rest.len()), (101, 0));
    assert_eq!(answer.header("X-A"), Some("1, 2"));
}

#[tokio::test]
async fn frames_behind_the_101_are_kept() {
    let (_, rest) = against(request(), &format!("{GOOD}frames"), 4096)
        .await
        .unwrap();
    assert_eq!(rest, b"frames");
}

#[tokio::test]
async fn an_interim_answer_is_skipped() {
    let answer = format!("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{GOOD}");
    assert_eq!(against(request(), &answer, 7).await.unwrap().0.status, 101);
}

#[tokio::test]
async fn a_refusal_brings_its_status_headers_and_body() {
    let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2000\r\nX-Why: no\r\n\r\n";
    let refused = against(request(), &format!("{answer}{}", "b".repeat(2000)), 300).await;
    let Refused { error, answer, .. } = refused.unwrap_err();
    let answer = answer.unwrap();
    assert_eq!(error.text, "websocket: bad handshake");
    assert_eq!(error.cause, Cause::HandshakeStatus);
    assert_eq!((answer.status, answer.header("X-Why")), (403, Some("no")));
    assert_eq!(answer.body, "b".repeat(1024));
}

#[tokio::test]
async fn a_chunked_body_is_put_together() {
    let answer = "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n\
                  4\r\nbusy\r\n3\r\n...\r\n0\r\n\r\n";
    let refused = against(request(), answer, 3).await.unwrap_err();
    assert_eq!(refused.answer.unwrap().body, "busy...");
}

#[tokio::test]
async fn an_empty_list_of_extensions_names_none() {
    for empty in [
        "Sec-WebSocket-Extensions:",
        "Sec-WebSocket-Extensions:  , ,",
    ] {
        let answer = GOOD.replace("X-a: 1", empty);
        for compression in [None, Some(Offer::default())] {
            let request = Request {
                compression,
                ..request()
            };
            let (answer, _) = against(request, &answer, 64).await.unwrap();
            assert_eq!(answer.status, 101);
        }
    }
}

#[tokio::test]
async fn each_bad_upgrade_says_what_is_wrong_with_it() {
    let cases = [
        (GOOD.replace("{accept}", "AAAA"), "Sec-WebSocket-Accept"),
        (
            GOOD.replace("Upgrade: WebSocket\r\n", ""),
            "`Upgrade: websocket`",
        ),
        (
            GOOD.replace("keep-alive, upgrade", "close"),
            "`Connection: Upgrade`",
        ),
        (
            GOOD.replace("X-a: 1", "Sec-WebSocket-Protocol: chat"),
            "not offered",
        ),
        (
            GOOD.replace("X-a: 1", "Sec-WebSocket-Extensions: foo"),
            "not offered",
        ),
        (GOOD.replace("HTTP/1.1", "HTTP/1.0"), "HTTP/1.0"),
    ];
    for (answer, why) in cases {
        let refused = against(request(), &answer, 64).await.unwrap_err();
        assert_eq!(refused.error.text, "websocket: bad handshake", "{answer}");
        assert!(
            refused.error.hint.contains(why),
            "{answer}: {}",
            refused.error.hint
        );
    }
}

#[tokio::test]
async fn other_protocols_are_named_by_their_first_bytes() {
    let error = against(request(), "SSH-2.0-OpenSSH\r\n", 4)
        .await
        .unwrap_err()
        .error;
    assert!(
        error.text.starts_with("malformed HTTP response \"SSH-2.0"),
        "{}",
        error.text
    );
    let error = against(request(), "HTTP/1.1 abc OK\r\n\r\n", 64)
        .await
        .unwrap_err()
        .error;
    assert_eq!(error.text, "malformed HTTP status code \"abc\"");
    let error = against(request(), "HTTP/1.1 10", 64)
        .await
        .unwrap_err()
        .error;
    assert_eq!(error.text, "unexpected EOF");
}

#[tokio::test]
async fn endless_headers_end_at_the_limit() {
    let answer = format!("HTTP/1.1 101 S\r\nX: {}", "y".repeat(2 * MAX_HEAD));
    let error = against(request(), &answer, 4096).await.unwrap_err().error;
    assert!(error.text.contains("over 65536 bytes"), "{}", error.text);
    let answer = format!("HTTP/1.1 101 S\r\n{}\r\n", "X: y\r\n".repeat(200));
    let error = against(request(), &answer, 4096).await.unwrap_err().error;
    assert!(error.text.contains("over 128 headers"), "{}", error.text);
}

#[test]
fn a_header_that_would_split_the_request_is_refused_by_name() {
    for (name, value) in [
        ("X-A", "1\r\nX-B: 2"),
        ("X\r\nY", "1"),
        ("", "1"),
        ("X-A", "\0"),
    ] {
        let mut request = request();
        request.headers.push((name.into(), value.into()));
        assert!(request.check().is_err(), "{name:?}: {value:?}");
    }
}

#[test]
fn handshake_headers_may_not_be_given() {
    let mut request = request();
    request
        .headers
        .push(("sec-websocket-KEY".into(), "x".into()));
    let error = request.bytes("k").unwrap_err();
    assert_eq!(
        error.text,
        "websocket: duplicate header not allowed: Sec-Websocket-Key"
    );
}

#[test]
fn host_and_user_agent_of_the_script_replace_ours() {
    let mut request = request();
    request.headers.push(("host".into(), "other".into()));
    request.headers.push(("user-agent".into(), "mine".into()));
    let text = String::from_utf8(request.bytes("k").unwrap()).unwrap();
    assert!(text.contains("Host: other\r\n") && text.contains("User-Agent: mine\r\n"));
    assert!(!text.contains("example.com") && !text.contains("k6ws/0"));
}
