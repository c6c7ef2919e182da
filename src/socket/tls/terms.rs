//! What may be negotiated: versions and cipher suites, by the names people write.

use std::sync::Arc;

use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};

use super::fault::TlsFault;
use super::provider::PROVIDER;

/// A version that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Version {
    Tls12,
    Tls13,
}

/// Limits of what is negotiated; what is `None` is as the library has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Terms {
    least: Option<Version>,
    most: Option<Version>,
    /// By their numbers.
    suites: Option<Arc<[u16]>>,
}

impl Terms {
    /// Reads names; that the terms can be met is known when they stand alone or over those of the run.
    pub fn read(
        least: Option<&str>,
        most: Option<&str>,
        suites: Option<&[String]>,
    ) -> Result<Self, TlsFault> {
        let version = |key, name: Option<&str>| name.map(|name| version(key, name)).transpose();
        let terms = Self {
            least: version("min_version", least)?,
            most: version("max_version", most)?,
            suites: suites.map(numbers).transpose()?,
        };
        terms.check()?;
        Ok(terms)
    }

    /// These, and where they say nothing, those of `base`. Both ends of the versions go together.
    pub(super) fn over(&self, base: &Self) -> Self {
        let (least, most) = match (self.least, self.most) {
            (None, None) => (base.least, base.most),
            own => own,
        };
        Self {
            least,
            most,
            suites: self.suites.clone().or_else(|| base.suites.clone()),
        }
    }

    /// Whether anything is left to offer.
    pub(super) fn check(&self) -> Result<(), TlsFault> {
        if let (Some(least), Some(most)) = (self.least, self.most)
            && least > most
        {
            return Err(TlsFault::new("min_version", "is above max_version"));
        }
        let (provider, versions) = self.provider();
        let fits = |version: &&SupportedProtocolVersion| {
            let mut suites = provider.cipher_suites.iter();
            suites.any(|suite| suite.version() == *version)
        };
        if versions.iter().any(fits) {
            return Ok(());
        }
        let text = "none of these cipher suites belongs to the versions of TLS that are allowed";
        Err(TlsFault::new("cipher_suites", text).with_hint(known()))
    }

    /// The cryptography and the versions that a configuration is built of.
    pub(super) fn provider(&self) -> (Arc<CryptoProvider>, Vec<&'static SupportedProtocolVersion>) {
        let within = |version: Version| {
            self.least.is_none_or(|least| least <= version)
                && self.most.is_none_or(|most| version <= most)
        };
        let mut versions = Vec::new();
        if within(Version::Tls13) {
            versions.push(&TLS13);
        }
        if within(Version::Tls12) {
            versions.push(&TLS12);
        }
        let provider = match &self.suites {
            None => PROVIDER.clone(),
            Some(wanted) => {
                let mut provider = CryptoProvider::clone(&PROVIDER);
                let place = |suite: &rustls::SupportedCipherSuite| {
                    let number = u16::from(suite.suite());
                    wanted.iter().position(|one| *one == number)
                };
                provider
                    .cipher_suites
                    .retain(|suite| place(suite).is_some());
                provider.cipher_suites.sort_by_key(place);
                Arc::new(provider)
            }
        };
        (provider, versions)
    }
}

fn version(key: &'static str, name: &str) -> Result<Version, TlsFault> {
    match name {
        "tls1.2" => Ok(Version::Tls12),
        "tls1.3" => Ok(Version::Tls13),
        "ssl3.0" | "tls1.0" | "tls1.1" => {
            let text = format!("{name} is no longer spoken: it is not safe");
            Err(TlsFault::new(key, text).with_hint(VERSIONS))
        }
        _ => {
            let text = format!("{name:?} is no version of TLS");
            Err(TlsFault::new(key, text).with_hint(VERSIONS))
        }
    }
}

fn numbers(names: &[String]) -> Result<Arc<[u16]>, TlsFault> {
    if names.is_empty() {
        return Err(TlsFault::new("cipher_suites", "the list is empty").with_hint(known()));
    }
    names.iter().map(|name| number(name)).collect()
}

fn number(name: &str) -> Result<u16, TlsFault> {
    let found = PROVIDER.cipher_suites.iter().find(|suite| {
        let iana = iana(suite);
        // Go's older constants leave out the hash of the ChaCha suites.
        iana == name
            || iana
                .strip_suffix("_SHA256")
                .is_some_and(|short| short == name && short.ends_with("POLY1305"))
    });
    found.map(|suite| u16::from(suite.suite())).ok_or_else(|| {
        TlsFault::new(
            "cipher_suites",
            format!("{name:?} is not a cipher suite that is offered"),
        )
        .with_hint(known())
    })
}

/// The name in the registry of IANA; rustls has its own for those of TLS 1.3.
fn iana(suite: &rustls::SupportedCipherSuite) -> String {
    let name = format!("{:?}", suite.suite());
    name.replace("TLS13_", "TLS_")
}

fn known() -> String {
    let names: Vec<String> = PROVIDER.cipher_suites.iter().map(iana).collect();
    format!("there are {}", names.join(", "))
}

const VERSIONS: &str = "there are tls1.2 and tls1.3";
