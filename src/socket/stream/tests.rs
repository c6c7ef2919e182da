//! What is counted, and what is not, over sockets of this machine.

use std::future::poll_fn;
use std::io::IoSlice;
use std::task::Waker;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A counted socket, what it counts into, and its peer.
fn pair() -> (Counted, Arc<Traffic>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let traffic = Arc::new(Traffic::default());
    (Counted::new(ours, traffic.clone()), traffic, theirs)
}

#[tokio::test]
async fn what_passes_is_counted_in_both_directions_and_told_once() {
    let (mut ours, traffic, mut theirs) = pair();
    ours.write_all(b"hello").await.unwrap();
    theirs.write_all(b"hi!").await.unwrap();
    let mut read = [0; 3];
    ours.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"hi!");
    assert_eq!(traffic.take(), (5, 3));
    assert_eq!(traffic.take(), (0, 0));
}

#[tokio::test]
async fn pieces_are_written_at_once_up_to_what_the_system_takes() {
    let (mut ours, traffic, _theirs) = pair();
    let slices = vec![IoSlice::new(b"x"); MAX_SLICES + 1];
    let write = |cx: &mut Context<'_>| Pin::new(&mut ours).poll_write_vectored(cx, &slices);
    assert_eq!(poll_fn(write).await.unwrap(), MAX_SLICES);
    assert_eq!(traffic.take(), (MAX_SLICES as u64, 0));
}

#[tokio::test]
async fn a_full_socket_waits_and_counts_what_went() {
    let (mut ours, traffic, mut theirs) = pair();
    let cx = &mut Context::from_waker(Waker::noop());
    let mut written = 0;
    while let Poll::Ready(count) = Pin::new(&mut ours).poll_write(cx, &[b'x'; 4096]) {
        written += count.unwrap();
        assert!(written < 1 << 30, "it is never full");
    }
    assert_eq!(traffic.take(), (written as u64, 0));
    let mut read = vec![0; written];
    theirs.read_exact(&mut read).await.unwrap();
    ours.write_all(b"on").await.unwrap();
    assert_eq!(traffic.take(), (2, 0));
}

#[tokio::test]
async fn the_end_and_a_reset_are_told_apart_and_count_nothing() {
    let (mut ours, traffic, theirs) = pair();
    drop(theirs);
    assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);

    let (mut cut, _, theirs) = pair();
    cut.write_all(b"never read").await.unwrap();
    drop(theirs);
    let error = cut.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(traffic.take(), (0, 0));
}

#[tokio::test]
async fn both_ends_have_names() {
    let (ours, _, _theirs) = pair();
    assert_eq!((ours.ends().as_str(), ours.addresses()), ("@->@", None));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let tcp = TcpStream::connect(server).await.unwrap();
    let client = tcp.local_addr().unwrap();
    let ours = Counted::new(tcp, Arc::default());
    assert_eq!(ours.addresses(), Some((client, server)));
    assert_eq!(ours.ends(), format!("{client}->{server}"));
}
