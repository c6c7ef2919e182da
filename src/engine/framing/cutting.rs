//! What the observer of a connection has of its framing: it cuts, until what comes is no message.

use std::sync::Arc;

use super::broken::broken;
use super::framed::Framed;
use crate::conversation::framing::FramingError;
use crate::socket::error::SocketError;

/// Data that is cut into messages.
pub(in crate::engine) struct Cutting {
    pub(in crate::engine) framed: Arc<Framed>,
    /// What came is no message: nothing more is told of the data.
    is_broken: bool,
    /// Why, until somebody has asked.
    objection: Option<SocketError>,
}

impl Cutting {
    pub(in crate::engine) fn new(framed: Arc<Framed>) -> Self {
        Self {
            framed,
            is_broken: false,
            objection: None,
        }
    }

    /// Has `each` take the messages that end in these bytes, and whether they are text.
    pub(in crate::engine) fn feed(&mut self, bytes: &[u8], each: impl FnMut(&[u8], bool)) {
        if !self.is_broken {
            let cut = self.framed.feed(bytes, each);
            self.check(cut);
        }
    }

    /// The stream has ended; has `each` take what it has left, where that is a message.
    pub(in crate::engine) fn end(&mut self, each: impl FnOnce(&[u8], bool)) {
        if !self.is_broken {
            let cut = self.framed.end(each);
            self.check(cut);
        }
    }

    /// Why the connection cannot go on; once.
    pub(in crate::engine) fn objection(&mut self) -> Option<SocketError> {
        self.objection.take()
    }

    fn check(&mut self, cut: Result<(), FramingError>) {
        if let Err(wrong) = cut {
            self.is_broken = true;
            self.objection = Some(broken(&wrong));
        }
    }
}
