//! What is answered: a text, or the stream of events of one viewer, who asks for the next one when there is room.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::feed::{Feed, Next};
use super::progress::Progress;
use crate::clock;

/// The body of an answer.
pub(super) struct Answer {
    what: What,
    /// Of a text or an event: what was not handed out yet.
    rest: Bytes,
    progress: Arc<Progress>,
}

enum What {
    Text,
    Events(Viewer),
}

/// One who looks, up to which news.
struct Viewer {
    feed: Arc<Feed>,
    id: u64,
    known: Option<u64>,
    /// When it is told that there is nothing to tell.
    silence: Pin<Box<Sleep>>,
    patience: Duration,
}

impl Answer {
    pub(super) fn text(text: Bytes, progress: &Arc<Progress>) -> Self {
        Self {
            what: What::Text,
            rest: text,
            progress: progress.clone(),
        }
    }

    /// The events of one who looks, who is told so after so long a silence: whether they are still there shows only when
    /// they are told something.
    pub(super) fn events(feed: &Arc<Feed>, progress: &Arc<Progress>) -> Self {
        progress.let_in();
        let silence = progress.silence();
        let viewer = Viewer {
            feed: feed.clone(),
            id: feed.viewer(progress),
            known: None,
            silence: Box::pin(sleep(silence)),
            patience: silence,
        };
        Self {
            what: What::Events(viewer),
            rest: Bytes::new(),
            progress: progress.clone(),
        }
    }
}

impl Viewer {
    /// What is next for it; nothing at the end.
    fn next(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        let event = match self.feed.next(self.id, self.known, context.waker()) {
            Next::Event(number, bytes) => {
                self.known = Some(number);
                bytes
            }
            Next::Over => return Poll::Ready(Bytes::new()),
            Next::Wait if self.silence.as_mut().poll(context).is_ready() => {
                Bytes::from_static(SILENCE)
            }
            Next::Wait => return Poll::Pending,
        };
        self.silence.as_mut().reset(clock::now() + self.patience);
        Poll::Ready(event)
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
        let Self {
            what,
            rest,
            progress,
        } = self.get_mut();
        // Whoever asks has room again.
        progress.is_owed(false);
        if let What::Events(viewer) = what
            && rest.is_empty()
        {
            match viewer.next(context) {
                Poll::Ready(event) => *rest = event,
                Poll::Pending => return Poll::Pending,
            }
        }
        if rest.is_empty() {
            return Poll::Ready(None);
        }
        progress.is_owed(true);
        // A slice at a time: who takes one is slow, and not gone.
        let slice = rest.split_to(rest.len().min(SLICE));
        Poll::Ready(Some(Ok(Frame::data(slice))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.what, What::Text) && self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.what {
            What::Text => SizeHint::with_exact(self.rest.len() as u64),
            What::Events(_) => SizeHint::default(),
        }
    }
}

/// What is handed out at once.
const SLICE: usize = 64 << 10;
/// A line of the stream that says nothing.
const SILENCE: &[u8] = b":\n\n";
