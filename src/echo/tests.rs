//! The echo target against tokio-tungstenite, a client that nobody here wrote, and against raw bytes
//! where that client is too well-behaved. The target speaks once through tungstenite as well and once through our
//! own frames, and gives the same answers.
//!
//! Every test that counts compares all counts, after the server has stopped.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::codec::MAX_MESSAGE;
use super::*;
use crate::clock;

mod ending;
mod tls;

/// A server that runs until [`Running::stop`].
struct Running {
    address: SocketAddr,
    url: String,
    counters: EchoCounters,
    stop: oneshot::Sender<()>,
    task: JoinHandle<EchoCounts>,
}

async fn start(tls: Option<EchoTls>, is_own: bool) -> Running {
    let config = EchoConfig {
        address: ([127, 0, 0, 1], 0).into(),
        tls,
        subprotocols: vec!["chat".into()],
        service: Service::Echo,
        is_own,
    };
    let server = EchoServer::bind(config).await.unwrap();
    let (stop, stopped) = oneshot::channel();
    Running {
        address: server.local_addr(),
        url: server.url(),
        counters: server.counters(),
        stop,
        task: tokio::spawn(server.run(stopped)),
    }
}

impl Running {
    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn try_open(&self, path: &str) -> Result<(WebSocketStream<TcpStream>, Response), Error> {
        let url = format!("ws://{}{path}", self.address);
        client_async(url, self.tcp().await).await
    }

    async fn open(&self, path: &str) -> WebSocketStream<TcpStream> {
        self.try_open(path).await.unwrap().0
    }

    async fn stop(self) -> EchoCounts {
        self.stop.send(()).unwrap();
        self.task.await.unwrap()
    }
}

/// Closes from the client's side and returns the code that comes back.
async fn close<S>(client: &mut WebSocketStream<S>, close_code: u16) -> u16
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let frame = CloseFrame {
        code: close_code.into(),
        reason: "done".into(),
    };
    client.close(Some(frame)).await.unwrap();
    closed_with(client).await
}

/// Reads to the end of the session and returns the code of the server's Close.
async fn closed_with<S>(client: &mut WebSocketStream<S>) -> u16
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut close_code = None;
    while let Some(message) = client.next().await {
        if let Message::Close(frame) = message.unwrap() {
            close_code = frame.map(|frame| frame.code.into());
        }
    }
    close_code.expect("a Close with a code")
}

async fn round_trip<S>(client: &mut WebSocketStream<S>, message: Message) -> Message
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    client.send(message).await.unwrap();
    client.next().await.unwrap().unwrap()
}

#[tokio::test]
async fn text_and_binary_of_every_size_come_back_and_are_counted() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut client = server.open("/any/path?x=1").await;
        let sizes = [0, 1, 125, 126, 65_535, 65_536, 65_537, 1 << 20];
        for size in sizes {
            let binary: Vec<u8> = (0..=250).cycle().take(size).collect();
            let binary = Message::binary(binary);
            assert_eq!(round_trip(&mut client, binary.clone()).await, binary);
            let text = Message::text("ä".repeat(size / 2));
            assert_eq!(round_trip(&mut client, text.clone()).await, text);
        }
        assert_eq!(server.counters.read().open, 1);
        assert_eq!(close(&mut client, 1000).await, 1000);
        let counts = server.stop().await;
        let bytes: usize = sizes.iter().map(|size| size + size / 2 * 2).sum();
        assert_eq!(
            EchoCounts {
                wire_received: 0,
                wire_sent: 0,
                ..counts
            },
            EchoCounts {
                connections: 1,
                witnessed: u64::from(!is_own),
                messages_received: 16,
                messages_sent: 16,
                bytes_received: bytes as u64,
                bytes_sent: bytes as u64,
                ..EchoCounts::default()
            }
        );
        assert!(counts.wire_sent > counts.bytes_sent && counts.wire_received > counts.wire_sent);
    }
}

#[tokio::test]
async fn a_message_of_sixteen_mebibytes_comes_back_and_one_byte_more_is_1009() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut client = server.open("/").await;
        let largest = Message::binary(vec![7; MAX_MESSAGE]);
        assert_eq!(round_trip(&mut client, largest.clone()).await, largest);
        let mut raw = upgraded(&server).await;
        let mut header = vec![0x82, 0xFF];
        header.extend_from_slice(&(MAX_MESSAGE as u64 + 1).to_be_bytes());
        header.extend_from_slice(&[0; 4]);
        raw.write_all(&header).await.unwrap();
        let reply = read_to_end(&mut raw).await;
        assert_eq!(reply[2..4], 1009u16.to_be_bytes());
    }
}

