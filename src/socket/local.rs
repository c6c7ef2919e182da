//! The addresses that connections come from: which there are, and which one is next.
//!
//! Each target sees some 28,000 ports of one address; more connections need more addresses. The one with the
//! fewest open connections is next, of several the one that rested longest: its closed connections have had the
//! most time to go.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Addresses kept of all ranges together; a `/16` of IPv4.
const MAX_ADDRESSES: usize = 65_536;

/// Addresses as a user names them: single ones, `10.0.0.1-10.0.0.9`, `10.0.0.0/24`; the first 65,536 of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalAddresses(Vec<IpAddr>);

impl LocalAddresses {
    /// Reads addresses, ranges and networks with commas between. A network begins at the address given.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut found = Vec::new();
        for word in text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            let (first, last) = range(word)?;
            add(&mut found, first, last);
        }
        if found.is_empty() {
            return Err("expected an IP address, a range or a network".into());
        }
        Ok(Self(found))
    }

    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "there is one at least")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

fn range(word: &str) -> Result<(IpAddr, IpAddr), String> {
    let refuse = || format!("{word:?} is no IP address, range or network");
    let ip = |text: &str| text.trim().parse::<IpAddr>().map_err(|_| refuse());
    if let Some((first, last)) = word.split_once('-') {
        let (first, last) = (ip(first)?, ip(last)?);
        if first.is_ipv4() != last.is_ipv4() || first > last {
            return Err(format!("{word:?} ends before it begins"));
        }
        return Ok((first, last));
    }
    let Some((first, prefix)) = word.split_once('/') else {
        return ip(word).map(|ip| (ip, ip));
    };
    let prefix: u32 = prefix.parse().map_err(|_| refuse())?;
    match ip(first)? {
        IpAddr::V4(first) if prefix <= 32 => {
            let hosts = u32::MAX.checked_shr(prefix).unwrap_or(0);
            let last = Ipv4Addr::from_bits(first.to_bits() | hosts);
            Ok((first.into(), last.into()))
        }
        IpAddr::V6(first) if prefix <= 128 => {
            let hosts = u128::MAX.checked_shr(prefix).unwrap_or(0);
            let last = Ipv6Addr::from_bits(first.to_bits() | hosts);
            Ok((first.into(), last.into()))
        }
        _ => Err(refuse()),
    }
}

fn add(found: &mut Vec<IpAddr>, first: IpAddr, last: IpAddr) {
    let room = MAX_ADDRESSES.saturating_sub(found.len());
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            let all = first.to_bits()..=last.to_bits();
            found.extend(all.take(room).map(|bits| IpAddr::V4(bits.into())));
        }
        (IpAddr::V6(first), IpAddr::V6(last)) => {
            let all = first.to_bits()..=last.to_bits();
            found.extend(all.take(room).map(|bits| IpAddr::V6(bits.into())));
        }
        _ => {}
    }
}

/// The addresses in use, and how much each is.
#[derive(Debug)]
pub struct Pool {
    v4: Mutex<Family>,
    v6: Mutex<Family>,
}

#[derive(Debug, Default)]
struct Family {
    addresses: Vec<IpAddr>,
    /// For each address: connections open, and when it was last taken.
    uses: Vec<(u32, u64)>,
    /// The same with its position, the next one first.
    order: BTreeSet<(u32, u64, usize)>,
    taken: u64,
}

/// The right to connect from an address; given back when dropped.
#[derive(Debug)]
pub struct Lease {
    /// The address.
    pub address: IpAddr,
    pool: Arc<Pool>,
    position: usize,
}

impl Pool {
    /// With all addresses free.
    pub fn new(addresses: &LocalAddresses) -> Arc<Self> {
        let of = |is_v4: bool| {
            let own = addresses.0.iter().filter(|ip| ip.is_ipv4() == is_v4);
            Mutex::new(Family::new(own.copied().collect()))
        };
        Arc::new(Self {
            v4: of(true),
            v6: of(false),
        })
    }

