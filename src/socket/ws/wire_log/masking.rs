//! Lines of a head without what opens doors: credentials, cookies, and what is named like them.
//!
//! Names stay, so that a reader sees what was sent. When in doubt a value is masked: who debugs with one of these can
//! see it where it was made.

use std::borrow::Cow;

/// What in a name, wherever it stands, says that the value opens a door.
const TELLING: [&str; 20] = [
    "access",
    "api-key",
    "api_key",
    "assertion",
    "auth",
    "bearer",
    "cookie",
    "credential",
    "csrf",
    "hmac",
    "jwt",
    "login",
    "pass",
    "private",
    "secret",
    "session",
    "signature",
    "ticket",
    "token",
    "xsrf",
];
/// What says so at the end of a name or as a word of it: too short to be looked for everywhere.
const TELLING_WORDS: [&str; 12] = [
    "cert", "code", "cred", "creds", "key", "nonce", "otp", "pat", "pin", "pw", "pwd", "sid",
];
const SIGNATURE: &str = "sig";
/// Names with a telling word that are the protocol's own, or the web's, and open nothing.
const OPEN: [&str; 2] = ["sec-websocket-key", "sec-websocket-accept"];
const OPEN_FAMILY: &str = "access-control-";
/// Subprotocols that everybody knows; any other may be a token, as browsers have no other place for one.
const KNOWN_PROTOCOLS: [&str; 12] = [
    "base64",
    "bearer",
    "binary",
    "chat",
    "graphql-transport-ws",
    "graphql-ws",
    "json",
    "mqtt",
    "mqttv3.1",
    "ocpp1.6",
    "ocpp2.0.1",
    "soap",
];
/// Beginnings of further well-known ones; what follows is a version.
const KNOWN_FAMILIES: [&str; 4] = ["wamp.2.", "v10.stomp", "v11.stomp", "v12.stomp"];
/// Schemes of credentials, whatever the header is called.
const SCHEMES: [&str; 6] = ["aws4", "basic", "bearer", "digest", "negotiate", "token"];
/// Longer than this, a part of a query that has no name is taken for a token.
const LONGEST_WORD: usize = 16;

/// A line of a head, the first one or a header.
pub(super) fn masked(line: &str) -> String {
    if let Some((name, value)) = line.split_once(':')
        && !name.contains(' ')
    {
        return format!("{name}: {}", of_header(name, value.trim()));
    }
    without_secrets(line)
}

fn of_header(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    let hidden = || format!("*** ({} bytes)", value.len());
    if name == "sec-websocket-protocol" {
        let each = value.split(',').map(|one| protocol(one.trim()));
        return each.collect::<Vec<_>>().join(", ");
    }
    let is_open = OPEN.contains(&&*name) || name.starts_with(OPEN_FAMILY);
    if !is_open && is_telling(&name) {
        return hidden();
    }
    match value.split_once(' ') {
        Some((scheme, _)) if is_scheme(scheme) => {
            format!("{scheme} {}", hidden())
        }
        _ => without_secrets(value),
    }
}

fn protocol(name: &str) -> Cow<'_, str> {
    let known = name.to_ascii_lowercase();
    let is_known = KNOWN_PROTOCOLS.contains(&&*known)
        || KNOWN_FAMILIES
            .iter()
            .any(|family| known.starts_with(family) && known.len() < family.len() + LONGEST_WORD);
    if is_known || name.is_empty() {
        name.into()
    } else {
        format!("*** ({} bytes)", name.len()).into()
    }
}

/// Text in which each URL has lost its user and the telling parts of its query, and each word that is a token is masked.
pub(crate) fn without_secrets(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let (place, query) = match word.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (word, None),
        };
        let mut shown = of_place(place);
        if let Some(query) = query {
            shown.push('?');
            for part in query.split_inclusive(['&', ';']) {
                let (part, end) = match part.strip_suffix(['&', ';']) {
                    Some(rest) => (rest, &part[rest.len()..]),
                    None => (part, ""),
                };
                shown.push_str(&of_query(part));
                shown.push_str(end);
            }
        }
        shown
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Scheme, host and path.
fn of_place(place: &str) -> String {
    let (scheme, rest) = place
        .find("://")
        .map_or(("", place), |at| place.split_at(at + 3));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((_, host)) if !scheme.is_empty() => format!("***@{host}"),
        _ => authority.to_owned(),
    };
    let path = path.split('/').map(unless_jwt);
    let path = path.collect::<Vec<_>>().join("/");
    format!("{scheme}{}{path}", unless_jwt(&authority))
}

