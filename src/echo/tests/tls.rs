//! The same over TLS, through our own dialler: it checks the certificate.

use std::sync::Arc;

use super::*;
use crate::socket::dial::dialer::Dialer;
use crate::socket::dial::options::SocketOptions;
use crate::socket::dial::phases::Reached;
use crate::socket::dial::target::Target;
use crate::socket::stream::{Stream, Traffic};
use crate::socket::tls::{Roots, TlsSettings};

/// An identity for 127.0.0.1.
fn identity() -> EchoTls {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    EchoTls {
        cert_pem: made.cert.pem(),
        key_pem: made.signing_key.serialize_pem(),
    }
}

async fn dial(server: &Running, cert_pem: &str, traffic: Arc<Traffic>) -> Stream {
    let target = Target {
        is_tls: true,
        host: "127.0.0.1".into(),
        port: server.address.port(),
    };
    let settings = TlsSettings {
        roots: Some(Arc::new(Roots::read(&[cert_pem.to_owned()]).unwrap())),
        ..TlsSettings::default()
    };
    let mut reached = Reached::new(&target);
    let dialer = Dialer::default();
    let options = SocketOptions::default();
    let dialled = dialer.dial(&target, None, &settings, &options, traffic, &mut reached);
    dialled.await.unwrap()
}

#[tokio::test]
async fn messages_come_back_over_tls_and_every_byte_on_the_wire_is_counted() {
    for is_own in [false, true] {
        let tls = identity();
        let cert_pem = tls.cert_pem.clone();
        let server = start(Some(tls), is_own).await;
        assert_eq!(server.url, format!("wss://{}/", server.address));
        let traffic = Arc::new(Traffic::default());
        let stream = dial(&server, &cert_pem, traffic.clone()).await;
        let (mut client, _) = client_async(&server.url, stream).await.unwrap();
        for size in [0, 5, 16_384, 1 << 20] {
            let message = Message::binary(vec![9; size]);
            assert_eq!(round_trip(&mut client, message.clone()).await, message);
        }
        assert_eq!(close(&mut client, 1000).await, 1000);
        drop(client);
        let counts = server.stop().await;
        assert_eq!((counts.messages_sent, counts.open), (4, 0));
        let (sent, _) = traffic.take();
        assert_eq!(counts.wire_received, sent);
    }
}

#[tokio::test]
async fn a_stop_reaches_a_tls_session() {
    for is_own in [false, true] {
        let tls = identity();
        let cert_pem = tls.cert_pem.clone();
        let server = start(Some(tls), is_own).await;
        let stream = dial(&server, &cert_pem, Arc::default()).await;
        let (mut client, _) = client_async(&server.url, stream).await.unwrap();
        let (counts, close_code) = tokio::join!(server.stop(), closed_with(&mut client));
        assert_eq!((counts.connections, counts.open, close_code), (1, 0, 1001));
    }
}

#[tokio::test]
async fn plain_bytes_on_a_tls_port_end_that_connection_only() {
    for is_own in [false, true] {
        let tls = identity();
        let cert_pem = tls.cert_pem.clone();
        let server = start(Some(tls), is_own).await;
        let mut raw = server.tcp().await;
        raw.write_all(request("/").as_bytes()).await.unwrap();
        // An alert, a reset or nothing: in any case the end.
        let _ = raw.read_to_end(&mut Vec::new()).await;
        let stream = dial(&server, &cert_pem, Arc::default()).await;
        let (mut client, _) = client_async(&server.url, stream).await.unwrap();
        let message = Message::text("hello");
        assert_eq!(round_trip(&mut client, message.clone()).await, message);
    }
}

#[tokio::test]
async fn an_unusable_certificate_is_refused_at_the_start() {
    let (good, other) = (identity(), identity());
    let cases = [
        ("", good.key_pem.as_str(), "not usable"),
        (good.cert_pem.as_str(), "", "the key is not valid PEM"),
        (good.cert_pem.as_str(), other.key_pem.as_str(), "not usable"),
    ];
    for (cert_pem, key_pem, why) in cases {
        let config = EchoConfig {
            address: ([127, 0, 0, 1], 0).into(),
            tls: Some(EchoTls {
                cert_pem: cert_pem.into(),
                key_pem: key_pem.into(),
            }),
            subprotocols: Vec::new(),
            service: Service::Echo,
            is_own: false,
        };
        assert!(!format!("{config:?}").contains("PRIVATE KEY"));
        let error = EchoServer::bind(config).await.err().unwrap().to_string();
        assert!(error.contains(why), "{error}");
    }
}