    /// The address that the next connection comes from; none if there is none of this family.
    pub fn take(self: &Arc<Self>, is_v4: bool) -> Option<Lease> {
        let mut family = self.family(is_v4);
        let (count, _, position) = family.order.pop_first()?;
        family.taken += 1;
        let taken = family.taken;
        family.put(position, count + 1, taken);
        Some(Lease {
            address: family.addresses[position],
            pool: self.clone(),
            position,
        })
    }

    fn family(&self, is_v4: bool) -> MutexGuard<'_, Family> {
        let family = if is_v4 { &self.v4 } else { &self.v6 };
        family.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Family {
    fn new(addresses: Vec<IpAddr>) -> Self {
        Self {
            uses: vec![(0, 0); addresses.len()],
            order: (0..addresses.len()).map(|at| (0, 0, at)).collect(),
            addresses,
            taken: 0,
        }
    }

    fn put(&mut self, position: usize, count: u32, taken: u64) {
        self.uses[position] = (count, taken);
        self.order.insert((count, taken, position));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut family = self.pool.family(self.address.is_ipv4());
        let (count, taken) = family.uses[self.position];
        family.order.remove(&(count, taken, self.position));
        family.put(self.position, count.saturating_sub(1), taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        let parsed = LocalAddresses::parse(text).unwrap();
        parsed.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn addresses_are_named_one_by_one_as_ranges_or_as_networks() {
        assert_eq!(
            addresses("127.0.0.1, 10.0.0.8-10.0.0.10,fd00::/127"),
            [
                "127.0.0.1",
                "10.0.0.8",
                "10.0.0.9",
                "10.0.0.10",
                "fd00::",
                "fd00::1"
            ]
        );
        assert_eq!(addresses("192.168.0.0/16").len(), 65_536);
        assert_eq!(addresses("192.168.0.10/16").len(), 65_526, "as in k6");
        assert_eq!(addresses("fd00::3/120").len(), 253, "as in k6");
        assert_eq!(addresses("10.0.0.1/32"), ["10.0.0.1"]);
        assert_eq!(addresses("::/0,10.0.0.1").len(), MAX_ADDRESSES);
        assert_eq!(addresses("0.0.0.0/0").len(), MAX_ADDRESSES);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            ",",
            "a",
            "10.0.0.9-10.0.0.1",
            "10.0.0.1-::1",
            "10.0.0.0/33",
            "::/129",
            "1/2",
            "10.0.0.1-",
        ] {
            assert!(LocalAddresses::parse(text).is_err(), "{text}");
        }
    }

    fn pool(text: &str) -> Arc<Pool> {
        Pool::new(&LocalAddresses::parse(text).unwrap())
    }

    #[test]
    fn the_least_used_address_is_next() {
        let pool = pool("10.0.0.1-10.0.0.3");
        let take = || pool.take(true).unwrap();
        let mut held: Vec<Lease> = (0..6).map(|_| take()).collect();
        let taken: Vec<_> = held.iter().map(|one| one.address.to_string()).collect();
        let round = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
        assert_eq!(taken, [round, round].concat());
        drop(held.remove(4));
        assert_eq!(take().address.to_string(), "10.0.0.2");
    }

    #[test]
    fn of_several_the_one_that_rested_longest_is_next() {
        let pool = pool("10.0.0.1-10.0.0.3");
        let taken: Vec<_> = (0..4).map(|_| pool.take(true).unwrap().address).collect();
        let shown: Vec<_> = taken.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1"]);
    }

    #[test]
    fn each_family_has_its_own() {
        let pool = pool("10.0.0.1,fd00::1");
        assert_eq!(pool.take(false).unwrap().address.to_string(), "fd00::1");
        assert_eq!(pool.take(true).unwrap().address.to_string(), "10.0.0.1");
        let only_v4 = self::pool("10.0.0.1");
        assert!(only_v4.take(false).is_none());
    }
}
