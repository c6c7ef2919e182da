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
    let shared = kept.clone();
    let about = About {
        description: None,
        name: "the record of the run".into(),
        what_ends: "it",
    };
    let hear = move |said: &[u8]| {
        let mut recording = lock(&shared);
        recording.take(0, said)?;
        if let Some((feed, shown)) = &shown {
            shown.show(&mut recording, feed)?;
        }
        Ok(())
    };
    let listener = Listener::start(about, move |said| {
        hear(said).map_err(|error: SnapshotError| error.to_string())
    })?;
    Ok((listener, kept))
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
