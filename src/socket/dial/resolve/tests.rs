//! Resolvers over a scripted network, with the clock paused; the system's for what only it can show.

use std::time::Duration;

use super::*;
use crate::socket::dial::dns::{Policy, Select};
use crate::socket::dial::system::scripted::Network;

const SECOND: Duration = Duration::from_secs(1);

/// A resolver for which every name of the tests has this answer, a second after it was asked.
fn resolver(
    answer: Result<&[&str], &'static str>,
    options: DnsOptions,
) -> (Resolver, Arc<Network>) {
    let network =
        Network::new()
            .name("a.example", SECOND, answer)
            .name("b.example", SECOND, answer);
    let network = Arc::new(network);
    let resolver = Resolver::asking(System::Scripted(network.clone()), options);
    (resolver, network)
}

fn kept_for(ttl: Option<Duration>) -> DnsOptions {
    DnsOptions {
        ttl,
        select: Select::First,
        policy: Policy::PreferIpv4,
    }
}

async fn asked_after(ttl: Option<Duration>, rest: Duration) -> usize {
    let (resolver, network) = resolver(Ok(&["192.0.2.1"]), kept_for(ttl));
    resolver.resolve("a.example").await.unwrap();
    tokio::time::advance(rest).await;
    resolver.resolve("a.example").await.unwrap();
    network.journal().len()
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_for_the_ttl() {
    assert_eq!(asked_after(Some(300 * SECOND), 299 * SECOND).await, 1);
    assert_eq!(asked_after(Some(300 * SECOND), 300 * SECOND).await, 2);
    assert_eq!(asked_after(None, 1_000_000 * SECOND).await, 1, "inf");
    assert_eq!(asked_after(Some(Duration::ZERO), Duration::ZERO).await, 2);
}

#[tokio::test(start_paused = true)]
async fn many_that_ask_at_once_share_a_question_and_its_failure() {
    for answer in [Ok(&["192.0.2.1"][..]), Err("no answer")] {
        let is_found = answer.is_ok();
        let (resolver, network) = resolver(answer, kept_for(Some(SECOND)));
        let resolver = Arc::new(resolver);
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..1000 {
            let resolver = resolver.clone();
            all.spawn(async move { resolver.resolve("a.example").await });
        }
        for result in all.join_all().await {
            assert_eq!(result.is_ok(), is_found);
        }
        assert_eq!(network.journal(), ["0 ms: lookup a.example"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_not_kept() {
    let (resolver, network) = resolver(Err("no answer"), kept_for(None));
    for _ in 0..2 {
        let error = resolver.resolve("a.example").await.unwrap_err();
        assert_eq!(error.text, "lookup a.example: no such host");
        assert!(
            error.hint.ends_with("the system says no answer"),
            "{}",
            error.hint
        );
    }
    assert_eq!(
        network.journal(),
        ["0 ms: lookup a.example", "1000 ms: lookup a.example"]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_gives_up_leaves_the_question_to_the_next() {
    let (resolver, network) = resolver(Ok(&["192.0.2.1"]), kept_for(None));
    let impatient = tokio::time::timeout(SECOND / 2, resolver.resolve("a.example"));
    assert!(impatient.await.is_err());
    assert_eq!(resolver.resolve("a.example").await.unwrap().len(), 1);
    assert_eq!(
        network.journal(),
        [
            "0 ms: lookup a.example",
            "500 ms: no longer lookup a.example",
            "500 ms: lookup a.example",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn round_robin_counts_each_name_for_itself() {
    let options = DnsOptions {
        select: Select::RoundRobin,
        ..kept_for(None)
    };
    let (resolver, _) = resolver(Ok(&["192.0.2.1", "192.0.2.2"]), options);
    let mut firsts = Vec::new();
    for host in ["a.example", "a.example", "b.example", "a.example"] {
        firsts.push(resolver.resolve(host).await.unwrap()[0].to_string());
    }
    assert_eq!(firsts, ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.1"]);
}

#[tokio::test(start_paused = true)]
async fn a_policy_without_an_address_says_so() {
    let options = DnsOptions {
        policy: Policy::OnlyIpv6,
        ..kept_for(None)
    };
    let (resolver, _) = resolver(Ok(&["192.0.2.1"]), options);
    let error = resolver.resolve("a.example").await.unwrap_err();
    assert_eq!(error.text, "lookup a.example: no such host");
    assert_eq!(
        error.hint,
        "it has addresses, but none that dns.policy onlyIPv6 allows"
    );
}

#[tokio::test]
async fn a_literal_is_its_own_address() {
    let found = Resolver::default().resolve("::1").await.unwrap();
    assert_eq!(found, ["::1".parse::<IpAddr>().unwrap()]);
}

#[tokio::test]
async fn a_name_that_does_not_exist_says_so() {
    let error = Resolver::default()
        .resolve("no-such-host.invalid")
        .await
        .unwrap_err();
    assert_eq!(error.text, "lookup no-such-host.invalid: no such host");
    assert_eq!(error.cause, Cause::Dns);
}

#[tokio::test]
async fn the_system_knows_localhost() {
    let found = Resolver::default().resolve("localhost").await.unwrap();
    assert!(found[0].is_ipv4() && found[0].is_loopback(), "{found:?}");
}
