//! What the options of a run say of TLS: `tlsAuth`, `tlsVersion`, `tlsCipherSuites`, `insecureSkipTLSVerify`.
//!
//! Their meaning belongs to `socket::tls`, which also reads the certificates, so that a wrong one is found
//! before the run; here a fault is laid to the option and its author.

use std::sync::Arc;

use super::block::Block;
use super::error::ConfigError;
use super::field::Field;
use super::merge::Merged;
use super::names::{Name, TLS_AUTH, TLS_VERSION};
use super::nearest::nearest;
use crate::socket::hosts::HostPattern;
use crate::socket::tls::{Identity, Terms, TlsAuth, TlsDefaults, TlsFault};

/// All four options.
pub(super) fn defaults(merged: &Merged) -> Result<TlsDefaults, ConfigError> {
    let mut defaults = TlsDefaults {
        insecure_skip_verify: merged
            .get("insecure_skip_tls_verify")
            .map_or(Ok(false), Field::flag)?,
        terms: terms(merged)?,
        auth: Vec::new(),
    };
    if let Some(field) = merged.get("tls_auth") {
        for item in field.items()? {
            defaults.auth.push(auth(&item)?);
        }
    }
    Ok(defaults)
}

fn terms(merged: &Merged) -> Result<Terms, ConfigError> {
    let (mut least, mut most) = (None, None);
    let version = merged.get("tls_version");
    let limits;
    match version {
        Some(field) if field.value.is_object() => {
            limits = known(field, TLS_VERSION)?;
            // Empty stands for any, as in k6.
            least = text(&limits, "min")?.filter(|name| !name.is_empty());
            most = text(&limits, "max")?.filter(|name| !name.is_empty());
        }
        Some(field) => {
            least = Some(field.text()?);
            most = least;
        }
        None => {}
    }
    // Each option by itself first, so that the right one is blamed.
    if let Some(field) = version {
        Terms::read(least, most, None).map_err(|fault| blame(field, fault))?;
    }
    let suites = match merged.get("tls_cipher_suites") {
        // An empty list says nothing, as in k6.
        Some(field) if !field.is_inert() => {
            let words = field.words()?;
            let names: Result<Vec<String>, _> = words
                .iter()
                .map(|word| word.text().map(str::to_owned))
                .collect();
            Some((field, names?))
        }
        _ => None,
    };
    match suites {
        Some((field, names)) => {
            Terms::read(least, most, Some(&names)).map_err(|fault| blame(field, fault))
        }
        None => Terms::read(least, most, None).map_err(|fault| match version {
            Some(field) => blame(field, fault),
            None => ConfigError::new("tlsVersion", None, super::Source::Default, fault.text),
        }),
    }
}

fn auth(item: &Field) -> Result<TlsAuth, ConfigError> {
    let said = known(item, TLS_AUTH)?;
    let Some(cert) = text_of_lines(&said, "cert")? else {
        return Err(item.refuse("a client certificate needs 'cert' and 'key'"));
    };
    let key = text_of_lines(&said, "key")?;
    let password = text_of_lines(&said, "password")?;
    let identity = Identity::read(cert, key, password).map_err(|fault| {
        let path = format!("{}.{}", item.path, fault.key);
        let at = said
            .get(fault.key)
            .cloned()
            .unwrap_or_else(|| item.part(path, &item.value));
        let error = at.refuse(fault.text);
        if fault.hint.is_empty() {
            error
        } else {
            error.with_hint(fault.hint)
        }
    })?;
    let mut domains = Vec::new();
    if let Some(field) = said.get("domains") {
        for word in field.words()? {
            let pattern = HostPattern::parse(word.text()?);
            domains.push(pattern.map_err(|message| word.refuse(message))?);
        }
    }
    Ok(TlsAuth {
        identity: Arc::new(identity),
        domains,
    })
}

/// The entries of an object that may say these things only.
fn known(field: &Field, names: &'static [Name]) -> Result<Block, ConfigError> {
    let names: Vec<_> = names.iter().collect();
    let block = Block::read(&field.path, field.source, field.object()?, &names)?;
    let Some((key, unknown)) = block.unknown.first() else {
        return Ok(block);
    };
    let error = unknown.refuse("there is no such key");
    let guess = nearest(key, names.iter().map(|name| name.like(key)));
    Err(match guess {
        Some(guess) => error.with_hint(format!("did you mean '{guess}'?")),
        None => error,
    })
}

fn text<'a>(block: &'a Block, name: &str) -> Result<Option<&'a str>, ConfigError> {
    block.get(name).map(Field::text).transpose()
}

/// Text with any characters: PEM has line ends, which no other text of an option may have.
fn text_of_lines<'a>(block: &'a Block, name: &str) -> Result<Option<&'a str>, ConfigError> {
    let one = |field: &'a Field| {
        let wrong = || field.refuse("expected text");
        field.value.as_str().ok_or_else(wrong)
    };
    block.get(name).map(one).transpose()
}

fn blame(field: &Field, fault: TlsFault) -> ConfigError {
    let error = field.refuse(fault.text);
    if fault.hint.is_empty() {
        error
    } else {
        error.with_hint(fault.hint)
    }
}
