//! Which requests are upgraded, and what is answered.

use super::*;

const UPGRADE: &str = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n\
     Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
     Sec-WebSocket-Version: 13\r\n\r\n";

async fn ask(request: &str) -> (String, Then, Vec<u8>) {
    let subprotocols = ["chat".to_owned(), "echo".to_owned()];
    let (answer, rest) = read(&mut request.as_bytes(), &subprotocols, true)
        .await
        .unwrap();
    (String::from_utf8(answer.bytes).unwrap(), answer.then, rest)
}

/// The status line and the body.
async fn refusal(request: &str) -> (String, String) {
    let (text, then, _) = ask(request).await;
    assert_eq!(then, Then::HangUp, "{text}");
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.lines().next().unwrap().strip_prefix("HTTP/1.1 ");
    (status.unwrap().to_owned(), body.to_owned())
}

#[tokio::test]
async fn an_upgrade_is_answered_as_in_rfc_6455_section_1_3() {
    let (text, then, rest) = ask(&format!("{UPGRADE}frames")).await;
    assert_eq!(
        text,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    );
    assert_eq!((then, rest.as_slice()), (Then::Echo, &b"frames"[..]));
}

#[tokio::test]
async fn the_client_s_first_known_subprotocol_is_chosen() {
    let header = "Sec-WebSocket-Protocol: soap, echo\r\nSec-WebSocket-Protocol: chat\r\n\r\n";
    let (text, ..) = ask(&UPGRADE.replace("\r\n\r\n", &format!("\r\n{header}"))).await;
    assert!(
        text.ends_with("Sec-WebSocket-Protocol: echo\r\n\r\n"),
        "{text}"
    );
    let (text, ..) =
        ask(&UPGRADE.replace("13\r\n", "13\r\nSec-WebSocket-Protocol: soap\r\n")).await;
    assert!(!text.contains("Protocol:"), "{text}");
}

#[tokio::test]
async fn each_bad_request_is_told_in_one_line_what_is_wrong_with_it() {
    let cases = [
        ("\u{1}\r\n\r\n".to_owned(), "400", "malformed HTTP request"),
        (UPGRADE.replace("Host: a\r\n", ""), "400", "no Host"),
        (UPGRADE.replace("HTTP/1.1", "HTTP/1.0"), "400", "HTTP/1.1"),
        (UPGRADE.replace(", Upgrade", ""), "400", "Connection"),
        (UPGRADE.replace("-Key: dGhl", "-Key: "), "400", "16 bytes"),
        (
            UPGRADE.replace("Sec-WebSocket-Key", "X"),
            "400",
            "no Sec-WebSocket-Key",
        ),
        (
            UPGRADE.replace("Upgrade: WebSocket\r\n", ""),
            "426",
            "no `Upgrade",
        ),
        (UPGRADE.replace("Version: 13", "Version: 8"), "426", "13"),
        (UPGRADE.replace("GET", "POST"), "405", "GET"),
        (
            UPGRADE.replace("GET /", "GET /status/101"),
            "400",
            "200 to 599",
        ),
        (
            UPGRADE.replace("GET /", "GET /close/1006"),
            "400",
            "1000 to 4999",
        ),
        (
            UPGRADE.replace("GET /", "GET /close/soon"),
            "400",
            "1000 to 4999",
        ),
        (
            format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(MAX_HEAD)),
            "431",
            "bytes",
        ),
        (
            format!("GET / HTTP/1.1\r\n{}", "X: x\r\n".repeat(65)),
            "431",
            "headers",
        ),
    ];
    for (request, status, reason) in cases {
        let (line, body) = refusal(&request).await;
        assert!(line.starts_with(status), "{line} to {request}");
        assert!(
            body.contains(reason) && body.lines().count() == 1,
            "{body:?} to {request}"
        );
    }
}

#[tokio::test]
async fn a_status_is_answered_as_asked_with_or_without_an_upgrade() {
    let plain = "GET /status/503?why HTTP/1.1\r\nHost: a\r\n\r\n";
    let expected = (
        "503 Service Unavailable".to_owned(),
        "503, as asked\n".to_owned(),
    );
    assert_eq!(refusal(plain).await, expected);
    let (line, body) = refusal(&UPGRADE.replace("GET /", "GET /status/204")).await;
    assert_eq!((line.as_str(), body.as_str()), ("204 No Content", ""));
}

#[tokio::test]
async fn a_browser_is_told_what_this_is() {
    let (line, body) = refusal("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(line, "200 OK");
    assert!(
        body.starts_with("This is the echo target of k6ws."),
        "{body}"
    );
}

#[tokio::test]
async fn a_close_code_is_read_from_the_path() {
    let (_, then, _) = ask(&UPGRADE.replace("GET /", "GET /close/4001")).await;
    assert_eq!(then, Then::Close(4001));
}

#[tokio::test]
async fn a_request_that_never_ends_is_an_error() {
    let error = read(&mut &UPGRADE.as_bytes()[..40], &[], true)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}
