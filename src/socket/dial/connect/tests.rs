//! Addresses that answer, refuse and stay silent, all on loopback; what needs a clock is in `scripted`.

use std::net::TcpListener;

use super::*;
use crate::socket::local::LocalAddresses;

mod scripted;

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

fn tcp(connected: &Connected) -> &tokio::net::TcpStream {
    match &connected.wire {
        Wire::Tcp(tcp) => tcp,
        other => panic!("not asked for: {other:?}"),
    }
}

async fn connect_one(
    address: SocketAddr,
    options: &SocketOptions,
    pool: Option<&Arc<Pool>>,
) -> Result<Connected, SocketError> {
    connect(&System::Real, &[address], options, pool).await
}

async fn connected(addresses: &[SocketAddr]) -> Result<SocketAddr, SocketError> {
    let stream = connect(&System::Real, addresses, &SocketOptions::default(), None).await?;
    Ok(tcp(&stream).peer_addr().unwrap())
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

#[tokio::test]
async fn connections_come_from_the_addresses_of_the_pool_in_turn() {
    let (_a, address) = listener();
    let local = LocalAddresses::parse("127.0.0.2-127.0.0.3").unwrap();
    let pool = Pool::new(&local);
    let mut held = Vec::new();
    for _ in 0..4 {
        let connected = connect_one(address, &SocketOptions::default(), Some(&pool)).await;
        held.push(connected.unwrap());
    }
    let from = held.iter().map(|one| tcp(one).local_addr().unwrap().ip());
    let from: Vec<_> = from.map(|ip| ip.to_string()).collect();
    assert_eq!(from, ["127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.3"]);
}

#[tokio::test]
async fn an_address_that_is_not_ours_is_named() {
    let (_a, address) = listener();
    let pool = Pool::new(&LocalAddresses::parse("192.0.2.77").unwrap());
    let refused = connect_one(address, &SocketOptions::default(), Some(&pool)).await;
    let error = refused.unwrap_err();
    assert_eq!(
        error.text,
        format!("dial tcp 192.0.2.77->{address}: bind: cannot assign requested address")
    );
    assert!(
        error.hint.contains("ip addr add 192.0.2.77"),
        "{}",
        error.hint
    );
}

#[tokio::test]
async fn a_pool_without_the_family_of_the_target_says_so() {
    let (_a, address) = listener();
    let pool = Pool::new(&LocalAddresses::parse("::1").unwrap());
    let refused = connect_one(address, &SocketOptions::default(), Some(&pool)).await;
    let text = refused.unwrap_err().text;
    assert_eq!(
        text,
        format!("dial tcp {address}: no source address of IPv4 was given")
    );
}

#[tokio::test]
async fn options_of_the_socket_are_set() {
    let (_a, address) = listener();
    let options = SocketOptions {
        no_delay: false,
        keep_alive: Some(Duration::from_secs(45)),
        recv_buffer: Some(32 * 1024),
        send_buffer: Some(48 * 1024),
        resets: true,
        ..SocketOptions::default()
    };
    let connected = connect_one(address, &options, None).await.unwrap();
    let tcp = tcp(&connected);
    let socket = socket2::SockRef::from(tcp);
    assert!(!tcp.nodelay().unwrap());
    assert!(socket.keepalive().unwrap());
    assert_eq!(
        socket.tcp_keepalive_time().unwrap(),
        Duration::from_secs(45)
    );
    // The kernel doubles what it is asked for, to have room for its own.
    assert_eq!(socket.recv_buffer_size().unwrap(), 64 * 1024);
    assert_eq!(socket.send_buffer_size().unwrap(), 96 * 1024);
    assert_eq!(socket.linger().unwrap(), Some(Duration::ZERO));
}
