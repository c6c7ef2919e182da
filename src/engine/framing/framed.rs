//! The framing of one connection: its driver cuts by it, the script's side may ask for another one.
//!
//! Only connections with a framing have one of these. Its lock is held while one read is cut; the arrivals are locked
//! within it.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::conversation::framing::{Framer, Framing, FramingError};
use crate::conversation::message::Message;
use crate::engine::runtime::shared::lock;
use crate::socket::error::{Cause, Phase, SocketError};

/// A message as it is sent, in its frame where there is a framing; nothing where that cannot say it.
pub(in crate::engine) fn whole<'a>(
    framed: Option<&Framed>,
    message: &Message<'a>,
) -> Option<Cow<'a, [u8]>> {
    let Some(framed) = framed else {
        return Some(message.bytes().into());
    };
    let mut whole = Vec::new();
    framed.framing().wrap(message.bytes(), &mut whole).ok()?;
    Some(whole.into())
}

/// Shared by the observer of a connection and by the script's handle of it.
#[derive(Debug)]
pub struct Framed {
    framer: Mutex<Framer>,
    /// Messages so far. Counted under the lock of the arrivals, together with what is undelivered.
    messages: AtomicU64,
}

impl Framed {
    /// At the beginning of a stream.
    pub fn new(framing: Arc<Framing>) -> Self {
        Self {
            framer: Mutex::new(Framer::new(framing)),
            messages: AtomicU64::new(0),
        }
    }

    /// How it cuts now.
    pub fn framing(&self) -> Arc<Framing> {
        lock(&self.framer).framing().clone()
    }

    /// Cuts by another framing from here on. Not in the middle of a message: then, how much of it has come.
    pub fn replace(&self, framing: Arc<Framing>) -> Result<(), usize> {
        let mut framer = lock(&self.framer);
        match framer.kept() {
            0 => {
                *framer = Framer::new(framing);
                Ok(())
            }
            kept => Err(kept),
        }
    }

    /// Messages so far, of those that were told.
    pub(in crate::engine) fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }

    /// One more.
    pub(in crate::engine) fn count(&self) {
        self.messages.fetch_add(1, Ordering::Relaxed);
    }

    /// Has `each` take the messages that end in these bytes, and whether they are text.
    pub(super) fn feed(
        &self,
        bytes: &[u8],
        mut each: impl FnMut(&[u8], bool),
    ) -> Result<(), FramingError> {
        let mut framer = lock(&self.framer);
        let is_text = framer.framing().is_text();
        framer.feed(bytes, |message| each(message, is_text))
    }

    /// Has `each` take what the peer has left, where that is a message.
    pub(super) fn end(&self, each: impl FnOnce(&[u8], bool)) -> Result<(), FramingError> {
        let mut framer = lock(&self.framer);
        let is_text = framer.framing().is_text();
        framer.end(|message| each(message, is_text))
    }

    /// Why TLS cannot be started, if the script has had so many messages: what came before it and was not read would
    /// pass for what came with it (STARTTLS injection; RFC 3207 section 6 has the same of SMTP).
    pub(in crate::engine) fn objection_to_tls(&self, seen: u64) -> Option<SocketError> {
        let unread = self.messages().saturating_sub(seen);
        let kept = lock(&self.framer).kept();
        if unread == 0 && kept == 0 {
            return None;
        }
        let text = format!(
            "framing: {unread} messages and {kept} bytes of another one came before TLS and were not read"
        );
        let error = SocketError::new(Phase::Tls, Cause::Framing, text);
        Some(error.with_hint("the peer, or somebody between, sent more than it was asked for"))
    }
}
