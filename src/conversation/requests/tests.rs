//! What the table of requests costs, and where its numbers end.

use smallvec::SmallVec;

use std::time::Duration;

use super::*;
use crate::clock;

const SECOND: Duration = Duration::from_secs(1);

fn begin(requests: &mut Requests<u32>, key: u32) -> RequestId {
    let now = clock::now();
    let exchange = Exchange::new(now, Some(now + SECOND), 0);
    requests.begin(Place::Key(key), exchange, true).unwrap()
}

fn answered() -> Outcome {
    Outcome::Answered(SmallVec::new())
}

#[test]
fn those_that_have_ended_and_wait_to_be_taken_are_looked_at_once() {
    let mut requests = Requests::default();
    let ids: Vec<_> = (0..10_000).map(|key| begin(&mut requests, key)).collect();
    for id in &ids {
        requests.end(*id, answered());
    }
    assert!(requests.take(ids[0]).is_some());
    // All of them have gone from here, not the one that was taken alone.
    assert_eq!(requests.deadlines.len(), 0);
}

#[test]
fn those_under_way_still_time_out_when_others_are_tidied_away() {
    let mut requests = Requests::default();
    let ids: Vec<_> = (0..1_000).map(|key| begin(&mut requests, key)).collect();
    for id in &ids[1..] {
        requests.end(*id, answered());
        requests.take(*id);
    }
    let now = clock::now();
    assert_eq!(requests.next_due(now + 2 * SECOND), Some(ids[0]));
}

#[test]
fn a_number_that_serves_for_ever_stays_one_that_can_be_told_from_a_refusal() {
    let mut requests = Requests::default();
    let first = begin(&mut requests, 1);
    requests.slots[0].generation = RequestId::LAST_GENERATION;
    let last = requests.id(0);
    assert_ne!(first, last);
    assert!(i64::try_from(last.to_number()).is_ok());
    assert_eq!(RequestId::of_number(last.to_number()), last);
    requests.end(last, answered());
    assert!(requests.take(last).is_some());
    assert_eq!(begin(&mut requests, 2).to_number(), 0);
}
