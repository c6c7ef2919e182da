//! Frames on their way from a queue to the wire, in memory that the thread lends.

use crate::socket::queue::Origin;
use crate::socket::spares::{Spare, Spares};

thread_local! {
    /// What connections write from.
    static SPARES: Spares<Frames> = const { Spares::new() };
}

/// What ends at a certain byte of the stream, for the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A data message of this many payload bytes.
    Message(usize),
    /// The same, of one that a rule answers with; and whether a callable of the script has made it.
    Answer(usize, bool),
    Ping(u64),
    /// A request of this number: its message ends here as well.
    Request(u64),
    Close,
}

/// What a frame is marked with at its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marked {
    /// Of a message that is a request.
    pub(super) request: Option<u64>,
    pub(super) mark: Mark,
}

impl Marked {
    /// A data message with so many bytes of payload.
    pub(super) fn message(payload: usize, origin: Origin) -> Self {
        match origin {
            Origin::Script => Mark::Message(payload).into(),
            Origin::Rule { by_script } => Mark::Answer(payload, by_script).into(),
            Origin::Request(number) => Self {
                request: Some(number),
                mark: Mark::Message(payload),
            },
        }
    }
}

impl From<Mark> for Marked {
    fn from(mark: Mark) -> Self {
        Self {
            request: None,
            mark,
        }
    }
}

impl Mark {
    /// Whether it is the end of a data message.
    pub(crate) fn is_message(self) -> bool {
        matches!(self, Self::Message(_) | Self::Answer(..))
    }
}

/// The frames, with what ends where.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    pub(crate) bytes: Vec<u8>,
    pub(crate) marks: Vec<(usize, Mark)>,
    /// One of the marks is that of a ping or of a request, so the time of the write matters.
    pub(crate) is_timed: bool,
}

impl Spare for Frames {
    fn capacity(&self) -> usize {
        self.bytes.capacity() + self.marks.capacity() * size_of::<(usize, Mark)>()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.marks.clear();
        self.is_timed = false;
    }
}

impl Frames {
    /// All is written: the memory goes back to the thread.
    pub(crate) fn written(&mut self) {
        self.give_back(&SPARES);
    }

    /// Memory of the thread for the first frame of a queue that has none.
    pub(super) fn borrow(&mut self) {
        if self.bytes.capacity() == 0 {
            *self = SPARES.with(Spares::lend);
        }
    }

    /// As [`Frames::mark`], for a frame that may be a request as well.
    #[inline]
    pub(super) fn end_with(&mut self, marked: Marked) {
        if let Some(number) = marked.request {
            self.is_timed = true;
            self.mark(Mark::Request(number));
        }
        self.mark(marked.mark);
    }

    /// Appends behind the bytes of a frame what ends there.
    pub(super) fn mark(&mut self, mark: Mark) {
        self.marks.push((self.bytes.len(), mark));
    }
}
