//! Addresses that answer, refuse and stay silent, all on loopback.

use std::net::TcpListener;

use super::*;

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn refusing() -> SocketAddr {
    listener().1
}

/// An address that answers nothing: the queue of the listener is full, so the kernel drops each SYN.
struct Silent {
    address: SocketAddr,
    _held: (TcpListener, Vec<socket2::Socket>),
}

impl Silent {
    fn new() -> Self {
        let socket =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        socket.bind(&any.into()).unwrap();
        socket.listen(0).unwrap();
        let listener: TcpListener = socket.into();
        let address = listener.local_addr().unwrap();
        let waiting = (0..4).map(|_| {
            let one =
                socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
            one.set_nonblocking(true).unwrap();
            let _ = one.connect(&address.into());
            one
        });
        let waiting = waiting.collect();
        Self {
            address,
            _held: (listener, waiting),
        }
    }
}

async fn connected(addresses: &[SocketAddr]) -> Result<SocketAddr, SocketError> {
    let stream = connect(addresses, &SocketOptions::default()).await?;
    Ok(stream.peer_addr().unwrap())
}

#[tokio::test]
async fn the_first_that_answers_is_taken() {
    let (_a, first) = listener();
    let (_b, second) = listener();
    assert_eq!(connected(&[first, second]).await, Ok(first));
}

#[tokio::test]
async fn one_that_refuses_falls_over_to_the_next_at_once() {
    let (_a, second) = listener();
    let started = crate::clock::now();
    assert_eq!(connected(&[refusing(), second]).await, Ok(second));
    assert!(started.elapsed() < ATTEMPT_DELAY);
}

#[tokio::test]
async fn one_that_is_silent_has_a_quarter_of_a_second() {
    let silent = Silent::new();
    let (_a, second) = listener();
    let started = crate::clock::now();
    assert_eq!(connected(&[silent.address, second]).await, Ok(second));
    assert!(started.elapsed() >= ATTEMPT_DELAY);
}

#[tokio::test]
async fn if_none_answers_the_error_is_that_of_the_first() {
    let (first, second) = (refusing(), refusing());
    let error = connected(&[first, second]).await.unwrap_err();
    assert_eq!(error.cause, Cause::ConnectRefused);
    assert_eq!(
        error.text,
        format!("dial tcp {first}: connect: connection refused")
    );
    assert!(error.hint.starts_with("none of 2 addresses answered; "));
}

#[tokio::test]
async fn families_may_be_mixed() {
    let (_a, v4) = listener();
    let v6 = SocketAddr::new("::1".parse().unwrap(), refusing().port());
    assert_eq!(connected(&[v6, v4]).await, Ok(v4));
}
