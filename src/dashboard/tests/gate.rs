//! Which requests are answered.

use super::{SECRET, answer, get, limits, on_loopback, served, status};

#[test]
fn the_page_is_for_everybody_and_says_what_a_browser_may_do_with_it() {
    let server = on_loopback();
    let text = answer(&server, &get("/", ""));
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "<html><p>the page</p>");
    for line in [
        "HTTP/1.1 200 OK",
        "content-type: text/html; charset=utf-8",
        "content-security-policy: default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "cross-origin-resource-policy: same-origin",
    ] {
        assert!(
            head.lines().any(|one| one == line),
            "{line} is not in {head}"
        );
    }
    assert!(!head.contains("access-control"), "{head}");
}

#[test]
fn what_is_no_get_of_something_that_is_there_is_refused() {
    let server = on_loopback();
    for (request, expected) in [
        (get("/nothing", ""), 404),
        (get("/../etc/passwd", ""), 404),
        (get("//", ""), 404),
        (get("/?query", ""), 200),
        (
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".into(),
            405,
        ),
        (
            "OPTIONS /events HTTP/1.1\r\nHost: localhost\r\n\r\n".into(),
            405,
        ),
        (
            "DELETE /events HTTP/1.1\r\nHost: localhost\r\n\r\n".into(),
            405,
        ),
        ("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), 200),
        (
            "HEAD /events HTTP/1.1\r\nHost: localhost\r\n\r\n".into(),
            200,
        ),
        (
            format!(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{}",
                "x".repeat(1_000_000)
            ),
            405,
        ),
        (get("/events", "Content-Length: 10\r\n"), 400),
        (get("/events", "Transfer-Encoding: chunked\r\n"), 400),
        (get("/", "Content-Length: 10\r\n"), 400),
        ("GET / HTTP/1.1\r\n\r\n".into(), 400),
        (
            "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n".into(),
            400,
        ),
        ("nonsense\r\n\r\n".into(), 400),
        (get("/", &format!("X: {}\r\n", "x".repeat(20_000))), 431),
    ] {
        assert_eq!(status(&server, &request), expected, "{request:.80}");
    }
}

#[test]
fn a_name_that_somebody_else_has_pointed_here_leads_nowhere() {
    let server = on_loopback();
    for (host, expected) in [
        ("127.0.0.1:5665", 200),
        ("LOCALHOST", 200),
        ("[::1]:80", 200),
        ("evil.example", 403),
        ("evil.example:5665", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("192.0.2.1", 403),
        ("user@localhost", 400),
    ] {
        for path in ["/", "/nothing"] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            let found = status(&server, &request);
            let is_nothing = expected == 200 && path != "/";
            let expected = if is_nothing { 404 } else { expected };
            assert_eq!(found, expected, "{host}{path}");
        }
    }
}

#[test]
fn pages_of_other_sites_get_nothing() {
    let server = on_loopback();
    for (header, expected) in [
        ("Origin: http://localhost:1", 200),
        ("Origin: https://localhost:1", 200),
        ("Origin: http://localhost:2", 403),
        ("Origin: http://evil.example", 403),
        ("Origin: null", 403),
        (
            "Origin: http://localhost:1\r\nOrigin: http://evil.example",
            400,
        ),
        ("Sec-Fetch-Site: same-origin", 200),
        ("Sec-Fetch-Site: cross-site", 403),
        ("Sec-Fetch-Site: same-site", 403),
    ] {
        let request = format!("HEAD /events HTTP/1.1\r\nHost: localhost:1\r\n{header}\r\n\r\n");
        assert_eq!(status(&server, &request), expected, "{header}");
    }
}

#[test]
fn where_there_is_a_token_only_who_has_it_looks() {
    let server = served("127.0.0.1:0", Some(SECRET), limits());
    assert!(server.url().ends_with(&format!("/#token={SECRET}")));
    for (header, expected) in [
        (format!("Authorization: Bearer {SECRET}\r\n"), 200),
        (format!("Authorization: bearer {SECRET}\r\n"), 200),
        (String::new(), 401),
        ("Authorization: Bearer\r\n".into(), 401),
        (format!("Authorization: Bearer {SECRET}0\r\n"), 401),
        (format!("Authorization: Basic {SECRET}\r\n"), 401),
    ] {
        let request = format!("HEAD /events HTTP/1.1\r\nHost: localhost:1\r\n{header}\r\n");
        assert_eq!(status(&server, &request), expected, "{header}");
    }
    assert_eq!(status(&server, &get("/", "")), 200);
}

#[test]
fn elsewhere_than_on_loopback_there_is_always_a_token() {
    let server = served("0.0.0.0:0", None, limits());
    let (_, token) = server.url().split_once("/#token=").unwrap();
    assert_eq!(token.len(), 43);
    assert_eq!(status(&server, &get("/events", "")), 401);
    // Whoever went to an address knew where it leads.
    let request = "GET / HTTP/1.1\r\nHost: 192.0.2.1:80\r\n\r\n";
    assert_eq!(status(&server, request), 200);
    let request = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    assert_eq!(status(&server, request), 403);
}
