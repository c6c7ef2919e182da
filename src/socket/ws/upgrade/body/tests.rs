//! Every way in which a body may end, from a server that leaves the connection open.

use tokio::io::{AsyncWriteExt, duplex};

use super::*;

/// The body of an answer with these headers, and how long after the last byte it was settled.
async fn body_of(status: u16, headers: &[(&str, &str)], pieces: &[&str]) -> (String, Duration) {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let answer = Answer {
        status,
        headers: headers.iter().map(pair).collect(),
        ..Answer::default()
    };
    let (mut client, mut server) = duplex(64);
    let pieces: Vec<String> = pieces.iter().map(ToString::to_string).collect();
    let serving = tokio::spawn(async move {
        for piece in pieces {
            // The client may have seen enough.
            let _ = server.write_all(piece.as_bytes()).await;
        }
        server
    });
    let begin = clock::now();
    let by = begin + Duration::from_secs(30);
    let (text, last) = read(&mut client, &answer, Vec::new(), by).await;
    let settled = clock::now();
    assert!(last.unwrap_or(begin) <= settled);
    drop(client);
    serving.await.unwrap();
    (text, settled - last.unwrap_or(begin))
}

const CHUNKED: (&str, &str) = ("Transfer-Encoding", "Chunked");

#[tokio::test(start_paused = true)]
async fn a_body_ends_when_it_is_known_to_have_ended() {
    let long = "b".repeat(1024);
    for (status, headers, pieces, text) in [
        (204, vec![], vec![], ""),
        (304, vec![("Content-Length", "10")], vec![], ""),
        (403, vec![("Content-Length", "0")], vec![], ""),
        (
            403,
            vec![("Content-Length", "6, 6")],
            vec!["den", "ied"],
            "denied",
        ),
        (
            403,
            vec![("Content-Length", "6")],
            vec!["deniedHTTP/1.1"],
            "denied",
        ),
        (
            403,
            vec![("Content-Length", "9999999")],
            vec![long.as_str()],
            &long,
        ),
        (
            403,
            vec![CHUNKED],
            vec!["6\r\nden", "ied\r\n0\r\n\r\n"],
            "denied",
        ),
        (
            403,
            vec![CHUNKED],
            vec!["6;x=y\r\ndenied\r\n0\r\nX-Sum: 1\r\n", "\r\n"],
            "denied",
        ),
        (
            403,
            vec![("Transfer-Encoding", "gzip, chunked")],
            vec!["1\r\na\r\n0\r\n\r\n"],
            "a",
        ),
        (
            403,
            vec![CHUNKED, ("Content-Length", "1")],
            vec!["2\r\nab\r\n0\r\n\r\n"],
            "ab",
        ),
        (403, vec![CHUNKED], vec!["no chunks"], ""),
        // A body that ends like the last chunk has not ended.
        (
            403,
            vec![CHUNKED],
            vec!["6\r\nx0\r\n\r\n\r\n0\r\n\r\n"],
            "x0\r\n\r\n",
        ),
        (403, vec![], vec![long.as_str()], &long),
    ] {
        let (found, waited) = body_of(status, &headers, &pieces).await;
        assert_eq!(found, text, "{headers:?}");
        assert_eq!(waited, Duration::ZERO, "{status} {headers:?} {pieces:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_only_the_stream_ends_is_not_waited_for_long() {
    let (found, waited) = body_of(403, &[], &["den", "ied"]).await;
    assert_eq!((found.as_str(), waited), ("denied", SILENCE));
    let (found, waited) = body_of(403, &[("Content-Length", "many")], &["denied"]).await;
    assert_eq!((found.as_str(), waited), ("denied", SILENCE));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_was_announced_and_never_comes_has_its_limit() {
    let (found, waited) = body_of(403, &[("Content-Length", "7")], &["denied"]).await;
    assert_eq!((found.as_str(), waited), ("denied", BODY_PATIENCE));
    let (found, waited) = body_of(403, &[CHUNKED], &["6\r\ndenied\r\n0\r\nX-Sum: 1\r\n"]).await;
    assert_eq!((found.as_str(), waited), ("denied", BODY_PATIENCE));
}
