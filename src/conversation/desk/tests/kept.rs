//! A callable is asked about a reply in several messages: what has come of it before.

use super::*;

#[test]
fn what_came_before_is_there_for_the_check_of_the_last_message() {
    let mut rig = Rig::new(Correlation::in_order(None, None));
    let criteria = Criteria {
        done: Some(starts_with("end")),
        checks: vec![Check {
            name: None,
            matches: Matcher::Callable(0),
        }],
        is_many: true,
        ..Criteria::default()
    };
    let id = rig.begin_with("q", criteria);
    rig.receive("a");
    rig.receive("b");
    let (now, end) = (rig.now, message("end"));
    let mut unknown = Callable(None, false);
    let taker = rig.desk.take(&end, now, &mut unknown, &mut rig.then);
    assert_eq!(taker, Taker::Unknown);
    let kept: Vec<&[u8]> = rig.desk.kept().iter().map(|one| &*one.bytes).collect();
    assert_eq!(kept, [b"a", b"b"]);
    let mut yes = Callable(Some(true), false);
    rig.desk.take(&end, now, &mut yes, &mut rig.then);
    assert_eq!(rig.reply(id).unwrap(), "a b end");
    assert!(rig.desk.kept().is_empty());
}
