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
use super::progress::Progress;
use super::token::Lock;
use super::viewer::Answer;

/// Who is let in, and to what.
pub(super) struct Gate {
    pub(super) bound: Bound,
    pub(super) page: Page,
    /// What has to be said to look at the run, where that is not for everybody.
    pub(super) lock: Option<Lock>,
    pub(super) feed: Arc<Feed>,
}

/// Why a request is not answered.
#[derive(Clone, Copy)]
enum Refused {
    NoHost,
    Ambiguous,
    ForeignHost,
    Foreign,
    NotThere,
    Method,
    Body,
    NoToken,
}

impl Gate {
    /// Answers a request.
    pub(super) fn answer<B>(
        &self,
        request: &Request<B>,
        progress: &Arc<Progress>,
    ) -> Response<Answer> {
        progress.asked();
        let is_head = request.method() == Method::HEAD;
        let text = |all: &Bytes| {
            let shown = if is_head { Bytes::new() } else { all.clone() };
            Answer::text(shown, progress)
        };
        let mut response = match self.admitted(request) {
            Ok(Room::Page) => {
                let mut page = answered(text(&self.page.text), "text/html; charset=utf-8");
                let policy = self.page.policy.clone();
                page.headers_mut()
                    .insert(header::CONTENT_SECURITY_POLICY, policy);
                page
            }
            Ok(Room::Events) => {
                let events = if is_head {
                    text(&Bytes::new())
                } else {
                    Answer::events(&self.feed, progress)
                };
                answered(events, "text/event-stream")
            }
            Err(refused) => {
                let (status, why) = refused.said();
                let why = text(&Bytes::from_static(why.as_bytes()));
                let mut refusal = answered(why, "text/plain; charset=utf-8");
                *refusal.status_mut() = status;
                if let Some((name, text)) = refused.header() {
                    refusal.headers_mut().insert(name, value(text));
                }
                refusal
            }
        };
        let headers = response.headers_mut();
        for (name, text) in ALWAYS {
            headers.entry(name).or_insert(value(text));
        }
        response
    }

    fn admitted<B>(&self, request: &Request<B>) -> Result<Room, Refused> {
        let headers = request.headers();
        let host = one(headers, &header::HOST)?.ok_or(Refused::NoHost)?;
        let authority: Authority = host.parse().map_err(|_| Refused::NoHost)?;
        // A name and a password before it are for people to be deceived by.
        if host.contains('@') {
            return Err(Refused::NoHost);
        }
        if !self.bound.is_ours(authority.host()) {
            return Err(Refused::ForeignHost);
        }
        if let Some(origin) = one(headers, &header::ORIGIN)?
            && !is_of(origin, host)
        {
            return Err(Refused::Foreign);
        }
        let room = match request.uri().path() {
            "/" => Room::Page,
            "/events" => Room::Events,
            _ => return Err(Refused::NotThere),
        };
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(Refused::Method);
        }
        // Nobody reads it, and behind it nobody sees that the client has gone.
        let length = headers.get(header::CONTENT_LENGTH);
        if length.is_some_and(|length| length != "0")
            || headers.contains_key(header::TRANSFER_ENCODING)
        {
            return Err(Refused::Body);
        }
        if matches!(room, Room::Events) {
            let site = one(headers, &SEC_FETCH_SITE)?;
            if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
                return Err(Refused::Foreign);
            }
            if let Some(lock) = &self.lock
                && !bearer(headers).is_some_and(|said| lock.opens_with(said))
            {
                return Err(Refused::NoToken);
            }
        }
        Ok(room)
    }
}

enum Room {
    Page,
    Events,
}

impl Refused {
    /// Its status, and what is said to whoever looks.
    const fn said(self) -> (StatusCode, &'static str) {
        match self {
            Self::NoHost => (
                StatusCode::BAD_REQUEST,
                "the Host header is missing, or no host\n",
            ),
            Self::Ambiguous => (
                StatusCode::BAD_REQUEST,
                "a header is there twice, or is no text\n",
            ),
            Self::ForeignHost => (
                StatusCode::FORBIDDEN,
                "the name in the Host header is not one of this dashboard: use the address that k6ws has printed\n",
            ),
            Self::Foreign => (
                StatusCode::FORBIDDEN,
                "this is not for pages of other sites\n",
            ),
            Self::NotThere => (
                StatusCode::NOT_FOUND,
                "there is nothing here: the page is at /\n",
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "there is only something to GET here\n",
            ),
            Self::Body => (StatusCode::BAD_REQUEST, "a request has no body here\n"),
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "the token is missing or wrong: it stands behind # in the address that k6ws has printed\n",
            ),
        }
    }

    /// What a browser is told beside it.
    const fn header(self) -> Option<(HeaderName, &'static str)> {
        match self {
            Self::Method => Some((header::ALLOW, "GET, HEAD")),
            Self::NoToken => Some((header::WWW_AUTHENTICATE, "Bearer")),
            _ => None,
        }
    }
}

/// The value of a header that there is once, if at all.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refused> {
    let mut all = headers.get_all(name).iter();
    let first = all.next();
    if all.next().is_some() {
        return Err(Refused::Ambiguous);
    }
    first
        .map(|value| value.to_str().map_err(|_| Refused::Ambiguous))
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

fn answered(answer: Answer, kind: &'static str) -> Response<Answer> {
    let mut response = Response::new(answer);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, value(kind));
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
