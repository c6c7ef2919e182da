//! How connections end: by the peer, by a violation, by the server, by impatience.

use super::*;

#[tokio::test]
async fn a_close_comes_back_with_the_same_code() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        for close_code in [1000, 1001, 1002, 1003, 1007, 1011, 3000, 4999] {
            let mut client = server.open("/").await;
            assert_eq!(close(&mut client, close_code).await, close_code);
        }
        let mut raw = upgraded(&server).await;
        raw.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await.unwrap();
        assert_eq!(read_to_end(&mut raw).await, [0x88, 0], "an empty Close");
        drop(raw);
        assert_eq!(server.stop().await.connections, 9);
    }
}

#[tokio::test]
async fn each_violation_is_answered_with_its_code_behind_the_replies_to_what_came_before() {
    for is_own in [false, true] {
        let cases: [(&[u8], u16); 5] = [
            (&[0x81, 1, b'x'], 1002),                   // not masked
            (&[0x83, 0x80, 0, 0, 0, 0], 1002),          // unknown opcode
            (&[0x80, 0x80, 0, 0, 0, 0], 1002),          // nothing to continue
            (&[0x88, 0x82, 0, 0, 0, 0, 3, 0xEE], 1002), // close code 1006
            (&[0x81, 0x81, 0, 0, 0, 0, 0xFF], 1007),    // not UTF-8
        ];
        let server = start(None, is_own).await;
        for (bytes, close_code) in cases {
            let mut raw = upgraded(&server).await;
            let mut input = vec![0x81, 0x82, 0, 0, 0, 0, b'o', b'k'];
            input.extend_from_slice(bytes);
            // What follows a violation is not answered.
            input.extend_from_slice(&[0x81, 0x81, 0, 0, 0, 0, b'x']);
            raw.write_all(&input).await.unwrap();
            let reply = read_to_end(&mut raw).await;
            assert_eq!(reply[..4], [0x81, 2, b'o', b'k'], "{bytes:?}");
            assert_eq!(reply[4], 0x88, "{bytes:?}");
            assert_eq!(reply[6..8], close_code.to_be_bytes(), "{bytes:?}");
            assert_eq!(usize::from(reply[5]), reply.len() - 6, "{bytes:?}");
        }
        let counts = server.stop().await;
        assert_eq!((counts.messages_received, counts.messages_sent), (5, 5));
        assert_eq!((counts.connections, counts.open), (5, 0));
    }
}

#[tokio::test]
async fn a_path_asks_for_a_close_code() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut client = server.open("/close/4321").await;
        assert_eq!(closed_with(&mut client).await, 4321);
        let mut raw = server.tcp().await;
        raw.write_all(request("/close/1005").as_bytes())
            .await
            .unwrap();
        read_head(&mut raw).await;
        // Our Close is said: a message is taken but no longer echoed, and the peer's Close ends it.
        raw.write_all(&[0x82, 0x80, 0, 0, 0, 0, 0x88, 0x80, 0, 0, 0, 0])
            .await
            .unwrap();
        assert_eq!(read_to_end(&mut raw).await, [0x88, 0]);
        drop(raw);
        let counts = server.stop().await;
        assert_eq!((counts.messages_received, counts.messages_sent), (1, 0));
    }
}

#[tokio::test]
async fn a_path_asks_for_a_status() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        match server.try_open("/status/403").await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 403),
            other => panic!("expected a refusal, got {other:?}"),
        }
        let counts = server.stop().await;
        assert_eq!((counts.connections, counts.refused), (0, 1));
    }
}

#[tokio::test]
async fn a_bad_request_is_told_why_and_hung_up_on() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut raw = server.tcp().await;
        raw.write_all(b"\x16\x03\x01 is TLS, not HTTP\r\n\r\n")
            .await
            .unwrap();
        let answer = String::from_utf8(read_to_end(&mut raw).await).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{answer}"
        );
        assert!(
            answer.contains("\r\n\r\nmalformed HTTP request: "),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_stop_closes_every_session_with_1001() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut clients = Vec::new();
        for _ in 0..10 {
            clients.push(server.open("/").await);
        }
        let message = Message::text("last");
        assert_eq!(round_trip(&mut clients[0], message.clone()).await, message);
        let goodbyes = async {
            for client in &mut clients {
                assert_eq!(closed_with(client).await, 1001);
            }
        };
        let (counts, ()) = tokio::join!(server.stop(), goodbyes);
        assert_eq!((counts.connections, counts.open), (10, 0));
        assert_eq!((counts.messages_received, counts.messages_sent), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_a_second_at_most_for_goodbyes() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut raw = upgraded(&server).await;
        let silent = server.tcp().await;
        let before = clock::now();
        let counts = server.stop().await;
        assert_eq!((counts.connections, counts.open), (1, 0));
        assert!(before.elapsed() <= STOP_PATIENCE + Duration::from_millis(10));
        // It has our Close all the same.
        let mut reply = [0; 4];
        raw.read_exact(&mut reply).await.unwrap();
        assert_eq!(reply, [0x88, 2, 3, 0xE9]);
        drop(silent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_asks_is_hung_up_on_after_ten_seconds() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let before = clock::now();
        let mut raw = server.tcp().await;
        assert_eq!(read_to_end(&mut raw).await, b"");
        assert!(before.elapsed() >= PATIENCE, "{:?}", before.elapsed());
        assert_eq!(server.stop().await, EchoCounts::default());
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_cut_off_and_what_it_never_got_is_not_counted() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut raw = upgraded(&server).await;
        let mut message = vec![0x82, 0xFF];
        message.extend_from_slice(&(1u64 << 20).to_be_bytes());
        message.extend_from_slice(&[0; 4]);
        message.resize(message.len() + (1 << 20), 0);
        let mut written = 0;
        // The system's buffers fill, the server stops reading, and then its patience ends.
        while raw.write_all(&message).await.is_ok() {
            written += 1;
            assert!(written < 1000, "the server takes input without end");
        }
        let counts = server.stop().await;
        assert_eq!(counts.open, 0);
        assert_eq!(
            counts.messages_sent + 1,
            counts.messages_received,
            "{counts:?}"
        );
        assert_eq!(counts.bytes_sent, counts.messages_sent << 20);
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_is_left_alone() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut client = server.open("/").await;
        tokio::time::advance(100 * PATIENCE).await;
        let message = Message::text("still here");
        assert_eq!(round_trip(&mut client, message.clone()).await, message);
    }
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let config = EchoConfig {
            address: server.address,
            tls: None,
            subprotocols: Vec::new(),
            service: Service::Echo,
            is_own,
        };
        let error = EchoServer::bind(config).await.err().unwrap().to_string();
        let expected = format!("the echo target cannot listen on {}: ", server.address);
        assert!(error.starts_with(&expected), "{error}");
    }
}
