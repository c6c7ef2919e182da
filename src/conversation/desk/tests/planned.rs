//! Requests that a timetable had made.

use super::*;

#[test]
fn what_a_timetable_planned_is_timed_from_there_where_it_is_answered() {
    let mut rig = Rig::new(by_id());
    let planned = rig.now;
    let begin = |rig: &mut Rig, id: u32| {
        let begun = rig.request(&format!(r#"{{"id": {id}}}"#));
        rig.desk.requests().plan(begun, planned);
        begun
    };
    rig.pass(SECOND / 50);
    begin(&mut rig, 1);
    let forgotten = begin(&mut rig, 2);
    let late = begin(&mut rig, 3);
    rig.pass(SECOND / 100);
    assert_eq!(rig.desk.forget(forgotten), Some(planned));
    rig.receive(r#"{"id": 1}"#);
    assert_eq!(rig.times(), [(0, 10)]);
    let planned_for = |rig: &Rig| {
        let planned = rig.then.iter().filter_map(|effect| match effect {
            Effect::Planned(0, took) => Some(took.as_millis()),
            _ => None,
        });
        planned.collect::<Vec<_>>()
    };
    assert_eq!(planned_for(&rig), [30]);
    // One that fails has no time, and its number is another's next, which has no plan.
    rig.pass(2 * SECOND);
    rig.desk.expire(rig.now, &mut rig.then);
    assert_eq!(rig.desk.requests().take_plan(late), None);
    rig.request(r#"{"id": 4}"#);
    rig.receive(r#"{"id": 4}"#);
    assert_eq!((rig.times().len(), planned_for(&rig).len()), (2, 1));
}
