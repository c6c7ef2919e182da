//! The option `dns`: how long answers are kept, which address is chosen, and of which family.
//!
//! Pure: from what a resolver found to the order of trying. One address is chosen as in k6; the others stand
//! behind it, families in turn (RFC 8305 section 4), for the case that it does not answer.

use std::net::IpAddr;
use std::time::Duration;

/// How names are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DnsOptions {
    /// How long an answer is kept; `None` for ever, zero not at all.
    pub ttl: Option<Duration>,
    /// Which address is chosen.
    pub select: Select,
    /// Of which family.
    pub policy: Policy,
}

/// Which one of several addresses is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// The first.
    First,
    /// Any.
    Random,
    /// One after the other.
    RoundRobin,
}

/// Of which family addresses are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// IPv4 if there is any.
    PreferIpv4,
    /// IPv6 if there is any.
    PreferIpv6,
    /// IPv4, or the name does not resolve.
    OnlyIpv4,
    /// IPv6, or the name does not resolve.
    OnlyIpv6,
    /// Whichever.
    Any,
}

impl Default for DnsOptions {
    /// k6's.
    fn default() -> Self {
        Self {
            ttl: Some(Duration::from_secs(300)),
            select: Select::Random,
            policy: Policy::PreferIpv4,
        }
    }
}

impl Select {
    /// Every one, by its name in the options.
    pub const ALL: [(&str, Self); 3] = [
        ("first", Self::First),
        ("random", Self::Random),
        ("roundRobin", Self::RoundRobin),
    ];
}

impl Policy {
    /// Every one, by its name in the options.
    pub const ALL: [(&str, Self); 5] = [
        ("preferIPv4", Self::PreferIpv4),
        ("preferIPv6", Self::PreferIpv6),
        ("onlyIPv4", Self::OnlyIpv4),
        ("onlyIPv6", Self::OnlyIpv6),
        ("any", Self::Any),
    ];

    /// Its name in the options.
    pub fn as_str(self) -> &'static str {
        let named = Self::ALL.iter().find(|(_, policy)| *policy == self);
        named.map_or("any", |(name, _)| name)
    }
}

impl DnsOptions {
    /// The addresses in the order of trying; `turn` counts how often the name was resolved.
    pub fn order(&self, found: &[IpAddr], turn: usize) -> Vec<IpAddr> {
        let of = |is_v4: bool| -> Vec<IpAddr> {
            let family = found.iter().filter(|ip| ip.is_ipv4() == is_v4);
            family.copied().collect()
        };
        let (mut first, second) = match self.policy {
            Policy::PreferIpv4 => (of(true), of(false)),
            Policy::PreferIpv6 => (of(false), of(true)),
            Policy::OnlyIpv4 => (of(true), Vec::new()),
            Policy::OnlyIpv6 => (of(false), Vec::new()),
            Policy::Any => (found.to_vec(), Vec::new()),
        };
        let mut second = second;
        if first.is_empty() {
            std::mem::swap(&mut first, &mut second);
        }
        if first.is_empty() {
            return first;
        }
        let chosen = match self.select {
            Select::First => 0,
            Select::Random => rand::random_range(0..first.len()),
            Select::RoundRobin => turn % first.len(),
        };
        first.rotate_left(chosen);
        let mut others = second.into_iter();
        let mut ordered = Vec::with_capacity(found.len());
        for address in first {
            ordered.push(address);
            ordered.extend(others.next());
        }
        ordered.extend(others);
        ordered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(select: Select, policy: Policy) -> DnsOptions {
        DnsOptions {
            select,
            policy,
            ..DnsOptions::default()
        }
    }

    fn ordered(select: Select, policy: Policy, found: &[&str], turn: usize) -> Vec<String> {
        let found: Vec<IpAddr> = found.iter().map(|ip| ip.parse().unwrap()).collect();
        let ordered = options(select, policy).order(&found, turn);
        ordered.iter().map(ToString::to_string).collect()
    }

    const MIXED: [&str; 4] = ["::1", "1.0.0.1", "::2", "1.0.0.2"];

    #[test]
    fn a_policy_says_which_family_is_chosen_and_whether_the_other_stands_behind() {
        for (policy, expected) in [
            (Policy::PreferIpv4, "1.0.0.1 ::1 1.0.0.2 ::2"),
            (Policy::PreferIpv6, "::1 1.0.0.1 ::2 1.0.0.2"),
            (Policy::OnlyIpv4, "1.0.0.1 1.0.0.2"),
            (Policy::OnlyIpv6, "::1 ::2"),
            (Policy::Any, "::1 1.0.0.1 ::2 1.0.0.2"),
        ] {
            let order = ordered(Select::First, policy, &MIXED, 7);
            assert_eq!(order.join(" "), expected, "{}", policy.as_str());
        }
    }

    #[test]
    fn a_preferred_family_that_is_missing_leaves_the_other_and_an_only_one_nothing() {
        let v6 = ["::1", "::2"];
        assert_eq!(
            ordered(Select::First, Policy::PreferIpv4, &v6, 0),
            ["::1", "::2"]
        );
        assert!(ordered(Select::First, Policy::OnlyIpv4, &v6, 0).is_empty());
        assert!(ordered(Select::Random, Policy::Any, &[], 0).is_empty());
    }

    #[test]
    fn round_robin_takes_one_after_the_other_and_keeps_the_rest() {
        let order = |turn| ordered(Select::RoundRobin, Policy::PreferIpv4, &MIXED, turn).join(" ");
        assert_eq!(order(0), "1.0.0.1 ::1 1.0.0.2 ::2");
        assert_eq!(order(1), "1.0.0.2 ::1 1.0.0.1 ::2");
        assert_eq!(order(2), order(0));
    }

    #[test]
    fn random_takes_each_of_the_preferred_family_sooner_or_later_and_no_other() {
        let mut chosen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let order = ordered(Select::Random, Policy::PreferIpv4, &MIXED, 0);
            assert_eq!(order.len(), 4);
            chosen.insert(order[0].clone());
        }
        assert_eq!(
            chosen.into_iter().collect::<Vec<_>>(),
            ["1.0.0.1", "1.0.0.2"]
        );
    }
}
