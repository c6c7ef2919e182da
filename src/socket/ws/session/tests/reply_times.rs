//! When a reply came, as the observer is told: where the kernel knows, and not when it could be read.

use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;

use super::*;
use crate::clock::Instant;
use crate::socket::queue::Origin;
use crate::socket::stream::Counted;

/// When each request was written, and each text came.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<Vec<Instant>>>);

impl Observer for Times {
    fn observe(&mut self, fact: Fact<'_>) {
        if let Fact::Wrote(_, at) | Fact::Text(_, at) = fact {
            self.0.lock().unwrap().push(at);
        }
    }

    fn has_room(&mut self) -> bool {
        true
    }
}

impl Times {
    /// The next one.
    async fn next(&self) -> Instant {
        loop {
            if let Some(at) = self.0.lock().unwrap().pop() {
                return at;
            }
            yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_reply_that_waits_to_be_read_came_when_it_came() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).await;
    let (mut peer, _) = listener.accept().await.unwrap();
    let outbox = Arc::new(Outbox::new(1 << 20));
    let times = Times::default();
    let session = Session::new("A->B", outbox.clone(), times.clone(), CONFIG);
    let counted = Counted::new(ours.unwrap(), Arc::default());
    outbox
        .send_as(Opcode::Text, b"one", Origin::Request(1))
        .unwrap();
    tokio::spawn(keep(counted, session, Vec::new()));
    let wrote = times.next().await;
    let burnt = Duration::from_millis(50);
    // The kernel begins to stamp a little after the first socket of the machine asks for it.
    for _ in 0..100 {
        peer.write_all(b"\x81\x01a").await.unwrap();
        let written = clock::now();
        // A handler that burns: nobody reads meanwhile.
        while written.elapsed() < burnt {}
        let came = times.next().await;
        assert!(came >= wrote);
        if came < written + burnt / 2 {
            return;
        }
    }
    panic!("nothing was stamped");
}
