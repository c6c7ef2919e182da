//! One turn of a session on its stream, for every keeper the same.

use std::io;
use std::task::Poll;

use super::session::ByteSession;
use crate::clock::Instant;

/// Bytes read at once, into a buffer that the connections of a keeper share.
pub(in crate::socket) const READ_SIZE: usize = 64 * 1024;
/// Reads of one connection before others get their turn.
pub(in crate::socket) const READS_PER_TURN: usize = 8;

/// A stream that never waits. `Pending` means that its keeper learns when it is worth another try.
pub(in crate::socket) trait ByteStream {
    /// Reads what is there; 0 is the end.
    fn read(&mut self, buffer: &mut [u8]) -> Poll<io::Result<usize>>;
    /// The same, with the instant at which it arrived, where the stream knows that.
    fn read_arrived(&mut self, buffer: &mut [u8]) -> Poll<io::Result<(usize, Option<Instant>)>> {
        self.read(buffer).map_ok(|count| (count, None))
    }
    /// Is to know that from now on, if it can.
    fn stamp_arrivals(&mut self) {}
    /// Writes what there is room for.
    fn write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>>;
    /// Whether the last read is known to have left nothing, so that another would be in vain.
    fn is_drained(&self) -> bool;
    /// Passes on what the stream itself keeps.
    fn flush(&mut self) -> Poll<io::Result<()>>;
}

/// What a turn has left undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::socket) enum Left {
    /// Nothing that can be done before the stream is ready, the deadline is there or somebody queues something.
    Nothing,
    /// There may be more to do at once: others have their turn first.
    More,
    /// The stream: the session is over.
    Over,
}

/// Does all that is possible now, but for a share of the reads.
pub(in crate::socket) fn turn<B: ByteSession + ?Sized>(
    stream: &mut impl ByteStream,
    session: &mut B,
    buffer: &mut [u8],
) -> Left {
    let mut left = Left::Nothing;
    loop {
        session.tend();
        write(stream, session);
        if session.is_over() {
            break;
        }
        left = read(stream, session, buffer);
        if !session.has_to_answer() {
            break;
        }
    }
    session.give_up_late();
    if session.is_over() { Left::Over } else { left }
}

/// Writes what was queued and leaves the rest to a turn, where there is a rest.
pub(in crate::socket) fn flush<B: ByteSession + ?Sized>(
    stream: &mut impl ByteStream,
    session: &mut B,
) -> Left {
    if session.is_over() {
        return Left::More;
    }
    session.tend();
    write(stream, session);
    if session.wants_turn() {
        Left::More
    } else {
        Left::Nothing
    }
}

/// Writes until nothing is queued or the stream takes no more.
fn write<B: ByteSession + ?Sized>(stream: &mut impl ByteStream, session: &mut B) {
    if session.is_over() {
        return;
    }
    while let Some((bytes, begun)) = session.unwritten() {
        match stream.write(bytes) {
            Poll::Ready(Ok(0)) => {
                return session.write_failed(&io::ErrorKind::WriteZero.into());
            }
            Poll::Ready(Ok(count)) => {
                session.wrote(count, begun);
                if begun.is_some() && session.begins_to_time() {
                    stream.stamp_arrivals();
                }
            }
            Poll::Ready(Err(error)) => return session.write_failed(&error),
            Poll::Pending => return session.blocked(),
        }
    }
    if let Poll::Ready(Err(error)) = stream.flush() {
        session.write_failed(&error);
    }
}

/// Reads until nothing is there, the session wants no more, or others should have a turn.
fn read<B: ByteSession + ?Sized>(
    stream: &mut impl ByteStream,
    session: &mut B,
    buffer: &mut [u8],
) -> Left {
    for _ in 0..READS_PER_TURN {
        let most = session.appetite(buffer.len());
        if most == 0 {
            return Left::Nothing;
        }
        let read = if session.times_arrivals() {
            stream.read_arrived(&mut buffer[..most])
        } else {
            stream
                .read(&mut buffer[..most])
                .map_ok(|count| (count, None))
        };
        match read {
            Poll::Pending => return Left::Nothing,
            Poll::Ready(Ok((0, _))) => session.ended(),
            Poll::Ready(Ok((count, arrived))) => {
                session.take_in(&mut buffer[..count], arrived);
                if stream.is_drained() {
                    return Left::Nothing;
                }
            }
            Poll::Ready(Err(error)) => session.read_failed(&error),
        }
    }
    if session.appetite(buffer.len()) == 0 {
        Left::Nothing
    } else {
        Left::More
    }
}
