//! What there is to show: all of it, and what is new since.
//!
//! News have numbers. A viewer who knows all up to the one before the latest is given the latest; any other one the
//! whole page, which is made when somebody needs it, once for all who do.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use hyper::body::Bytes;
use tokio::sync::Notify;

use super::progress::Progress;

/// Who knows all there is to show.
pub trait Source: Send + Sync {
    /// All of it, as JSON in one line, and the number of the news that it goes up to; nothing if that is not possible.
    fn whole(&self) -> Option<(u64, Vec<u8>)>;
}

/// Between who knows what there is to show and who looks.
#[derive(Default)]
pub struct Feed {
    state: Mutex<State>,
    wanted: Notify,
}

#[derive(Default)]
struct State {
    source: Option<Arc<dyn Source>>,
    /// Of the latest news; 0 before there are any.
    number: u64,
    /// Their event; none where only the whole page will do.
    latest: Option<Bytes>,
    page: Option<(u64, Bytes)>,
    is_wanted: bool,
    is_last: bool,
    is_closed: bool,
    waiting: HashMap<u64, Waker>,
    viewers: HashMap<u64, Looking>,
    last_viewer: u64,
}

/// One who looks.
struct Looking {
    progress: Arc<Progress>,
    /// The event that is on its way: whether it is a page, its number, how many bytes it keeps.
    holds: Option<(bool, u64, usize)>,
}

/// What is for a viewer.
pub(super) enum Next {
    /// This, up to these news.
    Event(u64, Bytes),
    /// Nothing yet.
    Wait,
    /// Nothing any more.
    Over,
}

impl Feed {
    /// Nothing is there to show.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Names who knows all of it; before the first news.
    pub fn attach(&self, source: Arc<dyn Source>) {
        self.state().source = Some(source);
    }

    /// Whether anybody looks: else nobody needs to know what is new.
    pub fn has_viewers(&self) -> bool {
        !self.state().viewers.is_empty()
    }

    /// There are news, the next ones: JSON in one line, or nothing where only the whole page will do. What
    /// [`Source::whole`] says must not change between its number and this. Nothing follows if they are the last.
    pub fn tell(&self, news: Option<&[u8]>, is_last: bool) -> u64 {
        let latest = news.map(|json| event("second", json));
        let mut state = self.state();
        state.number += 1;
        state.latest = latest;
        state.is_last = is_last;
        let before = state.number - 1;
        if state.latest.is_none() || state.page.as_ref().is_some_and(|(of, _)| *of < before) {
            state.page = None;
        }
        state.make_room();
        wake(state)
    }