fn of_query(part: &str) -> String {
    match part.split_once('=') {
        Some((name, _)) if is_telling(&plain(name)) => format!("{name}=***"),
        Some((name, value)) => format!("{name}={}", unless_jwt(value)),
        None if part.len() > LONGEST_WORD => "***".into(),
        None => part.into(),
    }
}

/// The value, unless it is a JSON web token: those begin alike.
fn unless_jwt(value: &str) -> &str {
    if value.starts_with("eyJ") && value.len() > LONGEST_WORD {
        "***"
    } else {
        value
    }
}

/// Whether a name in lower case says that its value is nobody else's business.
pub(crate) fn is_telling(name: &str) -> bool {
    let words = || name.split(|c: char| !c.is_ascii_alphanumeric());
    TELLING.iter().any(|part| name.contains(part))
        || TELLING_WORDS.iter().any(|word| name.ends_with(word))
        || words().any(|word| word == SIGNATURE || TELLING_WORDS.contains(&word))
}

/// Whether what follows this word are credentials.
pub(crate) fn is_scheme(word: &str) -> bool {
    SCHEMES.iter().any(|one| one.eq_ignore_ascii_case(word))
}

/// A name in lower case, without the percent signs that may hide it.
fn plain(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = match (first, after) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = hex {
            bytes.push(high * 16 + low);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).to_ascii_lowercase()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn values_of_telling_headers_are_masked_and_their_names_stay() {
        for name in [
            "Authorization",
            "Proxy-Authorization",
            "Cookie",
            "Set-Cookie",
            "X-Api-Key",
            "X-Access",
            "X-Credential",
            "X-Key",
            "X-Amz-Security-Token",
            "X-CSRF-Token",
            "X-Password",
            "X-Session-Id",
            "X-Ticket",
            "X-Otp",
            "X-User-Code",
            "PRIVATE-KEY",
            "x-sig",
            "X-Sig-V2",
        ] {
            assert_eq!(
                masked(&format!("{name}: s3cret")),
                format!("{name}: *** (6 bytes)")
            );
        }
    }

    #[test]
    fn what_opens_nothing_is_shown() {
        for line in [
            "GET /chat?room=1&x=y HTTP/1.1",
            "HTTP/1.1 101 Switching Protocols",
            "Host: 127.0.0.1:80",
            "X-Plain: to-be-seen",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            "Sec-WebSocket-Protocol: graphql-ws, mqtt, v12.stomp, wamp.2.json",
            "Accept-Encoding: gzip",
            "Access-Control-Allow-Origin: *",
            "User-Agent: k6ws/0.1.0 (a; b)",
            "Date: Mon, 30 Nov 2026 08:00:00 GMT",
            "Origin: https://a.example:8",
            "Location: https://a.example/b/c?d=e",
        ] {
            assert_eq!(masked(line), line);
        }
    }

    #[test]
    fn tokens_are_masked_where_they_hide_in_other_values() {
        for (line, shown) in [
            (
                "Sec-WebSocket-Protocol: bearer, SECRET-B",
                "Sec-WebSocket-Protocol: bearer, *** (8 bytes)",
            ),
            (
                "sec-websocket-protocol: v12.stomp-and-a-long-secret-token",
                "sec-websocket-protocol: *** (33 bytes)",
            ),
            ("X-Plain: Bearer abc def", "X-Plain: Bearer *** (14 bytes)"),
            (
                "GET http://me:pw@a.example/x HTTP/1.1",
                "GET http://***@a.example/x HTTP/1.1",
            ),
            (
                "Location: wss://me:p@ss@b.example:1/?ticket=1&q=2",
                "Location: wss://***@b.example:1/?ticket=***&q=2",
            ),
            (
                "GET /?code=1&access=2;userCode=3&acces%73=4&PWD=5&n=6 HTTP/1.1",
                "GET /?code=***&access=***;userCode=***&acces%73=***&PWD=***&n=6 HTTP/1.1",
            ),
            (
                "GET /a/eyJhbGciOiJIUzI1NiJ9.e30.x?j=eyJhbGciOiJIUzI1NiJ9.e30.x HTTP/1.1",
                "GET /a/***?j=*** HTTP/1.1",
            ),
            ("GET /?0123456789abcdef0123 HTTP/1.1", "GET /?*** HTTP/1.1"),
            ("X-Plain: eyJhbGciOiJIUzI1NiJ9.e30.x", "X-Plain: ***"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }

    #[test]
    fn odd_lines_are_no_trouble() {
        for line in [
            "",
            ":",
            "?",
            "GET ?",
            "a:b",
            "%: %",
            "GET /?%&%4&=;& HTTP/1.1",
            "://@",
        ] {
            let _ = masked(line);
        }
        assert_eq!(masked("GET /?%e9key=1"), "GET /?%e9key=***");
    }
}
