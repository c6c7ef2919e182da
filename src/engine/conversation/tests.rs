//! What a run is told of requests, without sockets; the clock is paused.

use tokio::time::advance;

use super::*;
use crate::conversation::matcher::Matcher;
use crate::conversation::message::Kind;
use crate::conversation::rules::Action;
use crate::engine::ledger::Ledger;
use crate::engine::measure::requests::{self, RequestMetrics};
use crate::metrics::TagSet;

const MS: Duration = Duration::from_millis(1);

struct Rig {
    ledger: Ledger,
    conversation: Conversation,
}

impl Rig {
    fn new(of: &'static RequestMetrics) -> Self {
        let ledger = Ledger::new();
        let (metrics, vu) = (ledger.metrics.clone(), ledger.vu.clone());
        let series = RequestSeries::new(metrics, vu, TagSet::new(), of);
        let conversation = Conversation::new(3, Some(series), 0);
        conversation.correlate(Arc::new(Correlation::in_order(None, None)));
        assert_eq!(conversation.name("ask"), 0);
        Self {
            ledger,
            conversation,
        }
    }

    /// One is made, and written now.
    fn begins(&self) -> RequestId {
        let now = clock::now();
        let asked = Asked {
            called: now,
            deadline: None,
            name: 0,
            criteria: None,
            key: None,
            planned: None,
        };
        let message = Message::new(Kind::Text, b"ask");
        let begun = self.conversation.begin_wanted(&message, asked);
        self.conversation.wrote(begun.unwrap(), now);
        begun.unwrap()
    }

    fn is_answered(&self) {
        let (reply, now) = (Message::new(Kind::Text, b"reply"), clock::now());
        let shared = &self.ledger.shared;
        let offered = self
            .conversation
            .offer(shared, &reply, now, &mut Vec::new());
        assert_eq!(offered, Offered::Taken(None));
    }

    /// The durations that were recorded since this was last asked.
    fn durations(&self) -> Vec<String> {
        let told = self.ledger.samples();
        told.into_iter()
            .filter(|one| one.contains("duration"))
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_request_of_a_planned_iteration_is_timed_from_the_plan_as_well() {
    for (of, prefix) in [(&requests::WS, "ws"), (&requests::TCP, "tcp")] {
        let rig = Rig::new(of);
        let vu = &rig.ledger.vu;
        let planned = clock::now();
        advance(40 * MS).await;
        vu.begin(2, Some(planned));
        // What was not sent is as if it had not been made.
        rig.conversation.forget(rig.begins());
        rig.begins();
        rig.begins();
        advance(20 * MS).await;
        rig.is_answered();
        rig.is_answered();
        assert_eq!(
            rig.durations(),
            [
                format!("60 ms: {prefix}_req_duration 20 name=ask (7/2)"),
                format!("60 ms: {prefix}_req_planned_duration 60 name=ask (7/2)"),
                format!("60 ms: {prefix}_req_duration 20 name=ask (7/2)"),
            ]
        );

        // Between two iterations there is no plan, nor in one that none was made for.
        vu.begin(3, Some(planned));
        vu.end();
        rig.begins();
        vu.begin(4, None);
        rig.begins();
        rig.is_answered();
        rig.is_answered();
        assert_eq!(rig.durations().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_after_the_end_of_its_iteration_has_its_plan() {
    let rig = Rig::new(&requests::WS);
    let vu = &rig.ledger.vu;
    for iteration in 0..3 {
        vu.begin(iteration, Some(clock::now()));
        advance(5 * MS).await;
        rig.begins();
        vu.end();
    }
    for _ in 0..3 {
        rig.is_answered();
    }
    let planned: Vec<_> = rig.durations().into_iter().skip(1).step_by(2).collect();
    let expected =
        [15, 10, 5].map(|took| format!("15 ms: ws_req_planned_duration {took} name=ask (7/2)"));
    assert_eq!(planned, expected);
}

#[tokio::test(start_paused = true)]
async fn messages_that_nobody_decided_about_are_given_up_each_with_its_length() {
    let rig = Rig::new(&requests::WS);
    let (matches, action) = (Matcher::Callable(0), Action::Ignore);
    rig.conversation.add_rule(Rule { matches, action });
    let shared = &rig.ledger.shared;
    for text in ["ab", "", "abc"] {
        let message = Message::new(Kind::Text, text.as_bytes());
        let offered = rig
            .conversation
            .offer(shared, &message, clock::now(), &mut Vec::new());
        assert_eq!(offered, Offered::Undecided);
    }
    assert_eq!(rig.conversation.give_up(shared, true), [2, 0, 3]);
    assert!(rig.conversation.give_up(shared, true).is_empty());
}
