//! The server as clients meet it, over loopback.

mod gate;
mod viewers;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::connection::Limits;
use super::{Feed, Page, Server, Source, Token};
use crate::clock;

pub(super) const BUILT: &str = "<html><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
                     connect-src 'none'\"><p>the page</p>";
pub(super) const SECRET: &str = "a-token-that-is-long-enough";
pub(super) const SOON: Duration = Duration::from_secs(60);

/// Something that is shown, and changes when it is told to.
#[derive(Default)]
pub(super) struct Shown {
    number: Mutex<u64>,
    size: usize,
}

impl Source for Shown {
    fn whole(&self) -> Option<(u64, Vec<u8>)> {
        let number = *self.number.lock().unwrap();
        let padding = "x".repeat(self.size);
        let json = format!("{{\"whole\":{number},\"padding\":\"{padding}\"}}");
        Some((number, json.into_bytes()))
    }
}

impl Shown {
    pub(super) fn of(size: usize) -> Arc<Self> {
        let number = Mutex::default();
        Arc::new(Self { number, size })
    }

    pub(super) fn change(&self, feed: &Feed, is_last: bool) {
        let mut number = self.number.lock().unwrap();
        *number += 1;
        feed.tell(Some(format!("{{\"new\":{number}}}").as_bytes()), is_last);
    }
}

pub(super) fn limits() -> Limits {
    Limits {
        request: Duration::from_secs(30),
        patience: Duration::from_secs(60),
        silence: Duration::from_secs(60),
    }
}

pub(super) fn served(address: &str, token: Option<&str>, limits: Limits) -> Server {
    let token = token.map(|text| Token::given(text.into()).unwrap());
    let page = Page::new(BUILT).unwrap();
    Server::with_limits(&address.parse().unwrap(), page, token, limits).unwrap()
}

pub(super) fn on_loopback() -> Server {
    served("127.0.0.1:0", None, limits())
}

/// The port that a URL names.
pub(super) fn port(server: &Server) -> u16 {
    let authority = server.url().trim_start_matches("http://");
    let authority = authority.split('/').next().unwrap();
    authority.rsplit_once(':').unwrap().1.parse().unwrap()
}

pub(super) fn connected(server: &Server) -> TcpStream {
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port(server)));
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream
}

pub(super) fn asked(server: &Server, request: &str) -> TcpStream {
    let mut stream = connected(server);
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// All that is answered.
pub(super) fn answer(server: &Server, request: &str) -> String {
    let mut text = String::new();
    asked(server, request).read_to_string(&mut text).unwrap();
    text
}

pub(super) fn get(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost:1\r\n{more}\r\n")
}

pub(super) fn status(server: &Server, request: &str) -> u16 {
    let text = answer(server, request);
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

/// One who looks, and what they have read and not used.
pub(super) struct Reader(TcpStream, String);

impl Reader {
    pub(super) fn of(server: &Server) -> Self {
        Self(asked(server, &get("/events", "")), String::new())
    }

    /// The next event that says this; whatever comes before it is passed over.
    pub(super) fn until(&mut self, wanted: &str) -> String {
        loop {
            while let Some((event, rest)) = self.1.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.1 = rest;
                if event.contains(wanted) {
                    return event;
                }
            }
            let mut bytes = vec![0; 64 << 10];
            let count = self.0.read(&mut bytes).unwrap();
            assert!(count > 0, "it ends before {wanted:?}");
            self.1 += std::str::from_utf8(&bytes[..count]).unwrap();
        }
    }

    pub(super) fn rest(mut self) -> String {
        self.0.read_to_string(&mut self.1).unwrap();
        self.1
    }
}

pub(super) fn eventually(mut is_so: impl FnMut() -> bool) {
    let deadline = clock::now() + SOON;
    while !is_so() {
        assert!(clock::now() < deadline, "it never came to be");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
