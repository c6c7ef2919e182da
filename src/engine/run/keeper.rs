//! Who keeps what a run says of itself in this process: for its report, and for the page that shows it while it lasts.
//!
//! It adds up on a thread of its own what every listener is told, so it has the run's numbers to the digit and asks
//! nothing of the thread that runs VUs.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dashboard::{Feed, Source};
use crate::output::{About, Listener};
use crate::report::page::Live;
use crate::report::snapshot::{Recording, SnapshotError};

/// A recording that goes on; once its listener is done, it is the whole run.
pub type Kept = Arc<Mutex<Recording>>;

/// Begins to keep a run, and to show it where there is a feed: the one who listens, and what is kept.
pub fn keeper(feed: Option<Arc<Feed>>) -> io::Result<(Listener, Kept)> {
    let kept: Kept = Arc::new(Mutex::new(Recording::of(1).with_history()));
    let shown = feed.map(|feed| {
        let shown = Arc::new(Shown::new(kept.clone()));
        feed.attach(shown.clone());
        (feed, shown)
    });
    let mut taking = Taking {
        kept: kept.clone(),
        shown,
        failure: None,
    };
    let about = About {
        description: None,
        name: "the record of the run".into(),
        what_ends: "it",
    };
    let listener = Listener::start(about, move |said| taking.hear(said))?;
    Ok((listener, kept))
}

/// Takes what is said, for as long as that goes.
struct Taking {
    kept: Kept,
    shown: Option<(Arc<Feed>, Arc<Shown>)>,
    failure: Option<String>,
}

impl Taking {
    fn hear(&mut self, said: &[u8]) -> Result<(), String> {
        let heard = self.take(said).map_err(|error| error.to_string());
        self.failure = heard.clone().err();
        heard
    }

    fn take(&self, said: &[u8]) -> Result<(), SnapshotError> {
        let mut recording = lock(&self.kept);
        recording.take(0, said)?;
        if let Some((feed, shown)) = &self.shown {
            shown.show(&mut recording, feed)?;
        }
        Ok(())
    }
}

impl Drop for Taking {
    /// Whoever looks on is told that nothing follows, whatever ended it.
    fn drop(&mut self) {
        let mut recording = lock(&self.kept);
        let why = match self.failure.take() {
            None if recording.is_whole() => return,
            Some(why) => why,
            None if std::thread::panicking() => "it failed, which is a bug of k6ws".into(),
            None => "the end of the run was not told".into(),
        };
        recording.break_off(format!(
            "the record of the run ends before the run does: {why}"
        ));
        if let Some((feed, shown)) = &self.shown {
            shown.end(feed);
        }
    }
}

/// A recording as those see it who look on.
struct Shown {
    kept: Kept,
    known: Mutex<Known>,
}

/// What those know who look on.
struct Known {
    live: Live,
    /// The number of the latest news.
    number: u64,
    /// Some news were made for nobody: what comes next fits to no page that anybody has.
    is_behind: bool,
}

impl Shown {
    fn new(kept: Kept) -> Self {
        let known = Mutex::new(Known {
            live: Live::new(),
            number: 0,
            is_behind: true,
        });
        Self { kept, known }
    }

    /// Tells what has changed, if anybody looks. The recording stands still meanwhile.
    fn show(&self, recording: &mut Recording, feed: &Feed) -> Result<(), SnapshotError> {
        let mut known = lock(&self.known);
        known.is_behind |= !feed.has_viewers();
        let news = if known.is_behind {
            None
        } else {
            known.live.second(recording)?
        };
        known.number = feed.tell(news.as_deref().map(str::as_bytes), recording.is_whole());
        Ok(())
    }
}

impl Shown {
    /// Has everybody given the page as it is, which is the last one. The recording stands still meanwhile.
    fn end(&self, feed: &Feed) {
        let mut known = lock(&self.known);
        known.is_behind = false;
        known.number = feed.tell(None, true);
    }
}

impl Source for Shown {
    fn whole(&self) -> Option<(u64, Vec<u8>)> {
        let mut recording = lock(&self.kept);
        let mut known = lock(&self.known);
        if std::mem::take(&mut known.is_behind) {
            // What this tells is in the page.
            known.live.second(&mut recording).ok()?;
        }
        let page = Live::page(&mut recording).ok()?;
        Some((known.number, page.into_bytes()))
    }
}

fn lock<T>(one: &Mutex<T>) -> MutexGuard<'_, T> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::*;
    use crate::clock;
    use crate::report::snapshot::{Deltas, Facts, Now, Opening};

    fn beginning() -> Arc<[u8]> {
        let mut deltas = Deltas::new(Opening {
            options: "{}".into(),
            ..Opening::default()
        });
        let (registry, table) = (
            crate::metrics::Registry::new(),
            crate::metrics::SeriesTable::new(),
        );
        let mut totals = crate::report::Totals::default();
        let said = deltas.next(
            &registry,
            &table,
            &mut totals,
            Facts::default(),
            Now::default(),
        );
        said.into()
    }

    /// How those see it who look on when it is over.
    fn last_page(said: &[Arc<[u8]>]) -> Value {
        let feed = Feed::new();
        let (mut listener, kept) = keeper(Some(feed)).unwrap();
        for one in said {
            listener.offer(one);
        }
        listener.close();
        assert!(listener.wait(clock::now() + Duration::from_secs(30)));
        let (_, page) = Shown::new(kept).whole().unwrap();
        serde_json::from_slice(&page).unwrap()
    }

    #[test]
    fn who_looks_on_is_told_when_the_record_ends_before_the_run() {
        for (said, why) in [
            (vec![beginning()], "the end of the run was not told"),
            (vec![beginning(), vec![0xff].into()], "version 255"),
            (Vec::new(), "the end of the run was not told"),
        ] {
            let page = last_page(&said);
            assert_eq!(page["state"], "cut");
            assert_eq!(page["summary"]["exit_code"], 255);
            let troubles = page["troubles"].to_string();
            assert!(troubles.contains(why), "{troubles}");
        }
    }
}
