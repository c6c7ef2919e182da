//! What a connection and its run say of TLS, and what follows from both.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::fault::TlsFault;
use super::identity::Identity;
use super::material::Roots;
use super::terms::Terms;
use crate::socket::hosts::HostPattern;

/// What a connection does. Equal settings share one configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TlsSettings {
    /// The authorities to trust instead of the system's.
    pub roots: Option<Arc<Roots>>,
    /// As whom we ask, if the server wants to know.
    pub identity: Option<Arc<Identity>>,
    /// Accept any certificate. Only for tests against servers one owns.
    pub insecure_skip_verify: bool,
    /// The name the certificate must carry and that SNI sends, when not the host of the URL.
    pub server_name: Option<Arc<str>>,
    /// Versions and cipher suites.
    pub terms: Terms,
    /// Protocols to offer (ALPN); none for raw TCP, where some servers refuse what they do not know.
    pub alpn: Vec<String>,
    /// Take up sessions again that an earlier connection of the same settings had.
    pub resume: bool,
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self {
            roots: None,
            identity: None,
            insecure_skip_verify: false,
            server_name: None,
            terms: Terms::default(),
            alpn: Vec::new(),
            resume: true,
        }
    }
}

/// What a script says of one connection; what is `None` is as the run says.
#[derive(Clone, Debug, Default)]
pub struct TlsGiven {
    /// See [`TlsSettings::roots`].
    pub roots: Option<Arc<Roots>>,
    /// See [`TlsSettings::identity`].
    pub identity: Option<Arc<Identity>>,
    /// See [`TlsSettings::insecure_skip_verify`].
    pub insecure_skip_verify: Option<bool>,
    /// See [`TlsSettings::server_name`].
    pub server_name: Option<Arc<str>>,
    /// See [`TlsSettings::terms`].
    pub terms: Terms,
    /// See [`TlsSettings::alpn`]; `None` is the usual of the protocol above.
    pub alpn: Option<Vec<String>>,
    /// See [`TlsSettings::resume`].
    pub resume: Option<bool>,
}

impl TlsGiven {
    /// What a connection to `host` does in a run that says `run`, offering `alpn` unless told otherwise.
    fn resolve(
        &self,
        run: &TlsDefaults,
        (host, port): (&str, u16),
        alpn: &[&str],
    ) -> Result<TlsSettings, TlsFault> {
        let usual = || alpn.iter().map(|&name| name.to_owned()).collect();
        let identity = self.identity.clone();
        let terms = self.terms.over(&run.terms);
        terms.check()?;
        Ok(TlsSettings {
            roots: self.roots.clone(),
            identity: identity.or_else(|| run.identity(host, port)),
            insecure_skip_verify: self
                .insecure_skip_verify
                .unwrap_or(run.insecure_skip_verify),
            server_name: self.server_name.clone(),
            terms,
            alpn: self.alpn.clone().unwrap_or_else(usual),
            resume: self.resume.unwrap_or(true),
        })
    }
}

/// What the options of a run say.
#[derive(Clone, Debug, Default)]
pub struct TlsDefaults {
    /// See [`TlsSettings::insecure_skip_verify`].
    pub insecure_skip_verify: bool,
    /// See [`TlsSettings::terms`].
    pub terms: Terms,
    /// Client certificates.
    pub auth: Vec<TlsAuth>,
}

/// What a run says of TLS, and what became of it.
#[derive(Debug, Default)]
pub struct RunTls {
    defaults: TlsDefaults,
    is_unverified: AtomicBool,
}

impl RunTls {
    /// No connection was made yet.
    pub fn new(defaults: TlsDefaults) -> Self {
        Self {
            defaults,
            is_unverified: AtomicBool::new(false),
        }
    }

    /// What a connection of the run does, see [`TlsGiven::resolve`]. One that trusts everybody is noted.
    pub fn resolve(
        &self,
        given: &TlsGiven,
        host: (&str, u16),
        alpn: &[&str],
    ) -> Result<TlsSettings, TlsFault> {
        let settings = given.resolve(&self.defaults, host, alpn)?;
        if settings.insecure_skip_verify {
            self.is_unverified.store(true, Ordering::Relaxed);
        }
        Ok(settings)
    }

    /// Whether a connection accepted any certificate.
    pub fn is_unverified(&self) -> bool {
        self.is_unverified.load(Ordering::Relaxed)
    }
}

/// A client certificate, and for whom it is.
#[derive(Clone, Debug)]
pub struct TlsAuth {
    /// The certificate.
    pub identity: Arc<Identity>,
    /// Hosts it is shown to; everybody if empty.
    pub domains: Vec<HostPattern>,
}

impl TlsDefaults {
    /// The certificate for a host: the one that names it most closely, the first of equals.
    fn identity(&self, host: &str, port: u16) -> Option<Arc<Identity>> {
        let mut best = None;
        for auth in &self.auth {
            let fits = auth
                .domains
                .iter()
                .filter(|domain| domain.matches(host, port));
            let rank = fits.map(HostPattern::rank).max();
            if (rank.is_some() || auth.domains.is_empty())
                && best.as_ref().is_none_or(|(known, _)| *known < rank)
            {
                best = Some((rank, &auth.identity));
            }
        }
        best.map(|(_, identity)| identity.clone())
    }
}
