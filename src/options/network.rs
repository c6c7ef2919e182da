//! Which hosts a run may reach, and where their names lead.

use super::error::ConfigError;
use super::merge::Merged;
use crate::socket::hosts::{HostPattern, HostRules, HostTarget, Network};

/// Reads `hosts`, `blockHostnames` and `blacklistIPs`.
pub(super) fn host_rules(merged: &Merged) -> Result<HostRules, ConfigError> {
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
