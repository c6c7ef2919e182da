//! Which hosts a run may reach, where their names lead, and how names are resolved.

use std::time::Duration;

use super::error::ConfigError;
use super::field::Field;
use super::merge::Merged;
use super::nearest::nearest;
use crate::socket::dial::dns::{DnsOptions, Policy, Select};
use crate::socket::dial::routes::NetworkOptions;
use crate::socket::hosts::{HostPattern, HostRules, HostTarget, Network};
use crate::socket::local::LocalAddresses;

/// Reads everything about the network but TLS.
pub(super) fn network(merged: &Merged) -> Result<NetworkOptions, ConfigError> {
    Ok(NetworkOptions {
        hosts: host_rules(merged)?,
        dns: merged
            .get("dns")
            .map_or_else(|| Ok(DnsOptions::default()), dns)?,
        local: merged
            .get("local_ips")
            .map(local_ips)
            .transpose()?
            .flatten(),
    })
}

/// Reads `localIPs`: addresses, ranges and networks; none is the system's choice.
fn local_ips(field: &Field) -> Result<Option<LocalAddresses>, ConfigError> {
    // One text is what the command line takes; from a script it is as clear.
    let words = match field.value.as_str() {
        Some(_) => vec![field.clone()],
        None => field.words()?,
    };
    let mut all = Vec::with_capacity(words.len());
    for word in &words {
        let text = word.text()?;
        LocalAddresses::parse(text).map_err(|why| word.refuse(why))?;
        all.push(text);
    }
    if all.is_empty() {
        return Ok(None);
    }
    let addresses = LocalAddresses::parse(&all.join(","));
    addresses.map(Some).map_err(|why| field.refuse(why))
}

/// Reads `hosts`, `blockHostnames` and `blacklistIPs`.
fn host_rules(merged: &Merged) -> Result<HostRules, ConfigError> {
    let mut rules = HostRules::default();
    if let Some(field) = merged.get("hosts") {
        for (name, target) in field.text_map()? {
            let refuse = |message: String| field.refuse(format!("{name}: {message}"));
            let pattern = HostPattern::parse(&name).map_err(refuse)?;
            let target = HostTarget::parse(&target).map_err(refuse)?;
            rules.hosts.push((pattern, target));
        }
    }
    if let Some(field) = merged.get("block_hostnames") {
        for word in field.words()? {
            let pattern = HostPattern::parse(word.text()?);
            rules
                .blocked
                .push(pattern.map_err(|message| word.refuse(message))?);
        }
    }
    if let Some(field) = merged.get("blacklist_ips") {
        for word in field.words()? {
            let network = Network::parse(word.text()?);
            rules
                .blacklisted
                .push(network.map_err(|message| word.refuse(message))?);
        }
    }
    Ok(rules)
}

/// Reads `dns`: an object, or text such as `ttl=5m,select=first,policy=any`. What is left out is k6's default.
fn dns(field: &Field) -> Result<DnsOptions, ConfigError> {
    let mut options = DnsOptions::default();
    for (name, value) in fields(field)? {
        match name.as_str() {
            "ttl" => options.ttl = ttl(&value)?,
            "select" => options.select = one_of(&value, &Select::ALL)?,
            "policy" => options.policy = one_of(&value, &Policy::ALL)?,
            _ => {
                let refused = value.refuse("no such part of dns");
                let hint = nearest(&name, DNS_PARTS).map_or_else(
                    || format!("known are {}", DNS_PARTS.join(", ")),
                    |name| format!("did you mean '{name}'?"),
                );
                return Err(refused.with_hint(hint));
            }
        }
    }
    Ok(options)
}

const DNS_PARTS: [&str; 3] = ["ttl", "select", "policy"];

fn fields(field: &Field) -> Result<Vec<(String, Field)>, ConfigError> {
    if !field.value.is_string() {
        return field.entries();
    }
    let text = field.text()?;
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let pair = |word: &str| {
        let (name, value) = word
            .split_once('=')
            .ok_or_else(|| field.refuse("expected ttl=…,select=…,policy=…"))?;
        let path = format!("{}.{name}", field.path);
        Ok((name.to_owned(), field.part(path, &value.into())))
    };
    words.map(pair).collect()
}

/// `inf`, `0`, or a duration; a bare number is milliseconds.
fn ttl(field: &Field) -> Result<Option<Duration>, ConfigError> {
    match field.value.as_str().map(str::trim) {
        Some("inf") => Ok(None),
        Some("") => Ok(DnsOptions::default().ttl),
        text => {
            // As in k6, also where other options want a unit.
            let millis = text.and_then(|text| text.parse::<f64>().ok());
            let bare = millis.map(|millis| field.part(field.path.clone(), &millis.into()));
            let field = bare.as_ref().unwrap_or(field);
            field.duration(Duration::ZERO).map(Some)
        }
    }
}

fn one_of<T: Copy>(field: &Field, known: &[(&'static str, T)]) -> Result<T, ConfigError> {
    let text = field.text()?;
    let found = known.iter().find(|(name, _)| *name == text);
    let names = || known.iter().map(|(name, _)| *name);
    found.map(|(_, one)| *one).ok_or_else(|| {
        let expected = names().collect::<Vec<_>>().join(", ");
        let refused = field.refuse(format!("expected one of {expected}"));
        match nearest(text, names()) {
            Some(name) => refused.with_hint(format!("did you mean '{name}'?")),
            None => refused,
        }
    })
}
