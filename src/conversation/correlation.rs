//! Which reply belongs to which request.

use super::ask::Ask;
use super::key::{self, Equality, Key, KeyFault, KeySource};
use super::matcher::Matcher;
use super::message::Message;

/// How requests and replies find each other on a connection.
#[derive(Clone, Debug)]
pub struct Correlation {
    keys: Option<Keys>,
    is_reply: Option<Matcher>,
    is_last: Option<Matcher>,
}

#[derive(Clone, Debug)]
struct Keys {
    sent: KeySource,
    received: KeySource,
    equality: Equality,
}

impl Correlation {
    /// A reply has the key of its request. `is_reply` says which received messages are replies at all, `is_last`
    /// which one ends the reply of several messages.
    pub fn by(
        sent: KeySource,
        received: KeySource,
        is_reply: Option<Matcher>,
        is_last: Option<Matcher>,
    ) -> Self {
        // Text, bytes and callables do not know a number of JSON from a string; two pointers do.
        let is_typed = matches!(
            (&sent, &received),
            (KeySource::Pointer(_), KeySource::Pointer(_))
        );
        let equality = if is_typed {
            Equality::Typed
        } else {
            Equality::Text
        };
        Self {
            keys: Some(Keys {
                sent,
                received,
                equality,
            }),
            is_reply,
            is_last,
        }
    }

    /// Replies come in the order of their requests.
    pub fn in_order(is_reply: Option<Matcher>, is_last: Option<Matcher>) -> Self {
        Self {
            keys: None,
            is_reply,
            is_last,
        }
    }

    /// The same, whose callables have numbers that are greater by this.
    pub fn shifted(&self, by: usize) -> Self {
        Self {
            keys: self.keys.as_ref().map(|keys| Keys {
                sent: keys.sent.shifted(by),
                received: keys.received.shifted(by),
                equality: keys.equality,
            }),
            is_reply: self.is_reply.as_ref().map(|one| one.shifted(by)),
            is_last: self.is_last.as_ref().map(|one| one.shifted(by)),
        }
    }

    /// Whether replies come in the order of their requests, so that they have no keys.
    pub fn is_in_order(&self) -> bool {
        self.keys.is_none()
    }

    /// The key of a message that is about to be sent. In order there are none: it is `Missing`.
    ///
    /// # Errors
    ///
    /// It has none, or one that is too long.
    pub fn key_of_sent(&self, message: &Message<'_>, ask: &mut dyn Ask) -> Result<Key, KeyFault> {
        let keys = self.keys.as_ref().ok_or(KeyFault::Missing)?;
        keys.sent.find(message, keys.equality, ask)
    }

    /// The key that a script gave itself, for one request. `is_string` if it was text and no number.
    ///
    /// # Errors
    ///
    /// It is too long.
    pub fn key_of_text(&self, text: &[u8], is_string: bool) -> Result<Key, KeyFault> {
        let equality = self
            .keys
            .as_ref()
            .map_or(Equality::Text, |keys| keys.equality);
        key::of_text(text, is_string, equality)
    }

    /// The key of a message that has come; none if it is no reply. In order each reply has the same, empty one.
    pub fn key_of_received(&self, message: &Message<'_>, ask: &mut dyn Ask) -> Option<Key> {
        if let Some(is_reply) = &self.is_reply
            && !is_reply.matches(message, ask)
        {
            return None;
        }
        match &self.keys {
            Some(keys) => keys.received.find(message, keys.equality, ask).ok(),
            None => Key::new(b"").ok(),
        }
    }

    /// What the last message of a reply is known by, where replies have several.
    pub fn last(&self) -> Option<&Matcher> {
        self.is_last.as_ref()
    }

    /// Whether a message ends the reply that it belongs to; nothing where each reply is one message.
    pub fn is_done(&self, message: &Message<'_>, ask: &mut dyn Ask) -> Option<bool> {
        let is_last = self.is_last.as_ref()?;
        Some(is_last.matches(message, ask))
    }

    /// The same, of messages that a codec of the script's own decodes: see [`Matcher::decoded`].
    pub fn decoded(&self) -> Self {
        Self {
            keys: self.keys.clone(),
            is_reply: self.is_reply.as_ref().map(Matcher::decoded),
            is_last: self.is_last.as_ref().map(Matcher::decoded),
        }
    }

    /// Whether a callable of the script may have the word.
    pub fn needs_python(&self) -> bool {
        let of_keys = |keys: &Keys| keys.sent.needs_python() || keys.received.needs_python();
        let mut matchers = self.is_reply.iter().chain(&self.is_last);
        self.keys.as_ref().is_some_and(of_keys) || matchers.any(Matcher::needs_python)
    }
}