#[tokio::test]
async fn a_ping_is_answered_with_its_payload_and_is_not_a_message() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut client = server.open("/").await;
        let ping = Message::Ping(b"0".as_slice().into());
        let answer = round_trip(&mut client, ping).await;
        assert_eq!(answer, Message::Pong(b"0".as_slice().into()));
        // A pong that nobody asked for is passed over.
        client.send(answer).await.unwrap();
        let text = Message::text("after");
        assert_eq!(round_trip(&mut client, text.clone()).await, text);
        assert_eq!(server.counters.read().messages_received, 1);
    }
}

#[tokio::test]
async fn a_fragmented_message_with_a_ping_inside_comes_back_whole() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut client = server.open("/").await;
        let piece = |payload: &'static [u8], opcode, is_final| {
            Message::Frame(Frame::message(payload, OpCode::Data(opcode), is_final))
        };
        client
            .send(piece(b"one ", Data::Text, false))
            .await
            .unwrap();
        let ping = Message::Ping(b"p".as_slice().into());
        let answer = round_trip(&mut client, ping).await;
        assert_eq!(answer, Message::Pong(b"p".as_slice().into()));
        client
            .send(piece(b"two ", Data::Continue, false))
            .await
            .unwrap();
        let whole = round_trip(&mut client, piece(b"three", Data::Continue, true)).await;
        assert_eq!(whole, Message::text("one two three"));
    }
}

#[tokio::test]
async fn a_thousand_pipelined_messages_come_back_in_order_and_are_counted_exactly() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let (mut sink, mut source) = server.open("/").await.split();
        let send = async {
            for i in 0..1000 {
                sink.feed(Message::text(i.to_string())).await.unwrap();
            }
            sink.flush().await.unwrap();
        };
        let receive = async {
            for i in 0..1000 {
                let message = source.next().await.unwrap().unwrap();
                assert_eq!(message, Message::text(i.to_string()));
            }
        };
        tokio::join!(send, receive);
        let counts = server.counters.read();
        assert_eq!(
            (counts.messages_received, counts.messages_sent),
            (1000, 1000)
        );
        assert_eq!((counts.bytes_received, counts.bytes_sent), (2890, 2890));
    }
}

#[tokio::test]
async fn a_hundred_connections_are_each_echoed_to() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut clients = Vec::new();
        for _ in 0..100 {
            clients.push(server.open("/").await);
        }
        assert_eq!(server.counters.read().open, 100);
        for (i, client) in clients.iter_mut().enumerate() {
            let message = Message::text(i.to_string());
            assert_eq!(round_trip(client, message.clone()).await, message);
        }
        for client in &mut clients {
            assert_eq!(close(client, 1000).await, 1000);
        }
        let counts = server.stop().await;
        assert_eq!((counts.connections, counts.open), (100, 0));
        assert_eq!((counts.messages_received, counts.messages_sent), (100, 100));
    }
}

#[tokio::test]
async fn a_subprotocol_that_both_know_is_agreed_on() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut raw = server.tcp().await;
        let request =
            request("/").replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: soap, chat\r\n\r\n");
        raw.write_all(request.as_bytes()).await.unwrap();
        let head = read_head(&mut raw).await;
        assert!(
            head.contains("\r\nSec-WebSocket-Protocol: chat\r\n"),
            "{head}"
        );
    }
}

#[tokio::test]
async fn a_frame_sent_with_the_request_is_echoed() {
    for is_own in [false, true] {
        let server = start(None, is_own).await;
        let mut raw = server.tcp().await;
        let mut bytes = request("/").into_bytes();
        bytes.extend_from_slice(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
        raw.write_all(&bytes).await.unwrap();
        read_head(&mut raw).await;
        let mut reply = [0; 4];
        raw.read_exact(&mut reply).await.unwrap();
        assert_eq!(reply, [0x81, 2, b'h', b'i']);
    }
}

fn request(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
}

/// A session without a client library.
async fn upgraded(server: &Running) -> TcpStream {
    let mut raw = server.tcp().await;
    raw.write_all(request("/").as_bytes()).await.unwrap();
    assert!(read_head(&mut raw).await.starts_with("HTTP/1.1 101 "));
    raw
}

async fn read_head(raw: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(raw.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

async fn read_to_end(raw: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    raw.read_to_end(&mut bytes).await.unwrap();
    bytes
}
