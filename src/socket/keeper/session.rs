//! What a keeper asks of a session, whatever it speaks.
//!
//! The keeper has the stream and waits; the session has everything else. It reads the clock where time means something
//! to it, and says until when it may be left alone.

use std::io;

use crate::clock::Instant;
use crate::socket::queue::Keeper;

/// One conversation as its keeper sees it.
pub trait ByteSession: Send {
    /// Names who is told when something is queued for it.
    fn attach(&self, keeper: Keeper);

    /// Does what time or the script has made due. First in every turn.
    fn tend(&mut self);

    /// What is to be written next, if anything, and when that began where its way is timed.
    fn unwritten(&mut self) -> Option<(&[u8], Option<Instant>)>;
    /// So much of it is with the operating system.
    fn wrote(&mut self, count: usize, begun: Option<Instant>);
    /// The stream takes no more for now.
    fn blocked(&mut self);
    /// The stream refused what was written.
    fn write_failed(&mut self, error: &io::Error);

    /// How many bytes may be read now, up to `most`.
    fn appetite(&mut self, most: usize) -> usize;
    /// Takes what was read, and when it arrived where that is known to have been before. It may be changed: a mask is
    /// taken off in place.
    fn take_in(&mut self, bytes: &mut [u8], arrived: Option<Instant>);
    /// The peer will send nothing more.
    fn ended(&mut self);
    /// The stream could not be read.
    fn read_failed(&mut self, error: &io::Error);

    /// Whether it matters when something arrives, and not only when it is read: it has asked, and waits for replies.
    fn times_arrivals(&self) -> bool {
        false
    }
    /// Whether that is so since the last call; asked after a write that is timed.
    fn begins_to_time(&mut self) -> bool {
        false
    }

    /// Whether what was taken in has to be answered in the same turn; asked once for each answer.
    fn has_to_answer(&mut self) -> bool;
    /// Ends what should be over by now. Last in every turn.
    fn give_up_late(&mut self);

    /// Until when it may be left alone if nothing comes and nothing is queued.
    fn deadline(&self) -> Option<Instant>;
    /// Whether what was queued for it, or room that was made, is worth a whole turn and not a write alone.
    fn wants_turn(&self) -> bool;
    /// Whether nothing may be read of it although its stream may have something.
    fn is_paused(&self) -> bool;
    /// Whether it is done with the stream.
    fn is_over(&self) -> bool;
    /// The stream is about to be dropped. The last call.
    fn finish(&mut self);
}
