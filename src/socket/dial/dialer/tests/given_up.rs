//! Dials that nobody waits for any more, in each phase: what was opened is closed, and how far it came is known.

use tokio::sync::mpsc;

use super::*;

/// A peer that says nothing and tells when its stream has ended; whatever it was told before does not matter.
fn listens() -> (Door, mpsc::UnboundedReceiver<()>) {
    let (tell, told) = mpsc::unbounded_channel();
    let door = Door::opens(move |mut stream: UnixStream| {
        let tell = tell.clone();
        async move {
            let mut heard = Vec::new();
            stream.read_to_end(&mut heard).await.unwrap();
            tell.send(()).unwrap();
        }
    });
    (door, told)
}

/// What is known of a dial that is dropped after this time.
async fn dropped_after(limit: Duration, dial: Dial, network: &Arc<Network>) -> Reached {
    let routes = routes(network, &dial.network);
    let mut reached = Reached::new(&dial.target);
    let dialer = Dialer::default();
    let traffic = Arc::default();
    let (tls, options) = (&dial.tls, &dial.options);
    let dialling = dialer.dial(
        &dial.target,
        Some(&routes),
        tls,
        options,
        traffic,
        &mut reached,
    );
    assert!(tokio::time::timeout(limit, dialling).await.is_err());
    reached
}

#[tokio::test(start_paused = true)]
async fn one_given_up_while_its_name_is_asked_for_forgets_the_answer() {
    let network = Arc::new(Network::new().silent_name("a.example"));
    let reached = dropped_after(70 * MS, Dial::new(), &network).await;
    assert_eq!(
        network.journal(),
        [
            "0 ms: lookup a.example",
            "70 ms: no longer lookup a.example"
        ]
    );
    let (spans, told) = reached.given_up();
    assert_eq!((spans.resolve, spans.connect), (Some(70 * MS), None));
    assert!(spans.is_given_up);
    let text = "cut in the resolve phase, before it had an outcome";
    let hint = "the iteration, the run or the script ended while it was connecting";
    assert_eq!(told, error(Phase::Resolve, Cause::Cut, text, hint));
}

#[tokio::test(start_paused = true)]
async fn one_given_up_while_it_connects_lets_go_of_the_address() {
    let network = Network::new()
        .name("a.example", 30 * MS, Ok(&["192.0.2.1"]))
        .at(PEER, NOW, Door::Silent);
    let network = Arc::new(network);
    let reached = dropped_after(70 * MS, Dial::new(), &network).await;
    assert_eq!(
        network.journal(),
        [
            "0 ms: lookup a.example",
            "30 ms: connect 192.0.2.1:80",
            "70 ms: no longer connect 192.0.2.1:80",
        ]
    );
    let (spans, told) = reached.given_up();
    assert_eq!((spans.connect, spans.tls), (Some(40 * MS), None));
    assert_eq!(told.phase, Phase::Connect);
}

#[tokio::test(start_paused = true)]
async fn one_given_up_in_tls_or_at_a_proxy_closes_its_connection() {
    for (is_tls, phase) in [(true, Phase::Tls), (false, Phase::Proxy)] {
        let (door, mut closed) = listens();
        let network = Network::new()
            .name("a.example", 30 * MS, Ok(&["192.0.2.1"]))
            .at(PEER, NOW, door);
        let mut dial = Dial::new();
        if is_tls {
            dial.target.is_tls = true;
            dial.tls.insecure_skip_verify = true;
        } else {
            dial = dial.through("http://a.example:80");
        }
        let reached = dropped_after(70 * MS, dial, &Arc::new(network)).await;
        assert_eq!(closed.recv().await, Some(()));
        assert_eq!(reached.given_up().1.phase, phase);
        assert_eq!(reached.spans().total(), 70 * MS, "at once");
    }
}
