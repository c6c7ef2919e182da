//! What a connection has to say: what the script queued, and the accounts of what is written.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

use super::{Answered, Session, TcpFact, TcpObserver};
use crate::clock::{self, Instant};
use crate::socket::arrival::Arrivals;
use crate::socket::queue::Origin;

impl<O: TcpObserver> Session<O> {
    pub(super) fn write(&mut self, cx: &mut Context<'_>) {
        if self.queue.is_destroyed() {
            self.is_over = true;
            return;
        }
        if let Some(stream) = &self.stream
            && let Some(change) = self.queue.take_adjustment()
            && let Err(error) = change.apply(stream.counted().wire())
        {
            return self.failed("setsockopt", &error);
        }
        loop {
            if self.at == self.taken.bytes.len() && !self.refill() {
                break;
            }
            let Some(stream) = &mut self.stream else {
                return;
            };
            let unwritten = &self.taken.bytes[self.at..];
            // The way of a request begins before the write, which may take a while itself.
            let begun = (!self.taken.marks.is_empty()).then(clock::now);
            // A write of nothing is done as soon as it is its turn.
            let polled = if unwritten.is_empty() {
                Poll::Ready(Ok(0))
            } else {
                Pin::new(stream).poll_write(cx, unwritten)
            };
            match polled {
                Poll::Ready(Ok(0)) if self.at < self.taken.bytes.len() => {
                    return self.failed("write", &std::io::ErrorKind::WriteZero.into());
                }
                Poll::Ready(Ok(written)) => {
                    self.stall = None;
                    self.account(written, begun);
                }
                Poll::Ready(Err(error)) => return self.failed("write", &error),
                Poll::Pending => {
                    let patience = self.config.send_timeout;
                    let stall = self
                        .stall
                        .get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
                    if stall.as_mut().poll(cx).is_ready() {
                        self.blocked();
                    }
                    return;
                }
            }
        }
        if let Some(stream) = &mut self.stream
            && let Poll::Ready(Err(error)) = Pin::new(stream).poll_flush(cx)
        {
            return self.failed("write", &error);
        }
        self.end(cx);
    }

    /// The next bytes to write. False when there are none.
    fn refill(&mut self) -> bool {
        self.at = 0;
        self.next_end = 0;
        self.taken.written();
        if self.upgrade.is_some() {
            return false;
        }
        self.queue.take(&mut self.taken);
        !self.taken.ends.is_empty()
    }

    fn account(&mut self, written: usize, begun: Option<Instant>) {
        self.at += written;
        let before = self.next_end;
        while self
            .taken
            .ends
            .get(self.next_end)
            .is_some_and(|end| *end <= self.at)
        {
            self.next_end += 1;
        }
        if let Some(begun) = begun {
            self.account_marked(begun);
            if self.asked.is_news()
                && let Some(stream) = &mut self.stream
            {
                stream.stamp_arrivals();
            }
        }
        let writes = (self.next_end - before) as u64;
        let left = self.taken.bytes.len() - self.at;
        let (is_wanted, has_room) = self.queue.progressed(writes, written, left);
        if is_wanted {
            self.observer.observe(TcpFact::Written);
        }
        if has_room {
            self.observer.observe(TcpFact::Writable);
        }
    }

    /// Those of them that are not just the script's.
    fn account_marked(&mut self, begun: Instant) {
        let marks = &mut self.taken.marks;
        let ended = marks.partition_point(|(end, _)| *end <= self.at);
        let mut answers = Answered::default();
        for (_, origin) in marks.drain(..ended) {
            match origin {
                Origin::Script => {}
                Origin::Rule { by_script } => {
                    answers.all += 1;
                    answers.by_script += u64::from(by_script);
                }
                Origin::Request(number) => {
                    self.asked.add();
                    self.observer.observe(TcpFact::Wrote(number, begun));
                }
            }
        }
        if answers.all > 0 {
            self.observer.observe(TcpFact::Answered(answers));
        }
    }
}
