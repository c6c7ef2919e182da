//! A read rate whose task is woken when there is something to read again.

use std::pin::Pin;
use std::task::Context;

use tokio::time::Sleep;

use crate::clock;
use crate::socket::read_rate::ReadRate;

pub(super) struct Ration {
    rate: ReadRate,
    refill: Pin<Box<Sleep>>,
}

impl Ration {
    /// So many bytes a second.
    pub(super) fn new(rate: f64) -> Self {
        Self {
            rate: ReadRate::new(rate),
            refill: Box::pin(tokio::time::sleep_until(clock::now())),
        }
    }

    /// How many bytes may be read now, up to `most`; at 0 the task is woken when there are some.
    pub(super) fn allowance(&mut self, most: usize, cx: &mut Context<'_>) -> usize {
        loop {
            let until = match self.rate.allowance(most, clock::now()) {
                Ok(most) => return most,
                Err(until) => until,
            };
            self.refill.as_mut().reset(until);
            if self.refill.as_mut().poll(cx).is_pending() {
                return 0;
            }
        }
    }

    /// So many bytes were read.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.rate.spend(bytes);
    }
}
