//! What holds for every built-in metric.

use super::*;

#[test]
fn every_id_is_its_position_in_the_table() {
    for (position, builtin) in TABLE.iter().enumerate() {
        assert_eq!(builtin.id.index(), position, "{}", builtin.name);
    }
}

#[test]
fn times_are_trends_and_bytes_are_added_up_or_spread() {
    for builtin in TABLE {
        match builtin.unit {
            Unit::Time => assert_eq!(builtin.kind, Kind::Trend, "{}", builtin.name),
            Unit::Data => assert!(
                matches!(builtin.kind, Kind::Counter | Kind::Trend),
                "{}",
                builtin.name
            ),
            Unit::Default => assert_ne!(builtin.kind, Kind::Trend, "{}", builtin.name),
        }
        assert!(!builtin.meaning.is_empty());
    }
}
