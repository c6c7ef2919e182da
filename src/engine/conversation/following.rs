//! What follows from what the desk has decided: samples, an event for whoever waits, and what is to be sent.

use crate::clock::Instant;
use crate::conversation::desk::{Desk, Effect, Effects, Said};
use crate::conversation::requests::Failure;
use crate::engine::measure::requests::RequestSeries;
use crate::engine::runtime::mailbox::{Event, EventKind, Payload, ReceiverId};
use crate::engine::runtime::shared::Arrivals;
use crate::metrics::Recorder;

/// What rules have to say.
pub type Replies = Vec<Said>;

/// Its connection is over; and so is all of it, unless another one may take it up.
pub(super) fn end(desk: &mut Desk, why: Failure, is_lasting: bool, then: &mut Effects) {
    if is_lasting {
        desk.lose(why, then);
    } else {
        desk.end(why, then);
    }
}

/// Tells who waits, and puts aside what is to be sent.
pub(super) fn tell(
    receiver: ReceiverId,
    effects: &mut Effects,
    arrivals: &mut Arrivals,
    at: Instant,
    replies: &mut Replies,
) {
    for effect in effects.drain(..) {
        match effect {
            Effect::Ended(id) => arrivals.mailbox.push(Event {
                receiver,
                kind: EventKind::Answered,
                payload: Payload::Number(id.to_number()),
                at,
            }),
            Effect::Reply(said) => replies.push(said),
            _ => {}
        }
    }
}

/// Records what it counts as.
pub(super) fn record(
    effects: &Effects,
    series: &mut RequestSeries,
    recorder: &mut Recorder,
    at: Instant,
) {
    for effect in effects {
        match effect {
            Effect::Answered(name, answer) => series.answered(recorder, *name, answer, at),
            Effect::Planned(name, took) => series.planned(recorder, *name, *took, at),
            Effect::Failed(name, why) => series.failed(recorder, *name, *why, at),
            Effect::Gap(name, gap) => series.gap(recorder, *name, *gap, at),
            Effect::Check(name, is_passed) => series.check(recorder, name, *is_passed),
            Effect::Late => series.late(recorder, at),
            Effect::Delivered(name, delivery) => series.delivered(recorder, name, *delivery, at),
            Effect::Lost(name, lost) => series.lost(recorder, name, *lost, at),
            // Counted when it is written.
            Effect::Reply(..) | Effect::Ended(_) => {}
        }
    }
}
