//! A run of a day, on a clock that only the test moves.

use serde_json::{Value, json};

use super::{MOST_BYTES, Told, parsed, whole};

#[test]
fn a_page_says_at_which_resolution_a_day_is_kept() {
    let mut told = Told::new();
    let (minute, hour, day) = (60, 3_600, 86_400);
    for second in 1..=day {
        told.second(2, 1, second == day);
        let wanted = match second {
            _ if second == minute => 100,
            _ if second == hour => 1_000,
            _ if second == 10 * hour => 10_000,
            _ if second == day => 60_000,
            _ => continue,
        };
        let page = parsed(&whole(&mut told.recording, MOST_BYTES).unwrap());
        let history = &page["history"];
        assert_eq!(history["interval_ms"], json!(wanted), "{second}");
        assert_eq!(history["why"], Value::Null, "{second}");
    }
    let page = told.page();
    assert_eq!(page["history"]["count"], 1_441);
    assert_eq!(page["summary"]["state"]["testRunDurationMs"], 86_400_000);
}
