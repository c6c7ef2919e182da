//! A connection counts under the same tags whether its series were known or are looked up.

use std::net::Ipv4Addr;

use super::*;
use crate::clock;
use crate::metrics::SystemTags;

fn run() -> Arc<RunMetrics> {
    Arc::new(RunMetrics::new(SystemTags::default(), &TagSet::new()))
}

/// Records the dial, and tells the tags and the metrics of all series of it.
fn series(metrics: &Arc<RunMetrics>, tags: &TagSet, is_cut: bool, dial: TcpDial) -> Vec<String> {
    let labels = TcpLabels {
        metrics: metrics.clone(),
        vu: Arc::default(),
        tags: tags.clone(),
    };
    labels.vu.set_cut(is_cut);
    let mut recorder = Recorder::new();
    let of = labels.dialled(&mut recorder, dial).series;
    let mut all = Vec::new();
    recorder.drain(|series, _| all.push(series));
    all.extend([
        of.duration,
        of.reads,
        of.writes,
        of.partial_writes,
        of.errors,
        of.timeouts,
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
    let mut made = Vec::new();
    let none = Spans::none(clock::now());
    for tags in ["a", "b"].map(|host| TagSet::new().with("host", host)) {
        for ip in [None, Some(1), Some(2)] {
            for (connect, tls) in [(None, None), (Some(1), None), (Some(1), Some(1))] {
                let time = |ms: Option<u64>| ms.map(Duration::from_millis);
                let (connect, tls) = (time(connect), time(tls));
                let ip = ip.map(|last| Ipv4Addr::new(10, 0, 0, last).into());
                for (is_open, is_given_up) in [(true, false), (false, false), (false, true)] {
                    let spans = Spans {
                        connect,
                        tls,
                        is_given_up,
                        ..none
                    };
                    let dial = TcpDial { spans, ip, is_open };
                    made.extend([false, true].map(|is_cut| (tags.clone(), is_cut, dial)));
                }
            }
        }
    }
    for (tags, is_cut, dial) in made.iter().chain(made.iter().rev()) {
        let fresh = series(&run(), tags, *is_cut, *dial);
        assert_eq!(series(&metrics, tags, *is_cut, *dial), fresh, "{dial:?}");
    }
}
