//! Outputs as their readers see them: golden lines, compression, failures, slow readers.

use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::clock;
use crate::metrics::{
    MetricId, Recorder, Registry, SampleLog, SampleQueue, SeriesTable, SystemTags, TagSet, builtin,
};

/// A folder of one test, gone with it.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("k6ws-output-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn fifo(&self, name: &str) -> PathBuf {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let path = self.path(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Names and tags, and one recorder whose samples go to an output.
struct Source {
    registry: Registry,
    table: Arc<Mutex<SeriesTable>>,
    recorder: Recorder,
}

impl Source {
    fn new() -> Self {
        Self {
            registry: Registry::new(),
            table: Arc::new(Mutex::new(SeriesTable::new())),
            recorder: Recorder::new(),
        }
    }

    fn start(&mut self, text: &str, settings: &Settings) -> Running {
        let table = self.table.clone();
        let registry = self.registry.clone();
        let describe = Arc::new(move |series| {
            let table = table.lock().unwrap_or_else(PoisonError::into_inner);
            let id = table.metric(series);
            let metric = registry.get(id).clone();
            let tags = table.tags(series).clone();
            Described { id, metric, tags }
        });
        let mut outputs = open(vec![text.to_owned()], &|_| None, settings).unwrap();
        let running = outputs.samples.remove(0).start(describe).unwrap();
        let queues: Arc<[Arc<SampleQueue>]> = Arc::new([running.queue().clone()]);
        self.recorder
            .log_samples(Some(SampleLog::new(queues, SystemTags::default())));
        running
    }

    fn add(&mut self, metric: MetricId, tags: &[(&str, &str)], value: f64) {
        let tags: TagSet = tags.iter().copied().collect();
        let mut table = self.table.lock().unwrap();
        let series = table.series(&self.registry, metric, &tags);
        self.recorder.add(series, value);
    }

    fn finish(&mut self, running: &mut Running) {
        self.recorder.log_samples(None);
        running.queue().close();
        let is_done = running.wait(clock::now() + Duration::from_secs(10));
        assert!(is_done, "written in time");
    }
}

/// The text without its dates, which must be of today.
fn undated(text: &str, dates: &[&str]) -> String {
    let mut text = text.to_owned();
    for date in dates {
        text = text.replace(date, "T");
    }
    text
}

fn dates_of(text: &str) -> Vec<&str> {
    let point = |line| serde_json::from_str::<Value>(line).unwrap()["data"]["time"].is_string();
    let lines = text.lines().filter(|line| point(line));
    lines
        .map(|line| {
            let (_, rest) = line.split_once(r#""time":""#).unwrap();
            rest.split_once('"').unwrap().0
        })
        .collect()
}

#[test]
fn json_lines_are_those_of_k6() {
    let folder = Folder::new();
    let path = folder.path("samples.json");
    let mut source = Source::new();
    let settings = Settings {
        thresholds: json!({"checks": ["rate>0.9"]}).as_object().unwrap().clone(),
        ..Settings::default()
    };
    let mut running = source.start(&format!("json={}", path.display()), &settings);
    source.add(builtin::VUS, &[], 2.0);
    source.add(
        builtin::CHECKS,
        &[("check", "it's \"fine\"\n"), ("group", "")],
        1.0,
    );
    source.add(builtin::VUS, &[], 0.5);
    source.finish(&mut running);
    assert_eq!((running.lost(), running.trouble()), (0, None));

    let text = std::fs::read_to_string(path).unwrap();
    let dates = dates_of(&text);
    assert_eq!(dates.len(), 3);
    assert!(
        dates
            .iter()
            .all(|date| date.starts_with("20") && date.ends_with('Z'))
    );
    assert_eq!(
        undated(&text, &dates),
        concat!(
            r#"{"type":"Metric","data":{"name":"vus","type":"gauge","contains":"default","thresholds":[],"submetrics":null},"metric":"vus"}"#,
            "\n",
            r#"{"metric":"vus","type":"Point","data":{"time":"T","value":2,"tags":{}}}"#,
            "\n",
            r#"{"type":"Metric","data":{"name":"checks","type":"rate","contains":"default","thresholds":["rate>0.9"],"submetrics":null},"metric":"checks"}"#,
            "\n",
            r#"{"metric":"checks","type":"Point","data":{"time":"T","value":1,"tags":{"check":"it's \"fine\"\n","group":""}}}"#,
            "\n",
            r#"{"metric":"vus","type":"Point","data":{"time":"T","value":0.5,"tags":{}}}"#,
            "\n",
        )
    );
}

#[test]
fn csv_records_are_those_of_k6() {
    let folder = Folder::new();
    let path = folder.path("samples.csv");
    let mut source = Source::new();
    let before = clock::since_1970().as_secs();
    let mut running = source.start(&format!("csv={}", path.display()), &Settings::default());
    let tags = [
        ("my_tag", "a,b"),
        ("other", "1"),
        ("group", ""),
        ("name", "say \"hi\""),
        ("url", "ws://x"),
    ];
    source.add(builtin::WS_CONNECTING, &tags, 1.5);
    source.add(builtin::VUS, &[], 3.0);
    source.finish(&mut running);
    let after = clock::since_1970().as_secs();
    assert_eq!((running.lost(), running.trouble()), (0, None));

    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,\
         proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata"
    );
    let second: u64 = lines[1].split(',').nth(1).unwrap().parse().unwrap();
    assert!((before..=after).contains(&second));
    assert_eq!(
        lines[1].replace(&second.to_string(), "T"),
        "ws_connecting,T,1.500000,,,,,,,\"say \"\"hi\"\"\",,,,,,,ws://x,\"my_tag=a,b&other=1\","
    );
    assert!(lines[2].starts_with("vus,") && lines[2].ends_with(",3.000000,,,,,,,,,,,,,,,,"));
    assert_eq!(lines.len(), 3);
}

