//! What shows without reading that some text is not in a JSON document: most messages are not the one that is looked for.

use memchr::memmem::Finder;

/// A string as JSON writes it, in its quotes.
#[derive(Clone, Debug)]
pub(super) struct Glance(Box<Finder<'static>>);

impl Glance {
    /// Nothing of what JSON has to escape, which it may do in several ways.
    pub(super) fn of(text: &str) -> Option<Self> {
        let quoted = serde_json::to_string(text).ok()?;
        let is_plain = !quoted.contains('\\');
        is_plain.then(|| Self(Box::new(Finder::new(quoted.as_bytes()).into_owned())))
    }

    /// Whether these bytes, if they are JSON, lack the string for sure: it is not there, and no escape could hide it.
    #[inline]
    pub(super) fn cannot_be_in(&self, bytes: &[u8]) -> bool {
        self.0.find(bytes).is_none() && memchr::memchr(b'\\', bytes).is_none()
    }
}
