//! A desk against a naive model of it, whatever happens in whatever order: each message goes to the same taker, each
//! request has the same end.

use proptest::prelude::*;

use super::{
    Arc, Correlation, Criteria, Duration, Effect, Failure, Instant, Matcher, Nobody, RequestId,
    Rig, Side, Taker, by_id, message,
};

const MILLISECOND: Duration = Duration::from_millis(1);

#[derive(Clone, Debug)]
enum Act {
    Ask {
        key: u8,
        patience: u32,
        has_parts: bool,
    },
    /// The oldest request that waits for it is written.
    Write,
    Hear {
        key: u8,
        is_last: bool,
    },
    Pass(u32),
    Expire,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (0..6_u8, 1..30_u32, any::<bool>())
            .prop_map(|(key, patience, has_parts)| Act::Ask { key, patience, has_parts }),
        3 => Just(Act::Write),
        4 => (0..6_u8, any::<bool>()).prop_map(|(key, is_last)| Act::Hear { key, is_last }),
        2 => (0..12_u32).prop_map(Act::Pass),
        1 => Just(Act::Expire),
    ];
    prop::collection::vec(act, 0..120)
}

#[derive(Debug)]
struct Asked {
    id: RequestId,
    key: u8,
    deadline: Instant,
    written: Option<Instant>,
    has_parts: bool,
    end: Option<String>,
    /// Nothing can be its reply any more.
    is_over: bool,
}

#[derive(Debug)]
struct Model {
    is_in_order: bool,
    asked: Vec<Asked>,
    late: usize,
}

impl Model {
    fn hears(&mut self, key: u8, is_last: bool, text: &str, at: Instant) -> Taker {
        let is_in_order = self.is_in_order;
        let mut open = self.asked.iter_mut().filter(|one| !one.is_over);
        let Some(one) = open.find(|one| is_in_order || one.key == key) else {
            return Taker::Script;
        };
        if one.written.is_none_or(|written| written > at) {
            return Taker::Script;
        }
        if one.end.is_none() && one.deadline < at {
            one.end = Some("timeout".into());
        }
        if is_last || !one.has_parts {
            one.is_over = true;
            self.late += usize::from(one.end.is_some());
            one.end.get_or_insert_with(|| text.into());
        }
        Taker::Request
    }

    fn expire(&mut self, now: Instant) {
        let due = |one: &&mut Asked| one.end.is_none() && one.deadline <= now;
        for one in self.asked.iter_mut().filter(due) {
            one.end = Some("timeout".into());
        }
    }
}

proptest! {
    #[test]
    fn a_desk_does_as_its_model(is_in_order: bool, acts in acts()) {
        let correlation = if is_in_order { Correlation::in_order(None, None) } else { by_id() };
        let mut rig = Rig::new(correlation);
        let mut model = Model { is_in_order, asked: Vec::new(), late: 0 };
        let last = Matcher::Contains(
            Side::Text,
            Arc::new(memchr::memmem::Finder::new(b"last").into_owned()),
        );
        for (number, act) in acts.into_iter().enumerate() {
            match act {
                Act::Ask { key, patience, has_parts } => {
                    let deadline = rig.now + MILLISECOND * patience;
                    let mut asked = rig.asked();
                    asked.deadline = Some(deadline);
                    asked.criteria = has_parts.then(|| Criteria {
                        done: Some(last.clone()),
                        ..Criteria::default()
                    });
                    let text = format!("{{\"id\": {key}}}");
                    let begun = rig.desk.begin(&message(&text), asked, &mut Nobody);
                    let is_free = is_in_order
                        || model.asked.iter().all(|one| one.is_over || one.key != key);
                    prop_assert_eq!(begun.is_ok(), is_free);
                    model.asked.extend(begun.map(|id| Asked {
                        id,
                        key,
                        deadline,
                        written: None,
                        has_parts,
                        end: None,
                        is_over: false,
                    }));
                }
                Act::Write => {
                    if let Some(one) = model.asked.iter_mut().find(|one| one.written.is_none()) {
                        rig.desk.wrote(one.id, rig.now);
                        one.written = Some(rig.now);
                    }
                }
                Act::Hear { key, is_last } => {
                    let end = if is_last { "last" } else { "part" };
                    let text = format!("{{\"id\": {key}, \"{end}\": {number}}}");
                    let taker = model.hears(key, is_last, &text, rig.now);
                    prop_assert_eq!(rig.receive(&text), taker);
                }
                Act::Pass(ms) => rig.pass(MILLISECOND * ms),
                Act::Expire => {
                    let now = rig.now;
                    model.expire(now);
                    let next = rig.desk.expire(now, &mut rig.then);
                    let open = model.asked.iter().filter(|one| one.end.is_none());
                    prop_assert_eq!(next, open.map(|one| one.deadline).min());
                }
            }
            let open = model.asked.iter().filter(|one| one.end.is_none()).count();
            prop_assert_eq!(rig.desk.requests().under_way(), open);
        }
        rig.desk.fail_all(Failure::Closed, &mut rig.then);
        let late = rig.then.iter().filter(|one| **one == Effect::Late).count();
        prop_assert_eq!(late, model.late);
        let told = rig.times().len() + rig.failures().len();
        prop_assert_eq!(told, model.asked.len());
        for one in model.asked {
            prop_assert_eq!(rig.reply(one.id).unwrap(), one.end.unwrap_or("closed".into()));
        }
        prop_assert!(rig.desk.is_idle() && !rig.desk.needs_python());
    }
}
