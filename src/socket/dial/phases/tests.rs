//! Phases with the clock paused.

use super::*;

fn reached() -> Reached {
    Reached::new(&Target {
        is_tls: true,
        host: "example.com".into(),
        port: 443,
    })
}

const MS: Duration = Duration::from_millis(1);

#[tokio::test(start_paused = true)]
async fn the_phases_add_up_to_the_whole() {
    let mut reached = reached();
    for (phase, spent) in [
        (Phase::Connect, 3),
        (Phase::Proxy, 5),
        (Phase::Tls, 7),
        (Phase::Upgrade, 11),
    ] {
        tokio::time::advance(spent * MS).await;
        reached.enter(phase);
    }
    tokio::time::advance(13 * MS).await;
    let spans = reached.spans();
    assert_eq!(spans.resolve, Some(3 * MS));
    assert_eq!(spans.connect, Some((5 + 7) * MS), "a proxy's part is in it");
    assert_eq!(spans.tls, Some(11 * MS));
    assert_eq!(spans.upgrade, Some(13 * MS));
    assert_eq!(spans.total(), 39 * MS);
}

#[tokio::test(start_paused = true)]
async fn a_phase_that_was_not_reached_took_no_time() {
    let mut reached = reached();
    reached.enter(Phase::Connect);
    tokio::time::advance(2 * MS).await;
    let spans = reached.spans();
    assert_eq!(
        (spans.connect, spans.tls, spans.upgrade),
        (Some(2 * MS), None, None)
    );
    assert_eq!(spans.total(), 2 * MS);
}

#[tokio::test(start_paused = true)]
async fn a_limit_names_the_phase_it_struck_in() {
    let mut reached = reached();
    for (phase, cause, text) in [
        (
            Phase::Resolve,
            Cause::Dns,
            "lookup example.com: i/o timeout",
        ),
        (
            Phase::Connect,
            Cause::ConnectTimeout,
            "dial tcp example.com: i/o timeout",
        ),
        (
            Phase::Tls,
            Cause::TlsTimeout,
            "read tcp example.com: i/o timeout",
        ),
        (
            Phase::Upgrade,
            Cause::HandshakeTimeout,
            "read tcp example.com: i/o timeout",
        ),
    ] {
        reached.enter(phase);
        let never = std::future::pending::<Result<(), SocketError>>();
        let error = reached
            .within(Some(250 * MS), Box::pin(never))
            .await
            .unwrap_err();
        assert_eq!(
            (error.phase, error.cause, error.text.as_str()),
            (phase, cause, text)
        );
        let word = phase.as_str();
        assert_eq!(
            error.hint,
            format!("the {word} phase had not ended within 250ms")
        );
    }
}
