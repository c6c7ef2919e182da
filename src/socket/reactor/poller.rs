//! The poller of a reactor: what it has to tell, and whom it wakes when there is more.
//!
//! tokio watches its descriptor, and is told of it at each change (edge-triggered): news that is left in the poller is
//! told by nobody. So the descriptor counts as ready until the poller, asked without waiting, had less to tell than it
//! could have. All it had is then taken, and what comes behind that is another change. One question for each wake is
//! enough, as a rule.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use mio::{Events, Registry};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::Sleep;

use crate::clock::{self, Instant};

/// Connections that it tells of at once.
const NEWS_AT_ONCE: usize = 256;

/// One poller for all connections, and one alarm for all their deadlines.
pub(super) struct Poller {
    watched: AsyncFd<mio::Poll>,
    /// What it told last.
    news: Events,
    alarm: Pin<Box<Sleep>>,
}

impl Poller {
    /// Call from within the runtime, which watches it from then on.
    pub(super) fn new() -> io::Result<Self> {
        let poll = mio::Poll::new()?;
        // SAFETY: `AsyncFd` owns the poller, which owns its descriptor and never changes it: it is closed only with it.
        #[expect(unsafe_code, reason = "tokio asks for this promise")]
        let watched = unsafe { AsyncFd::register_with_interest(poll, Interest::READABLE) }?;
        Ok(Self {
            watched,
            news: Events::with_capacity(NEWS_AT_ONCE),
            alarm: Box::pin(tokio::time::sleep_until(clock::now())),
        })
    }

    /// Where connections are told of to it.
    pub(super) fn registry(&self) -> &Registry {
        self.watched.get_ref().registry()
    }

    /// What it has to tell now, or as much of that as it tells at once.
    pub(super) fn ask(&mut self, cx: &mut Context<'_>) -> &Events {
        self.news.clear();
        while let Poll::Ready(Ok(mut ready)) = self.watched.poll_read_ready_mut(cx) {
            let poll = ready.get_inner_mut();
            let asked = poll.poll(&mut self.news, Some(Duration::ZERO));
            if asked.is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
                continue;
            }
            if self.news.iter().count() < self.news.capacity() {
                ready.clear_ready();
            }
            break;
        }
        &self.news
    }

    /// Has `cx` woken when there is news, or the deadline is there. True when that is so already.
    pub(super) fn rest(&mut self, cx: &mut Context<'_>, deadline: Option<Instant>) -> bool {
        // An error is the end of the runtime.
        let has_news = matches!(self.watched.poll_read_ready(cx), Poll::Ready(Ok(_)));
        let Some(deadline) = deadline.filter(|_| !has_news) else {
            return has_news;
        };
        if self.alarm.deadline() != deadline {
            self.alarm.as_mut().reset(deadline);
        }
        self.alarm.as_mut().poll(cx).is_ready()
    }
}