    /// Nobody who knows all is given anything any more.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        wake(state);
    }

    pub(super) fn viewer(&self, progress: &Arc<Progress>) -> u64 {
        let mut state = self.state();
        state.last_viewer += 1;
        let viewer = state.last_viewer;
        let progress = progress.clone();
        let holds = None;
        state.viewers.insert(viewer, Looking { progress, holds });
        viewer
    }

    pub(super) fn viewer_left(&self, viewer: u64) {
        let mut state = self.state();
        state.viewers.remove(&viewer);
        state.waiting.remove(&viewer);
    }

    /// What is next for a viewer who knows all up to `known`, and has nothing left of what it was given; it is woken when
    /// to ask again.
    pub(super) fn next(&self, viewer: u64, known: Option<u64>, waker: &Waker) -> Next {
        let mut state = self.state();
        state.hold(viewer, None);
        let number = state.number;
        let is_up_to_date = number == 0 || known == Some(number);
        if is_up_to_date && (state.is_closed || (state.is_last && number > 0)) {
            return Next::Over;
        }
        if !is_up_to_date {
            if let Some(latest) = &state.latest
                && known == Some(number - 1)
            {
                let latest = latest.clone();
                state.hold(viewer, Some((false, number, latest.len())));
                return Next::Event(number, latest);
            }
            match &state.page {
                Some((of, page)) if known.is_none_or(|known| known < *of) => {
                    let (of, page) = (*of, page.clone());
                    state.hold(viewer, Some((true, of, page.len())));
                    return Next::Event(of, page);
                }
                _ if state.source.is_none() => return Next::Over,
                _ => {
                    state.is_wanted = true;
                    self.wanted.notify_one();
                }
            }
        }
        state.waiting.insert(viewer, waker.clone());
        Next::Wait
    }

    /// Makes the page whenever somebody needs it, beside the thread that serves.
    pub(super) async fn make_pages(self: Arc<Self>) {
        loop {
            self.wanted.notified().await;
            let source = {
                let mut state = self.state();
                let is_wanted = std::mem::take(&mut state.is_wanted);
                state.source.clone().filter(|_| is_wanted)
            };
            let Some(source) = source else {
                continue;
            };
            let made = tokio::task::spawn_blocking(move || {
                let (number, json) = source.whole()?;
                Some((number, event("page", &json)))
            });
            let made = made.await;
            let mut state = self.state();
            match made {
                Ok(Some(page)) => state.page = Some(page),
                // It is not possible, or panicked, and would again.
                Ok(None) | Err(_) => state.source = None,
            }
            wake(state);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn hold(&mut self, viewer: u64, event: Option<(bool, u64, usize)>) {
        if let Some(looking) = self.viewers.get_mut(&viewer) {
            looking.holds = event;
        }
    }

    /// Parts with those who hold the oldest events, so that all who stall together keep no more than is bounded. One
    /// event may be larger than that.
    fn make_room(&mut self) {
        let held = self.viewers.values().filter_map(|one| one.holds);
        let old: BTreeMap<(u64, bool), usize> = held
            .filter(|(_, number, _)| *number < self.number)
            .map(|(is_page, number, bytes)| ((number, is_page), bytes))
            .collect();
        let mut sum: usize = old.values().sum();
        let mut old = old.into_iter().peekable();
        while let Some(((number, is_page), bytes)) = old.next()
            && old.peek().is_some()
            && sum > MOST_HELD
        {
            sum -= bytes;
            for one in self.viewers.values_mut() {
                if one
                    .holds
                    .is_some_and(|(page, of, _)| (page, of) == (is_page, number))
                {
                    one.holds = None;
                    one.progress.give_up();
                }
            }
        }
    }
}

/// Has all who wait ask again; the number of the latest news.
fn wake(mut state: MutexGuard<'_, State>) -> u64 {
    let number = state.number;
    let waiting = std::mem::take(&mut state.waiting);
    drop(state);
    waiting.into_values().for_each(Waker::wake);
    number
}

/// Bytes of events that those hold who are behind.
const MOST_HELD: usize = 32 << 20;

/// An event of the stream.
fn event(name: &str, json: &[u8]) -> Bytes {
    let head = format!("event: {name}\ndata: ");
    [head.as_bytes(), json, b"\n\n"].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(next: Next) -> String {
        match next {
            Next::Event(number, bytes) => {
                let text = String::from_utf8_lossy(&bytes).replace('\n', "|");
                format!("{number} {text}")
            }
            Next::Wait => "wait".into(),
            Next::Over => "over".into(),
        }
    }

    struct All;

    impl Source for All {
        fn whole(&self) -> Option<(u64, Vec<u8>)> {
            Some((1, b"all".to_vec()))
        }
    }

    fn feed() -> Arc<Feed> {
        let feed = Feed::new();
        feed.attach(Arc::new(All));
        feed
    }

    fn next(feed: &Feed, known: Option<u64>) -> String {
        text(feed.next(1, known, Waker::noop()))
    }

    fn page(feed: &Feed, number: u64) {
        feed.state().page = Some((number, event("page", b"all")));
    }

    #[test]
    fn who_knows_all_but_the_latest_is_given_that() {
        let feed = feed();
        assert_eq!(next(&feed, None), "wait");
        assert_eq!(feed.tell(Some(b"1"), false), 1);
        assert_eq!(feed.tell(Some(b"2"), false), 2);
        assert_eq!(next(&feed, Some(1)), "2 event: second|data: 2||");
        assert_eq!(next(&feed, Some(2)), "wait");
    }

    #[test]
    fn who_is_behind_is_given_the_whole_page_once_it_is_made() {
        let feed = feed();
        feed.tell(Some(b"1"), false);
        feed.tell(Some(b"2"), false);
        feed.tell(Some(b"3"), false);
        assert_eq!(next(&feed, Some(1)), "wait");
        assert!(feed.state().is_wanted);
        page(&feed, 3);
        assert_eq!(next(&feed, Some(1)), "3 event: page|data: all||");
        assert_eq!(next(&feed, None), "3 event: page|data: all||");
    }

    #[test]
    fn a_page_that_lacks_the_latest_news_is_followed_by_them() {
        let feed = feed();
        feed.tell(Some(b"1"), false);
        page(&feed, 1);
        feed.tell(Some(b"2"), false);
        assert_eq!(next(&feed, None), "1 event: page|data: all||");
        assert_eq!(next(&feed, Some(1)), "2 event: second|data: 2||");
        // And is of no use to anybody later.
        feed.tell(Some(b"3"), false);
        assert_eq!(next(&feed, None), "wait");
    }

    #[test]
    fn where_only_the_whole_page_will_do_nobody_is_given_an_older_one() {
        let feed = feed();
        feed.tell(Some(b"1"), false);
        page(&feed, 1);
        feed.tell(None, false);
        assert_eq!(next(&feed, Some(1)), "wait");
        assert_eq!(next(&feed, None), "wait");
        page(&feed, 2);
        assert_eq!(next(&feed, Some(1)), "2 event: page|data: all||");
    }

    #[test]
    fn of_those_who_stall_the_ones_with_the_oldest_pages_are_parted_with() {
        let feed = feed();
        let third = MOST_HELD / 3;
        let all: Vec<_> = (0..6)
            .map(|_| {
                let progress: Arc<Progress> = Arc::default();
                (feed.viewer(&progress), progress)
            })
            .collect();
        for (number, (viewer, _)) in (1..).zip(&all) {
            feed.tell(None, false);
            feed.state().page = Some((number, Bytes::from(vec![0; third])));
            let given = feed.next(*viewer, None, Waker::noop());
            assert!(matches!(given, Next::Event(of, _) if of == number));
        }
        feed.tell(None, false);
        let gone = all.iter().map(|(_, progress)| progress.is_given_up());
        assert_eq!(
            gone.collect::<Vec<_>>(),
            [true, true, true, false, false, false]
        );
        // Who takes all of it holds nothing any more.
        for (viewer, _) in &all[3..] {
            feed.next(*viewer, Some(6), Waker::noop());
        }
        assert!(feed.state().viewers.values().all(|one| one.holds.is_none()));
    }

    #[test]
    fn behind_the_last_news_it_is_over_for_who_knows_them() {
        let feed = feed();
        feed.tell(Some(b"1"), false);
        feed.tell(Some(b"2"), true);
        assert_eq!(next(&feed, Some(1)), "2 event: second|data: 2||");
        assert_eq!(next(&feed, Some(2)), "over");
        page(&feed, 2);
        assert_eq!(next(&feed, None), "2 event: page|data: all||");
    }

    #[test]
    fn one_that_is_closed_lets_those_go_who_know_all() {
        let feed = feed();
        feed.close();
        assert_eq!(next(&feed, None), "over");
        feed.tell(Some(b"1"), false);
        assert_eq!(next(&feed, Some(1)), "over");
        page(&feed, 1);
        assert_eq!(next(&feed, None), "1 event: page|data: all||");
    }
}