#[test]
fn a_gz_file_holds_the_same_lines_compressed() {
    let folder = Folder::new();
    let path = folder.path("samples.json.gz");
    let mut source = Source::new();
    let mut running = source.start(&format!("json={}", path.display()), &Settings::default());
    for value in 0..5_000 {
        source.add(builtin::WS_PING, &[("url", "ws://x")], f64::from(value));
    }
    source.finish(&mut running);
    assert_eq!((running.lost(), running.trouble()), (0, None));

    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    let compressed = file.metadata().unwrap().len();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let values: Vec<f64> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).unwrap()["data"]["value"].as_f64())
        .collect();
    assert_eq!(values, (0..5_000).map(f64::from).collect::<Vec<_>>());
    assert!(compressed < text.len() as u64 / 4);
}

#[test]
fn a_full_disk_is_said_once_and_every_sample_counts_as_lost() {
    for text in ["json=/dev/full", "csv=/dev/full"] {
        let mut source = Source::new();
        let mut running = source.start(text, &Settings::default());
        for _ in 0..3_000 {
            source.add(builtin::VUS, &[], 1.0);
        }
        source.finish(&mut running);
        assert_eq!(running.lost(), 3_000);
        let (name, path) = text.split_once('=').unwrap();
        assert_eq!(
            running.trouble().unwrap(),
            format!("output {name} ({path}): No space left on device; samples are lost")
        );
        assert_eq!(running.trouble(), None);
    }
}

#[test]
fn a_pipe_that_nobody_reads_is_given_up_at_the_deadline() {
    let folder = Folder::new();
    let path = folder.fifo("pipe");
    let mut source = Source::new();
    let mut running = source.start(&format!("json={}", path.display()), &Settings::default());
    source.add(builtin::VUS, &[], 1.0);
    source.recorder.log_samples(None);
    running.queue().close();
    running.give_up();
    assert_eq!(running.lost(), 1);
    assert!(
        running
            .trouble()
            .unwrap()
            .contains("could not be written in time")
    );
    assert!(running.thread.is_none(), "the thread has ended");
}

#[test]
fn an_output_of_a_run_that_never_ended_keeps_what_it_got_and_no_thread() {
    let folder = Folder::new();
    let path = folder.path("samples.csv");
    let mut source = Source::new();
    let running = source.start(&format!("csv={}", path.display()), &Settings::default());
    source.add(builtin::VUS, &[], 1.0);
    source.recorder.log_samples(None);
    drop(running);
    assert_eq!(std::fs::read_to_string(path).unwrap().lines().count(), 2);

    let unread = folder.fifo("pipe");
    let running = source.start(&format!("csv={}", unread.display()), &Settings::default());
    let patience = running.patience();
    drop(running);
    assert!(patience.is_spent());
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_runs() {
    let folder = Folder::new();
    let refused = |texts: Vec<String>| {
        let opened = open(texts, &|_| None, &Settings::default());
        opened.map(drop).unwrap_err().to_string()
    };
    assert_eq!(
        refused(vec!["json=/no/such/folder/x.json".to_owned()]),
        "cannot write the output \"json=/no/such/folder/x.json\": No such file or directory"
    );
    let folder_itself = format!("json={}", folder.0.display());
    assert!(refused(vec![folder_itself]).contains("Is a directory"));

    let kept = folder.path("kept");
    std::fs::write(&kept, "earlier").unwrap();
    let good = format!("csv={}", kept.display());
    let twice = format!("json={}", kept.display());
    assert!(refused(vec![good.clone(), twice]).contains("another output"));
    assert!(refused(vec![good, "what".to_owned()]).contains("csv, json and snapshots"));
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "earlier");
}
