//! The number of a request.

/// Which request of a connection; a number serves again, a number with its generation never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

impl RequestId {
    /// As one number, for marks and events.
    pub fn to_number(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.slot)
    }

    /// Back from [`RequestId::to_number`].
    #[expect(clippy::cast_possible_truncation, reason = "its two halves")]
    pub fn of_number(number: u64) -> Self {
        Self {
            slot: number as u32,
            generation: (number >> 32) as u32,
        }
    }
}
