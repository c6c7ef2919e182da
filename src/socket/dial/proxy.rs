//! Proxies: HTTP `CONNECT`, SOCKS5 with names resolved here, and SOCKS5 with names resolved there (`socks5h`).
//!
//! A [`Proxy`] shows itself without its user and password, whoever prints it: they never reach an error, a log
//! or a tag. Which proxy a connection takes is said by its [`ProxyChoice`]; `environment` reads the variables.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio_socks::tcp::Socks5Stream;

use login::Login;

use super::target::{Target, authority};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::stream::Counted;

pub mod environment;
pub mod header;
mod http;
mod login;

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Socks5,
    Socks5h,
}

/// A proxy, and who may use it.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    scheme: Scheme,
    /// Name or literal address, without brackets.
    pub(super) host: Arc<str>,
    /// TCP port.
    pub(super) port: u16,
    login: Option<Login>,
}

/// Which proxy a connection takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// What the environment says.
    Environment,
    /// None.
    #[default]
    Direct,
    /// This one.
    Through(Arc<Proxy>),
}

impl Scheme {
    const ALL: [(&str, Self); 3] = [
        ("http", Self::Http),
        ("socks5", Self::Socks5),
        ("socks5h", Self::Socks5h),
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }
}

impl std::fmt::Display for Proxy {
    /// Without the login, always.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = authority(&self.host, self.port);
        write!(f, "{}://{address}", self.scheme.as_str())
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl Proxy {
    /// Reads `http://user:password@host:port` and the like. The error never repeats the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(
                "expected http://host:port, socks5://host:port or socks5h://host:port".into(),
            );
        };
        let named = |known: &&(&str, Scheme)| known.0.eq_ignore_ascii_case(scheme);
        let Some((_, scheme)) = Scheme::ALL.iter().find(named) else {
            let scheme = scheme.escape_debug();
            return Err(format!(
                "proxy: unknown scheme: {scheme}; known are http, socks5 and socks5h"
            ));
        };
        let rest = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let (login, address) = match rest.rsplit_once('@') {
            Some((login, address)) => (Some(Login::parse(login)?), address),
            None => (None, rest),
        };
        let (host, port) = split_port(address)?;
        if host.is_empty() || host.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("expected the name or address of the proxy".into());
        }
        let usual = if *scheme == Scheme::Http { 80 } else { 1080 };
        Ok(Self {
            scheme: *scheme,
            host: host.into(),
            port: port.unwrap_or(usual),
            login,
        })
    }

    /// As Go understands `socks5`: the proxy resolves names.
    fn resolving_there(mut self) -> Self {
        if self.scheme == Scheme::Socks5 {
            self.scheme = Scheme::Socks5h;
        }
        self
    }

    /// Whether it is told an address, so that the name is to be resolved here.
    pub(super) fn wants_address(&self) -> bool {
        self.scheme == Scheme::Socks5
    }

    /// Has the proxy connect to `target`, at `address` if it wants one.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection to the proxy.
    pub(super) async fn open(
        &self,
        mut stream: Counted,
        target: &Target,
        address: Option<SocketAddr>,
    ) -> Result<Counted, SocketError> {
        match self.scheme {
            Scheme::Http => {
                http::connect(&mut stream, target, self.login.as_ref()).await?;
                Ok(stream)
            }
            Scheme::Socks5 | Scheme::Socks5h => self.open_socks(stream, target, address).await,
        }
    }

    async fn open_socks(
        &self,
        stream: Counted,
        target: &Target,
        address: Option<SocketAddr>,
    ) -> Result<Counted, SocketError> {
        let (host, port) = match address {
            Some(address) => (address.ip().to_string(), address.port()),
            None => (target.host.to_string(), target.port),
        };
        let to = (host.as_str(), port);
        let opened = match &self.login {
            None => Socks5Stream::connect_with_socket(stream, to).await,
            Some(Login { user, password }) => {
                Socks5Stream::connect_with_password_and_socket(stream, to, user, password).await
            }
        };
        let opened = opened.map_err(|error| socks_error(&error, self.login.is_some()))?;
        Ok(opened.into_inner())
    }

    /// The same error, which says where it happened and on the way to whom.
    pub(super) fn named(&self, target: &Target, mut error: SocketError) -> SocketError {
        let to = authority(&target.host, target.port);
        error.text = format!("proxy {self} for {to}: {}", error.text);
        error
    }
}

/// What a SOCKS proxy said, in words.
fn socks_error(error: &tokio_socks::Error, has_login: bool) -> SocketError {
    use tokio_socks::Error;
    let refused = |text: &str, hint: &'static str| {
        SocketError::new(Phase::Proxy, Cause::Proxy, text.to_owned()).with_hint(hint)
    };
    match error {
        Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            SocketError::new(Phase::Proxy, Cause::Eof, "unexpected EOF").with_hint(NO_SOCKS)
        }
        Error::Io(error) => {
            let cause = match error.kind() {
                std::io::ErrorKind::ConnectionReset => Cause::Reset,
                _ => Cause::Io,
            };
            SocketError::new(Phase::Proxy, cause, crate::socket::error::words(error))
        }
        Error::NoAcceptableAuthMethods if has_login => refused(
            "the SOCKS proxy takes no user and password",
            "give the proxy without them",
        ),
        Error::NoAcceptableAuthMethods => refused(
            "the SOCKS proxy wants a user and a password",
            "give them: socks5://user:password@host:port",
        ),
        Error::PasswordAuthFailure(_) => refused(
            "the SOCKS proxy does not take this user and password",
            "check them; special characters are percent-encoded",
        ),
        // What the library calls a reply that RFC 1928 does not know.
        Error::UnknownAuthMethod => refused("the SOCKS proxy says: unknown error", ""),
        Error::InvalidResponseVersion => refused("the answer is not one of SOCKS5", NO_SOCKS),
        reply => refused(
            &format!("the SOCKS proxy says: {}", reply.to_string().to_lowercase()),
            "",
        ),
    }
}

const NO_SOCKS: &str = "does a SOCKS5 proxy listen there?";

/// `host`, `host:port`, `[::1]`, `[::1]:port`.
fn split_port(text: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').unwrap_or(rest))),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = match port {
        None | Some("") => None,
        Some(port) => Some(port.parse().map_err(|_| "the port is none".to_owned())?),
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests;
