//! What is answered: a text, or the stream of events of one viewer, who asks for the next one when there is room.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};

use super::feed::{Feed, Next};
use crate::clock::{self, Instant};

/// The body of an answer.
pub(super) struct Answer {
    what: What,
    progress: Arc<Progress>,
}

enum What {
    Text(Option<Bytes>),
    Events(Viewer),
}

/// One who looks, up to which news.
struct Viewer {
    feed: Arc<Feed>,
    id: u64,
    known: Option<u64>,
}

impl Answer {
    pub(super) fn text(text: Bytes, progress: &Arc<Progress>) -> Self {
        Self {
            what: What::Text(Some(text).filter(|text| !text.is_empty())),
            progress: progress.clone(),
        }
    }

    pub(super) fn events(feed: &Arc<Feed>, progress: &Arc<Progress>) -> Self {
        let (id, feed) = (feed.viewer(), feed.clone());
        let known = None;
        Self {
            what: What::Events(Viewer { feed, id, known }),
            progress: progress.clone(),
        }
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.feed.viewer_left(self.id);
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Self { what, progress } = self.get_mut();
        // Whoever asks has room again.
        progress.is_owed(false);
        let next = match what {
            What::Text(text) => text.take(),
            What::Events(viewer) => {
                match viewer.feed.next(viewer.id, viewer.known, context.waker()) {
                    Next::Event(number, bytes) => {
                        viewer.known = Some(number);
                        Some(bytes)
                    }
                    Next::Wait => return Poll::Pending,
                    Next::Over => None,
                }
            }
        };
        progress.is_owed(true);
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.what, What::Text(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.what {
            What::Text(text) => SizeHint::with_exact(text.as_ref().map_or(0, Bytes::len) as u64),
            What::Events(_) => SizeHint::default(),
        }
    }
}

/// How it goes with what a client was given.
#[derive(Default)]
pub(super) struct Progress(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// It has asked for something.
    is_asked: bool,
    /// Since when it takes nothing.
    owed_since: Option<Instant>,
}

impl Progress {
    pub(super) fn asked(&self) {
        self.known().is_asked = true;
    }

    pub(super) fn is_asked(&self) -> bool {
        self.known().is_asked
    }

    fn is_owed(&self, is_owed: bool) {
        self.known().owed_since = is_owed.then(clock::now);
    }

    /// Waits until it has taken nothing for so long.
    pub(super) async fn end_of_patience(&self, patience: Duration) {
        loop {
            let since = self.known().owed_since;
            let waited = since.map_or(Duration::ZERO, |since| clock::now() - since);
            if waited >= patience {
                return;
            }
            let left = patience.saturating_sub(waited);
            tokio::time::sleep(left.min(patience / LOOKS)).await;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often is looked in the time that patience lasts.
const LOOKS: u32 = 6;
