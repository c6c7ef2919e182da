//! The number of a request.

/// Which request of a connection; a number serves again, a number with its generation never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

impl RequestId {
    /// Of a slot; behind it the first comes again. Numbers are those of an `i64`: who makes a request is answered with
    /// one, or with why it was not made.
    pub(super) const LAST_GENERATION: u32 = i32::MAX.cast_unsigned();

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
