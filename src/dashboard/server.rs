//! The thread that serves: who comes in, how many, and when it is over.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::address::{Address, Bound};
use super::connection::{Limits, refuse, serve};
use super::error::DashboardError;
use super::feed::Feed;
use super::gate::Gate;
use super::page::Page;
use super::progress::Progress;
use super::token::{Lock, Token};

/// A page that is served.
pub struct Server {
    url: String,
    feed: Arc<Feed>,
    refused: Arc<AtomicU64>,
    /// How long who looks has left to take what there is; nothing while it lasts.
    ending: watch::Sender<Option<Duration>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens, and serves the page from now on. Elsewhere than on loopback nobody looks at the run without a token;
    /// where none is given one is made.
    pub fn start(
        address: &Address,
        page: Page,
        token: Option<Token>,
    ) -> Result<Self, DashboardError> {
        Self::with_limits(address, page, token, Limits::default())
    }

    pub(super) fn with_limits(
        address: &Address,
        page: Page,
        token: Option<Token>,
        limits: Limits,
    ) -> Result<Self, DashboardError> {
        let (listener, bound) = Bound::new(address)?;
        let token = match token {
            None if !bound.is_loopback() => Some(Token::random()?),
            given => given,
        };
        let mut url = bound.url();
        if let Some(token) = &token {
            url = format!("{url}#token={}", token.as_str());
        }
        let feed = Feed::new();
        let gate = Arc::new(Gate {
            lock: token.as_ref().map(Lock::new).transpose()?,
            bound,
            page,
            feed: feed.clone(),
        });
        let (ending, ends) = watch::channel(None);
        let refused: Arc<AtomicU64> = Arc::default();
        let counted = refused.clone();
        let failed = |error: io::Error| DashboardError::listen(address, &error);
        listener.set_nonblocking(true).map_err(failed)?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(1)
            .thread_name("k6ws-dashboard")
            .build()
            .map_err(failed)?;
        let listener = {
            let _within = runtime.enter();
            TcpListener::from_std(listener).map_err(failed)?
        };
        let thread = std::thread::Builder::new()
            .name("k6ws-dashboard".into())
            .spawn(move || {
                runtime.block_on(listen(listener, gate, limits, ends, &counted));
                // A page that is being made is for nobody.
                runtime.shutdown_background();
            })
            .map_err(failed)?;
        Ok(Self {
            url,
            feed,
            refused,
            ending,
            thread: Some(thread),
        })
    }

    /// What a browser is given, with the token.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it shows.
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// Connections that found no room.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Lets nobody in any more, and ends when all who look have what there is, or have had so long.
    pub fn close(&mut self, patience: Duration) {
        self.feed.close();
        let _ = self.ending.send(Some(patience));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.close(Duration::ZERO);
    }
}

async fn listen(
    listener: TcpListener,
    gate: Arc<Gate>,
    limits: Limits,
    mut ending: watch::Receiver<Option<Duration>>,
    refused: &AtomicU64,
) {
    let pages = tokio::spawn(gate.feed.clone().make_pages());
    let (mut visitors, mut refusals) = (JoinSet::new(), JoinSet::new());
    let mut strangers = VecDeque::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if visitors.len() < MOST || make_room(&mut strangers) => {
                    let progress = Arc::new(Progress::new(limits.silence));
                    let serving = serve(stream, gate.clone(), progress.clone(), limits, ending.clone());
                    strangers.push_back((progress, visitors.spawn(serving)));
                    if strangers.len() > 2 * MOST {
                        strangers.retain(|(_, serving)| !serving.is_finished());
                    }
                }
                Ok((stream, _)) => {
                    refused.fetch_add(1, Ordering::Relaxed);
                    if refusals.len() < MOST_REFUSALS {
                        refusals.spawn(refuse(stream));
                    }
                }
                // Without a free descriptor the next attempt must not follow at once.
                Err(_) => sleep(PAUSE).await,
            },
            Some(_) = visitors.join_next() => {}
            Some(_) = refusals.join_next() => {}
            _ = ending.changed() => break,
        }
    }
    drop(listener);
    let patience = ending.borrow().unwrap_or_default();
    let _ = timeout(patience, async {
        while visitors.join_next().await.is_some() {}
    })
    .await;
    pages.abort();
}

/// Ends the oldest connection whose client was not let in to look, if there is one: a stranger keeps no place from those
/// who are.
fn make_room(strangers: &mut VecDeque<(Arc<Progress>, AbortHandle)>) -> bool {
    while let Some((progress, serving)) = strangers.pop_front() {
        if !serving.is_finished() && !progress.is_let_in() {
            serving.abort();
            return true;
        }
    }
    false
}

/// Connections at once: a page has one that lasts.
const MOST: usize = 256;
/// Those at once that are told that there is no room; further ones are not.
const MOST_REFUSALS: usize = 64;
const PAUSE: Duration = Duration::from_millis(50);
