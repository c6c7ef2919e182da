//! How long frames may gather before the sockets get a turn, although the script goes on.

/// A queue of unwritten bytes that grows by more than this is written without waiting for the handler to return.
const CORK_LIMIT: usize = 16 * 1024;

/// When a queue that grows asks for a turn: each time that it has grown by 16 KiB. Not with every frame beyond
/// that, or a peer that does not read would make each of them cost a turn.
#[derive(Debug, Default)]
pub(super) struct Cork {
    /// Bytes that were waiting at the last turn that was asked for.
    asked_at: usize,
}

impl Cork {
    /// Whether a turn is due, with so many bytes waiting.
    pub(super) fn wants_turn(&mut self, waiting: usize) -> bool {
        if waiting <= CORK_LIMIT {
            self.asked_at = 0;
            return false;
        }
        // It may have shrunk meanwhile.
        self.asked_at = self.asked_at.min(waiting);
        let is_due = waiting - self.asked_at > CORK_LIMIT;
        if is_due {
            self.asked_at = waiting;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_asked_for_with_each_16_kib_that_a_queue_has_grown_by() {
        let mut cork = Cork::default();
        let asked = |cork: &mut Cork, levels: &[usize]| -> Vec<usize> {
            let due = levels.iter().filter(|level| cork.wants_turn(**level));
            due.copied().collect()
        };
        assert!(asked(&mut cork, &[1, 16_384]).is_empty());
        assert_eq!(
            asked(&mut cork, &[16_385, 16_386, 32_769, 32_770]),
            [16_385, 32_770]
        );
        // Half of it left, and it grows again: from there.
        assert_eq!(asked(&mut cork, &[20_000, 36_384, 36_385]), [36_385]);
        assert_eq!(asked(&mut cork, &[10, 16_385]), [16_385]);
    }
}
