//! Which requests are answered.
//!
//! A browser runs what strangers have written, so a request says nothing by coming from this machine. The name that it
//! went to must be ours: a stranger's name that leads here is how a stranger's page would read us. One that a foreign
//! page has made is refused, whatever it asks for.

use std::sync::Arc;

use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode};

use super::address::Bound;
use super::feed::Feed;
use super::page::Page;
use super::token::Lock;
use super::viewer::{Answer, Progress};

/// Who is let in, and to what.
pub(super) struct Gate {
    pub(super) bound: Bound,
    pub(super) page: Page,
    /// What has to be said to look at the run, where that is not for everybody.
    pub(super) lock: Option<Lock>,
    pub(super) feed: Arc<Feed>,
}

struct Refused(StatusCode, &'static str);

impl Gate {
    /// Answers a request.
    pub(super) fn answer<B>(
        &self,
        request: &Request<B>,
        progress: &Arc<Progress>,
    ) -> Response<Answer> {
        progress.asked();
        let is_head = request.method() == Method::HEAD;
        let mut response = match self.admitted(request) {
            Ok(Room::Page) => {
                let text = if is_head {
                    Bytes::new()
                } else {
                    self.page.text.clone()
                };
                let mut response = Response::new(Answer::text(text, progress));
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_SECURITY_POLICY, self.page.policy.clone());
                headers.insert(header::CONTENT_TYPE, value("text/html; charset=utf-8"));
                response
            }
            Ok(Room::Events) => {
                let answer = if is_head {
                    Answer::text(Bytes::new(), progress)
                } else {
                    Answer::events(&self.feed, progress)
                };
                let mut response = Response::new(answer);
                response
                    .headers_mut()
                    .insert(header::CONTENT_TYPE, value("text/event-stream"));
                response
            }
            Err(Refused(status, text)) => refusal(status, text, is_head, progress),
        };
        let headers = response.headers_mut();
        for (name, text) in ALWAYS {
            headers.entry(name).or_insert(value(text));
        }
        response
    }

    fn admitted<B>(&self, request: &Request<B>) -> Result<Room, Refused> {
        let headers = request.headers();
        let host = one(headers, &header::HOST)?.ok_or(NO_HOST)?;
        let authority: Authority = host.parse().map_err(|_| NO_HOST)?;
        // A name and a password before it are for people to be deceived by.
        if host.contains('@') {
            return Err(NO_HOST);
        }
        if !self.bound.is_ours(authority.host()) {
            return Err(FOREIGN_HOST);
        }
        if let Some(origin) = one(headers, &header::ORIGIN)?
            && !is_of(origin, host)
        {
            return Err(FOREIGN_ORIGIN);
        }
        let room = match request.uri().path() {
            "/" => Room::Page,
            "/events" => Room::Events,
            _ => return Err(NOT_THERE),
        };
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(METHOD);
        }
        if matches!(room, Room::Events) {
            let site = one(headers, &SEC_FETCH_SITE)?;
            if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
                return Err(FOREIGN_ORIGIN);
            }
            if let Some(lock) = &self.lock
                && !bearer(headers).is_some_and(|said| lock.opens_with(said))
            {
                return Err(NO_TOKEN);
            }
        }
        Ok(room)
    }
}

enum Room {
    Page,
    Events,
}

/// The value of a header that there is once, if at all.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refused> {
    let mut all = headers.get_all(name).iter();
    let first = all.next();
    if all.next().is_some() {
        return Err(AMBIGUOUS);
    }
    first
        .map(|value| value.to_str().map_err(|_| AMBIGUOUS))
        .transpose()
}

/// Whether a page of this host has this origin.
fn is_of(origin: &str, host: &str) -> bool {
    let authority = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

/// What is said to open the lock.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let said = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = said.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(token)
}

fn refusal(
    status: StatusCode,
    text: &'static str,
    is_head: bool,
    progress: &Arc<Progress>,
) -> Response<Answer> {
    let text = if is_head { "" } else { text };
    let mut response = Response::new(Answer::text(Bytes::from_static(text.as_bytes()), progress));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, value("text/plain; charset=utf-8"));
    match status {
        StatusCode::METHOD_NOT_ALLOWED => drop(headers.insert(header::ALLOW, value("GET, HEAD"))),
        StatusCode::UNAUTHORIZED => {
            drop(headers.insert(header::WWW_AUTHENTICATE, value("Bearer")));
        }
        _ => {}
    }
    response
}

const fn value(text: &'static str) -> HeaderValue {
    HeaderValue::from_static(text)
}

const SCHEME: &[u8] = b"Bearer ";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What every answer says to a browser: to believe the type, to tell and to keep nothing, to give it to no other page.
const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

const NO_HOST: Refused = Refused(
    StatusCode::BAD_REQUEST,
    "the Host header is missing, or no host\n",
);
const AMBIGUOUS: Refused = Refused(
    StatusCode::BAD_REQUEST,
    "a header is there twice, or is no text\n",
);
const FOREIGN_HOST: Refused = Refused(
    StatusCode::FORBIDDEN,
    "the name in the Host header is not one of this dashboard: use the address that k6ws has printed\n",
);
const FOREIGN_ORIGIN: Refused = Refused(
    StatusCode::FORBIDDEN,
    "this is not for pages of other sites\n",
);
const NOT_THERE: Refused = Refused(
    StatusCode::NOT_FOUND,
    "there is nothing here: the page is at /\n",
);
const METHOD: Refused = Refused(
    StatusCode::METHOD_NOT_ALLOWED,
    "there is only something to GET here\n",
);
const NO_TOKEN: Refused = Refused(
    StatusCode::UNAUTHORIZED,
    "the token is missing or wrong: it stands behind # in the address that k6ws has printed\n",
);
