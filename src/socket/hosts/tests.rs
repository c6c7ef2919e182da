//! The table of the contract: names, ports, wildcards, addresses, blocked and blacklisted.

use super::*;

fn rules(hosts: &[(&str, &str)], blocked: &[&str], blacklisted: &[&str]) -> HostRules {
    HostRules {
        hosts: hosts
            .iter()
            .map(|(pattern, target)| {
                let pattern = HostPattern::parse(pattern).unwrap();
                (pattern, HostTarget::parse(target).unwrap())
            })
            .collect(),
        blocked: blocked
            .iter()
            .map(|text| HostPattern::parse(text).unwrap())
            .collect(),
        blacklisted: blacklisted
            .iter()
            .map(|text| Network::parse(text).unwrap())
            .collect(),
    }
}

fn routed(rules: &HostRules, host: &str, port: u16) -> String {
    let route = rules.route(host, port).and_then(|route| {
        if let Some(address) = route {
            rules.check(address.ip())?;
        }
        Ok(route)
    });
    match route {
        Ok(Some(address)) => address.to_string(),
        Ok(None) => "resolve".into(),
        Err(error) => error.text,
    }
}

#[test]
fn names_lead_where_hosts_says() {
    let rules = rules(
        &[
            ("example.com", "3.4.5.6"),
            ("example.com:443", "3.4.5.6:8443"),
            ("example.com:8080", "3.4.5.6:9090"),
            ("example-deny.com", "8.9.10.11"),
            ("ipv6.example.com", "2001:db8::68"),
            ("ipv6.example.com:443", "[2001:db8::68]:8443"),
            ("ipv6-deny.com", "::1"),
            ("*.wild.org", "1.2.3.4"),
            ("a.wild.org", "1.2.3.5"),
        ],
        &[],
        &["8.9.10.0/24", "::1/24"],
    );
    for (host, port, expected) in [
        ("example-resolver.com", 80, "resolve"),
        ("example.com", 80, "3.4.5.6:80"),
        ("example.com", 443, "3.4.5.6:8443"),
        ("EXAMPLE.com", 8080, "3.4.5.6:9090"),
        ("1.2.3.4", 80, "1.2.3.4:80"),
        ("1.2.3.4", 443, "1.2.3.4:443"),
        ("ipv6.example.com", 80, "[2001:db8::68]:80"),
        ("ipv6.example.com", 443, "[2001:db8::68]:8443"),
        ("2001:db8::68", 80, "[2001:db8::68]:80"),
        ("2001:db8::68", 443, "[2001:db8::68]:443"),
        (
            "example-deny.com",
            80,
            "IP (8.9.10.11) is in a blacklisted range (8.9.10.0/24)",
        ),
        (
            "8.9.10.11",
            80,
            "IP (8.9.10.11) is in a blacklisted range (8.9.10.0/24)",
        ),
        (
            "ipv6-deny.com",
            80,
            "IP (::1) is in a blacklisted range (::1/24)",
        ),
        ("b.wild.org", 80, "1.2.3.4:80"),
        ("a.wild.org", 80, "1.2.3.5:80"),
        ("wild.org", 80, "resolve"),
    ] {
        assert_eq!(routed(&rules, host, port), expected, "{host}:{port}");
    }
}

#[test]
fn blocked_names_are_blocked_even_where_hosts_knows_them_and_addresses_never() {
    let all = rules(&[("known.example", "127.0.0.1")], &["*"], &[]);
    assert_eq!(
        routed(&all, "known.example", 80),
        "hostname (known.example) is in a blocked pattern (*)"
    );
    assert_eq!(routed(&all, "127.0.0.1", 80), "127.0.0.1:80");
    assert_eq!(routed(&all, "::1", 80), "[::1]:80");
    let some = rules(&[], &["*.Example.com", "exact.org"], &[]);
    assert_eq!(
        routed(&some, "www.example.COM", 80),
        "hostname (www.example.COM) is in a blocked pattern (*.Example.com)"
    );
    for free in ["example.com", "www.exact.org", "other.org"] {
        assert_eq!(routed(&some, free, 80), "resolve");
    }
}

#[test]
fn what_is_no_rule_is_refused() {
    for text in ["", "a*b", "*.a.*", "host:port", "host:70000"] {
        assert!(HostPattern::parse(text).is_err(), "{text}");
    }
    for text in ["", "name", "1.2.3.4:", "1.2.3", "::1:80:"] {
        assert!(HostTarget::parse(text).is_err(), "{text}");
    }
    for text in [
        "",
        "10.0.0.0/33",
        "::/129",
        "10.0.0/8",
        "10.0.0.0/-1",
        "a/8",
    ] {
        assert!(Network::parse(text).is_err(), "{text}");
    }
    for text in ["0.0.0.0/0", "::/0", "127.0.0.1", "::1", "10.0.0.0/8"] {
        assert!(Network::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn ranges_contain_what_they_say() {
    let contains =
        |range: &str, ip: &str| Network::parse(range).unwrap().contains(ip.parse().unwrap());
    assert!(contains("10.0.0.0/8", "10.255.0.1") && !contains("10.0.0.0/8", "11.0.0.1"));
    assert!(contains("0.0.0.0/0", "255.1.2.3") && contains("::/0", "2001:db8::1"));
    assert!(contains("127.0.0.1", "127.0.0.1") && !contains("127.0.0.1", "127.0.0.2"));
    assert!(contains("2001:db8::/32", "2001:db8::9") && !contains("2001:db8::/32", "2001:db9::"));
    assert!(!contains("0.0.0.0/0", "::1"));
    assert!(
        contains("127.0.0.0/8", "::ffff:127.0.0.1") && contains("127.0.0.0/8", "::ffff:7f00:1")
    );
    assert!(contains("::ffff:127.0.0.0/104", "127.9.9.9") && contains("::ffff:0:0/96", "1.2.3.4"));
    assert!(
        contains("::ffff:127.0.0.0/104", "::ffff:127.9.9.9") && contains("::/0", "::ffff:1.2.3.4")
    );
    assert!(!contains("::ffff:127.0.0.0/104", "128.0.0.1") && !contains("::/0", "1.2.3.4"));
}
