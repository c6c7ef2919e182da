//! A connection counts under the same tags whether its series were known or are looked up.

use super::*;
use crate::metrics::{MAX_SERIES, SystemTags};

/// What of a connection its tags come from.
#[derive(Clone, Debug)]
struct Made {
    tags: TagSet,
    url: &'static str,
    is_named: bool,
    status: Option<u16>,
    subproto: Option<&'static str>,
    ip: Option<&'static str>,
    has_tls: bool,
    is_cut: bool,
}

fn plain() -> Made {
    Made {
        tags: TagSet::new().with("scenario", "s"),
        url: "ws://a/?token=1",
        is_named: false,
        status: Some(101),
        subproto: None,
        ip: Some("10.0.0.1"),
        has_tls: false,
        is_cut: false,
    }
}

/// Connections of which no two are alike.
fn different() -> Vec<Made> {
    let (mut all, one) = (vec![plain()], plain);
    let tagged = |key, value| Made {
        tags: one().tags.with(key, value),
        ..one()
    };
    all.push(tagged("scenario", "t"));
    all.push(tagged("name", "by name"));
    all.push(Made {
        url: "ws://b/",
        ..one()
    });
    all.push(Made {
        is_named: true,
        ..one()
    });
    all.push(Made {
        status: None,
        ..one()
    });
    all.push(Made {
        status: Some(403),
        ..one()
    });
    all.push(Made {
        subproto: Some("chat"),
        ..one()
    });
    all.push(Made { ip: None, ..one() });
    all.push(Made {
        ip: Some("10.0.0.2"),
        ..one()
    });
    all.push(Made {
        has_tls: true,
        ..one()
    });
    all.push(Made {
        is_cut: true,
        ..one()
    });
    all
}

fn run() -> Arc<RunMetrics> {
    let names = ["url", "name", "status", "subproto", "ip", "error_code"];
    let tags = SystemTags::parse(&names).unwrap();
    Arc::new(RunMetrics::new(tags, &TagSet::new()))
}

/// Records the handshake.
fn handshake(metrics: &Arc<RunMetrics>, made: &Made, recorder: &mut Recorder) -> ConnectionSeries {
    let labels = ConnectionLabels {
        metrics: metrics.clone(),
        vu: Arc::default(),
        tags: made.tags.clone(),
        url: made.url.into(),
        is_named: made.is_named,
    };
    labels.vu.set_cut(made.is_cut);
    let mut spans = Spans::none(clock::now());
    spans.tls = made.has_tls.then_some(Duration::ZERO);
    let answer = made.status.map(|status| {
        let proto = made
            .subproto
            .map(|proto| ("Sec-Websocket-Protocol".into(), proto.into()));
        Answer {
            status,
            headers: proto.into_iter().collect(),
            ..Answer::default()
        }
    });
    ConnectionSeries::handshake_ended(&labels, recorder, &spans, answer.as_ref(), made.ip)
}

/// Records it, and tells the tags and the metrics of all series of it.
fn series(metrics: &Arc<RunMetrics>, made: &Made) -> Vec<String> {
    let mut recorder = Recorder::new();
    let of = handshake(metrics, made, &mut recorder);
    let mut all = Vec::new();
    recorder.drain(|series, _| all.push(series));
    let of = of.series;
    all.extend([
        of.duration,
        of.received,
        of.sent,
        of.ping,
        of.dropped,
        of.paused,
    ]);
    let catalog = metrics.catalog();
    let told = |series| {
        let metric = catalog.registry.get(catalog.series.metric(series));
        format!("{} {:?}", metric.name, catalog.series.tags(series))
    };
    let mut told: Vec<_> = all.into_iter().map(told).collect();
    told.push(format!("{:?}", of.tags));
    told
}

#[test]
fn what_differs_is_never_counted_as_what_is_known() {
    let metrics = run();
    let different = different();
    for round in 0..3 {
        for made in &different {
            assert_eq!(
                series(&metrics, made),
                series(&run(), made),
                "{round} {made:?}"
            );
        }
    }
}

#[test]
fn connections_that_are_alike_are_looked_up_once_whatever_their_query() {
    let metrics = run();
    let first = series(&metrics, &plain());
    let again = Made {
        tags: TagSet::new().with("scenario", "s"),
        url: "ws://a/?token=2",
        ..plain()
    };
    assert_eq!(series(&metrics, &again), first);
    let catalog = metrics.catalog();
    assert_eq!(catalog.recent_ws.len(), 1);
    let before = catalog.series.len();
    drop(catalog);
    series(&metrics, &again);
    assert_eq!(metrics.catalog().series.len(), before);
}

#[test]
fn each_session_counts_under_its_own_code_however_others_ended() {
    let metrics = run();
    let mut recorder = Recorder::new();
    for (code, cause) in [
        (1000, None),
        (1006, Some("io")),
        (1000, None),
        (1000, Some("io")),
    ] {
        let made = handshake(&metrics, &plain(), &mut recorder);
        made.opened(&mut recorder);
        made.closed(&mut recorder, code, cause);
    }
    let mut told = Vec::new();
    recorder.drain(|series, sink| {
        let catalog = metrics.catalog();
        if catalog.series.metric(series) == builtin::WS_CLOSES {
            let tags = catalog.series.tags(series);
            let of = |tag| tags.get(tag).unwrap_or("").to_owned();
            told.push((of("code"), of("error_code"), format!("{sink:?}")));
        }
    });
    told.sort();
    let wanted = [("1000", "", 2), ("1000", "io", 1), ("1006", "io", 1)].map(|(code, why, n)| {
        let sink = format!("Counter {{ sum: {n}.0, samples: {n} }}");
        (code.to_owned(), why.to_owned(), sink)
    });
    assert_eq!(told, wanted);
}

/// R15 of what users want.
#[test]
fn fifty_thousand_tokens_in_urls_are_one_series() {
    let metrics = run();
    let first = series(&metrics, &plain());
    let before = metrics.catalog().series.len();
    for token in 0..50_000 {
        let url = format!("ws://user:{token}@a/?token={token}#{token}");
        let made = Made {
            url: Box::leak(url.into()),
            ..plain()
        };
        assert_eq!(series(&metrics, &made), first);
    }
    assert_eq!(metrics.catalog().series.len(), before);
}

#[test]
fn tags_that_differ_each_time_are_looked_up_each_time_and_kept_by_the_few() {
    let metrics = run();
    let each = |id: usize| Made {
        tags: TagSet::new().with("id", &id.to_string()),
        ..plain()
    };
    for id in 0..MAX_SERIES + 50 {
        let told = series(&metrics, &each(id));
        let wanted = if id < MAX_SERIES {
            id.to_string()
        } else {
            "__other__".into()
        };
        assert!(
            told[0].contains(&format!("(\"id\", \"{wanted}\")")),
            "{}",
            told[0]
        );
        assert_eq!(series(&metrics, &each(id)), told, "known now");
    }
    assert!(metrics.catalog().recent_ws.len() < 20);
}
