//! Cuts what one connection receives.

use std::sync::Arc;

use super::counted::{self, Look};
use super::delimited;
use super::description::{Framing, Kind};
use super::error::FramingError;
use super::headed::{self, Extent};

/// Memory for what is split that an idle connection may keep.
const SPARE: usize = 4 * 1024;

/// Cuts what one connection receives.
///
/// After an error nothing more can be cut: where the next frame begins is not known.
#[derive(Debug)]
pub struct Framer {
    framing: Arc<Framing>,
    /// The beginning of a frame whose end has not come.
    kept: Vec<u8>,
    /// Where its message will lie, of one whose head has been read.
    due: Option<Extent>,
}

impl Framer {
    /// One at the beginning of a stream.
    pub fn new(framing: Arc<Framing>) -> Self {
        Self {
            framing,
            kept: Vec::new(),
            due: None,
        }
    }

    /// Takes the next bytes of the stream and gives each frame that ends in them to `each`, in order.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) -> Result<(), FramingError> {
        let framing = self.framing.clone();
        let mut each = |frame: &[u8]| {
            framing.check_text(frame)?;
            each(frame);
            Ok(())
        };
        match &framing.kind {
            Kind::Delimited(end) => {
                delimited::feed(end, framing.max, &mut self.kept, bytes, &mut each)?;
            }
            Kind::Headed(headed) => {
                let begun = (&mut self.kept, &mut self.due);
                headed::feed(headed, framing.max, begun, bytes, &mut each)?;
            }
            Kind::UntilClose => {
                framing.check_length(self.kept.len() + bytes.len())?;
                self.kept.extend_from_slice(bytes);
            }
            _ => counted::feed(&framing, &mut self.kept, bytes, &mut each)?,
        }
        if self.kept.is_empty() && self.kept.capacity() > SPARE {
            self.kept = Vec::new();
        }
        Ok(())
    }

    /// The peer has ended the stream. What it left goes to `each` where that is a whole message; else it is an error.
    pub fn end(&mut self, each: impl FnOnce(&[u8])) -> Result<(), FramingError> {
        let kept = std::mem::take(&mut self.kept);
        if kept.is_empty() {
            return Ok(());
        }
        if matches!(self.framing.kind, Kind::UntilClose) {
            each(&kept);
            return Ok(());
        }
        let needs = match (self.due, self.framing.look(&kept)) {
            (Some(due), _) => Some(due.whole),
            (None, Ok(Some(Look::More(needs)))) => Some(needs),
            _ => None,
        };
        let kept = kept.len();
        Err(FramingError::Unfinished { kept, needs })
    }

    /// How much of an unfinished frame has come.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// How it cuts.
    pub fn framing(&self) -> &Arc<Framing> {
        &self.framing
    }
}
