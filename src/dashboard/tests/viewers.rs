//! Who looks, how many, how slowly, and how it ends.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::super::connection::Limits;
use super::super::{DashboardError, Page, Server};
use super::{
    BUILT, Reader, SOON, Shown, answer, asked, connected, eventually, get, limits, on_loopback,
    port, served,
};
use crate::clock;

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let page = Page::new(BUILT).unwrap();
    let error = Server::start(&address.parse().unwrap(), page, None);
    match error.err() {
        Some(DashboardError::Listen {
            address: at,
            reason,
        }) => {
            assert_eq!((at, &*reason), (address, "Address already in use"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_looks_gets_the_whole_page_then_what_is_new_and_then_the_end() {
    let mut server = on_loopback();
    let shown = Shown::of(0);
    // One who is there before there is anything to show.
    let mut early = Reader::of(&server);
    eventually(|| server.feed().has_viewers());
    server.feed().attach(shown.clone());
    shown.change(server.feed(), false);
    let first = early.until("event: page");
    assert!(
        first.ends_with("data: {\"whole\":1,\"padding\":\"\"}"),
        "{first}"
    );
    let mut late = Reader::of(&server);
    late.until("\"whole\":1");
    for number in 2..5 {
        shown.change(server.feed(), false);
        let expected = format!("event: second\ndata: {{\"new\":{number}}}");
        assert!(early.until("event").contains(&expected));
        assert!(late.until("event").contains(&expected));
    }
    shown.change(server.feed(), true);
    // All is said: there is nothing to wait for.
    let began = clock::now();
    server.close(SOON);
    assert!(clock::now() - began < SOON);
    for reader in [early, late] {
        let rest = reader.rest();
        assert!(
            rest.contains("event: second\ndata: {\"new\":5}\n\n"),
            "{rest}"
        );
        assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
    }
}

#[test]
fn who_comes_after_the_end_sees_how_it_ended() {
    let server = on_loopback();
    let shown = Shown::of(0);
    server.feed().attach(shown.clone());
    shown.change(server.feed(), true);
    let rest = Reader::of(&server).rest();
    assert!(rest.contains("{\"whole\":1,"), "{rest}");
    eventually(|| !server.feed().has_viewers());
}

#[test]
fn a_run_that_never_began_keeps_nobody() {
    let mut server = on_loopback();
    let reader = Reader::of(&server);
    eventually(|| server.feed().has_viewers());
    // One that has not asked yet is not waited for either.
    let _silent = connected(&server);
    server.close(SOON);
    assert!(!reader.rest().contains("event: "));
}

#[test]
fn one_that_is_behind_misses_what_is_between_and_is_given_the_whole_page() {
    let server = on_loopback();
    // More than the system keeps for a connection.
    let shown = Shown::of(8 << 20);
    server.feed().attach(shown.clone());
    shown.change(server.feed(), false);
    let mut slow = Reader::of(&server);
    let mut other = Reader::of(&server);
    other.until("\"whole\":1");
    for number in 2..60 {
        shown.change(server.feed(), false);
        other.until(&format!("\"new\":{number}}}"));
    }
    // It has had the first page, in part: the rest comes when it reads on.
    slow.until("\"whole\":1");
    let next = slow.until("event");
    assert!(
        next.contains("event: page\ndata: {\"whole\":59,"),
        "{next:.80}"
    );
    shown.change(server.feed(), false);
    let next = slow.until("event");
    assert!(
        next.contains("event: second\ndata: {\"new\":60}"),
        "{next:.80}"
    );
}

#[test]
fn one_that_takes_nothing_is_dropped_and_holds_nobody_up() {
    let short = Limits {
        patience: Duration::from_millis(500),
        ..limits()
    };
    let server = served("127.0.0.1:0", None, short);
    let shown = Shown::of(16 << 20);
    server.feed().attach(shown.clone());
    shown.change(server.feed(), false);
    let mut stuck = asked(&server, &get("/events", ""));
    eventually(|| server.feed().has_viewers());
    eventually(|| !server.feed().has_viewers());
    // What the system had for it still comes, and not the rest.
    let mut all = Vec::new();
    match stuck.read_to_end(&mut all) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    assert!(all.len() < 16 << 20, "{}", all.len());
}

#[test]
fn one_that_is_slow_and_steady_is_given_all_of_it() {
    let short = Limits {
        patience: Duration::from_secs(3),
        ..limits()
    };
    let server = served("127.0.0.1:0", None, short);
    let shown = Shown::of(16 << 20);
    server.feed().attach(shown.clone());
    shown.change(server.feed(), true);
    let mut slow = connected(&server);
    rustix::net::sockopt::set_socket_recv_buffer_size(&slow, 64 << 10).unwrap();
    slow.write_all(get("/events", "").as_bytes()).unwrap();
    let began = clock::now();
    let (mut bytes, mut count) = (vec![0; 200 << 10], 0);
    loop {
        let more = slow.read(&mut bytes).unwrap();
        if more == 0 {
            break;
        }
        count += more;
        // All of it takes longer than patience lasts for what it takes nothing of.
        let until = began + short.patience * 2 * u32::try_from(count >> 10).unwrap() / (16 << 10);
        std::thread::park_timeout(until.saturating_duration_since(clock::now()));
    }
    assert!(count > 16 << 20, "{count}");
    assert!(clock::now() - began > short.patience);
}

#[test]
fn one_that_has_gone_is_noticed_while_there_is_nothing_to_tell() {
    let short = Limits {
        silence: Duration::from_millis(50),
        ..limits()
    };
    let server = served("127.0.0.1:0", None, short);
    let mut patient = Reader::of(&server);
    patient.until(":");
    drop(patient);
    eventually(|| !server.feed().has_viewers());
    // What it sent and nobody reads hides that it has gone.
    let gone = asked(&server, &format!("{}GET", get("/events", "")));
    eventually(|| server.feed().has_viewers());
    drop(gone);
    eventually(|| !server.feed().has_viewers());
}

#[test]
fn those_who_ask_for_nothing_keep_no_place_from_those_who_look() {
    let server = on_loopback();
    let looking = Reader::of(&server);
    eventually(|| server.feed().has_viewers());
    let silent: Vec<_> = (0..300).map(|_| connected(&server)).collect();
    for _ in 0..3 {
        assert!(answer(&server, &get("/", "")).starts_with("HTTP/1.1 200"));
    }
    assert!(server.feed().has_viewers());
    assert_eq!(server.refused(), 0);
    drop((looking, silent));
}

#[test]
fn who_is_behind_holds_up_the_end_for_a_bounded_time() {
    let mut server = on_loopback();
    let shown = Shown::of(16 << 20);
    server.feed().attach(shown.clone());
    shown.change(server.feed(), false);
    let stuck = asked(&server, &get("/events", ""));
    eventually(|| server.feed().has_viewers());
    shown.change(server.feed(), true);
    server.close(Duration::from_millis(100));
    drop(stuck);
}

#[test]
fn a_request_that_does_not_come_is_not_waited_for() {
    let short = Limits {
        request: Duration::from_millis(100),
        ..limits()
    };
    let server = served("127.0.0.1:0", None, short);
    for begun in ["", "GET / HTTP/1.1\r\nHost: loc"] {
        let mut text = String::new();
        let _ = asked(&server, begun).read_to_string(&mut text);
        assert!(!text.contains("the page"), "{text}");
    }
}

#[test]
fn two_hundred_look_and_more_than_there_is_room_for_are_told_so() {
    let mut server = on_loopback();
    let shown = Shown::of(1000);
    server.feed().attach(shown.clone());
    shown.change(server.feed(), false);
    let mut readers: Vec<_> = (0..256).map(|_| Reader::of(&server)).collect();
    for reader in &mut readers {
        reader.until("\"whole\":1");
    }
    for _ in 0..44 {
        let text = answer(&server, &get("/", ""));
        assert!(text.starts_with("HTTP/1.1 503"), "{text}");
        assert!(text.ends_with("close a few tabs"), "{text}");
    }
    assert_eq!(server.refused(), 44);
    // One goes, and there is room for another one.
    drop(readers.pop());
    eventually(|| answer(&server, &get("/", "")).starts_with("HTTP/1.1 200"));
    shown.change(server.feed(), true);
    for reader in &mut readers {
        reader.until("\"new\":2}");
    }
    server.close(SOON);
    for reader in readers {
        reader.rest();
    }
}

#[test]
fn a_closed_server_lets_nobody_in() {
    let mut server = on_loopback();
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port(&server)));
    server.close(SOON);
    assert!(TcpStream::connect(at).is_err());
}
