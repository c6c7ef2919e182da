//! Parts of anything add up to it, whatever the segments.

use proptest::prelude::*;

use super::*;

fn shares(borders: &str) -> Vec<Share> {
    let sequence = Sequence::parse(borders.split(',')).unwrap();
    let segments = sequence.segments();
    segments
        .map(|segment| Share::new(segment, &sequence).unwrap())
        .collect()
}

fn first(share: &Share, count: u64) -> Vec<u64> {
    (0..count).map(|nth| share.nth(nth)).collect()
}

#[test]
fn a_segment_reads_in_every_spelling() {
    for (text, segment) in [
        ("10%", "0:1/10"),
        ("12.5%", "0:1/8"),
        ("0.2", "0:1/5"),
        (".5", "0:1/2"),
        ("1/3", "0:1/3"),
        ("1", "0:1"),
        ("100%", "0:1"),
        ("1/4:1/2", "1/4:1/2"),
        ("25%:0.5", "1/4:1/2"),
        (" 2/8 : 2/4 ", "1/4:1/2"),
    ] {
        assert_eq!(Segment::parse(text).unwrap().to_string(), segment, "{text}");
    }
}

#[test]
fn what_is_no_segment_is_refused_with_its_reason() {
    for (text, message) in [
        ("", "expected a fraction such as 10%, 0.1 or 1/10, not \"\""),
        (
            "half",
            "expected a fraction such as 10%, 0.1 or 1/10, not \"half\"",
        ),
        (
            "1/0",
            "expected a fraction such as 10%, 0.1 or 1/10, not \"1/0\"",
        ),
        (
            "-1/2",
            "expected a fraction such as 10%, 0.1 or 1/10, not \"-1/2\"",
        ),
        (
            "1.",
            "expected a fraction such as 10%, 0.1 or 1/10, not \"1.\"",
        ),
        (
            "1e-1",
            "expected a fraction such as 10%, 0.1 or 1/10, not \"1e-1\"",
        ),
        ("3/2", "expected a fraction from 0 to 1, not \"3/2\""),
        ("0:101%", "expected a fraction from 0 to 1, not \"101%\""),
        ("0:1:2", "expected FROM:TO, such as 0:1/4"),
        ("0", "the segment is empty: 0 is not before 0"),
        ("1/2:2/4", "the segment is empty: 1/2 is not before 1/2"),
    ] {
        assert_eq!(Segment::parse(text).unwrap_err().to_string(), message);
    }
    for (text, message) in [
        ("1/2", "expected at least two borders, such as 0,1/2,1"),
        (
            "0,1/2,1/3",
            "expected borders in rising order: 1/2 stands before 1/3",
        ),
        (
            "0,1/2,0.5,1",
            "expected borders in rising order: 1/2 stands before 1/2",
        ),
    ] {
        let error = Sequence::parse(text.split(',')).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn a_sequence_is_filled_up_to_the_whole() {
    let filled = |text| Sequence::around(Segment::parse(text).unwrap()).to_string();
    assert_eq!(filled("1/4:1/2"), "0,1/4,1/2,1");
    assert_eq!(filled("1/4"), "0,1/4,1");
    assert_eq!(filled("3/4:1"), "0,3/4,1");
    assert_eq!(filled("1"), "0,1");
    let given = Sequence::parse("1/4,1/2".split(',')).unwrap();
    assert_eq!(given.to_string(), "0,1/4,1/2,1");
}

#[test]
fn a_segment_must_be_one_of_its_sequence() {
    let sequence = Sequence::parse("0,1/2,1".split(',')).unwrap();
    let error = Share::new(Segment::parse("1/4").unwrap(), &sequence).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no part of the sequence 0,1/2,1 is the segment 0:1/4"
    );
}

#[test]
fn a_share_that_is_too_fine_is_refused_without_making_it() {
    let refused = |text| {
        let segment = Segment::parse(text).unwrap();
        Share::new(segment, &Sequence::around(segment)).unwrap_err()
    };
    assert_eq!(refused("0.123456789"), SegmentError::TooFine);
    assert_eq!(refused("1/999999937:1/7"), SegmentError::TooFine);
    assert_eq!(refused("1/1000001"), SegmentError::TooFine);
    let finest = Segment::parse("1/1000000").unwrap();
    assert_eq!(
        Share::new(finest, &Sequence::around(finest))
            .unwrap()
            .of(2_000_000),
        2
    );
}

#[test]
fn the_largest_segment_places_its_items_first() {
    let shares = shares("0,1/2,3/4,1");
    assert_eq!(first(&shares[0], 3), [0, 2, 4]);
    assert_eq!(first(&shares[1], 3), [1, 5, 9]);
    assert_eq!(first(&shares[2], 3), [3, 7, 11]);
    let of_five: Vec<_> = shares.iter().map(|share| share.of(5)).collect();
    assert_eq!(of_five, [3, 1, 1]);
    // The order of the segments does not matter, only their size.
    let last_is_largest = self::shares("0,1/4,1/2,1");
    assert_eq!(first(&last_is_largest[2], 3), [0, 2, 4]);
}

#[test]
fn shared_iterations_follow_the_vus() {
    let shares = shares("0,1/2,3/4,1");
    let of_twelve = shares
        .iter()
        .map(|share| share.in_proportion(5).unwrap().of(12));
    assert_eq!(of_twelve.collect::<Vec<_>>(), [7, 3, 2]);
    assert_eq!(shares[2].in_proportion(3), None, "it has no VU");
}

#[test]
fn the_whole_owns_everything() {
    let whole = Share::whole();
    assert!(whole.is_whole());
    assert_eq!((whole.of(7), whole.nth(7)), (7, 7));
    assert_eq!(whole.in_proportion(3).unwrap().nth(8), 8);
    let segment = Segment::WHOLE;
    assert!(
        Share::new(segment, &Sequence::around(segment))
            .unwrap()
            .is_whole()
    );
}

fn sequences() -> impl Strategy<Value = Sequence> {
    let borders = prop::collection::btree_set((1_u64..24, 2_u64..25), 0..6);
    borders.prop_map(|inner| {
        let mut texts: Vec<_> = inner
            .into_iter()
            .filter(|(over, under)| over < under)
            .map(|(over, under)| Fraction::parse(&format!("{over}/{under}")).unwrap())
            .collect();
        texts.sort();
        texts.dedup();
        let texts: Vec<_> = texts.iter().map(ToString::to_string).collect();
        let all = std::iter::once("0")
            .chain(texts.iter().map(String::as_str))
            .chain(["1"]);
        Sequence::parse(all).unwrap()
    })
}

/// Every number below `total` belongs to one share, which counts as many as it owns.
fn deals_out(shares: &[Share], total: u64) -> Result<(), TestCaseError> {
    let mut seen = vec![0_u32; usize::try_from(total).unwrap()];
    let mut sum = 0;
    for share in shares {
        let own = share.of(total);
        sum += own;
        for nth in 0..own {
            seen[usize::try_from(share.nth(nth)).unwrap()] += 1;
        }
        prop_assert!(share.nth(own) >= total);
    }
    prop_assert_eq!(sum, total);
    prop_assert!(seen.iter().all(|times| *times == 1), "{:?}", seen);
    Ok(())
}

proptest! {
    #[test]
    fn parts_add_up_and_indexes_are_disjoint_and_complete(
        sequence in sequences(),
        total in 0_u64..3_000,
        vus in 1_u32..60,
    ) {
        let shares = sequence.segments().map(|segment| Share::new(segment, &sequence));
        let shares: Result<Vec<_>, _> = shares.collect();
        // A few of these have no common denominator that we take.
        if let Ok(shares) = shares {
            deals_out(&shares, total)?;
            let shared: Vec<_> = shares.iter().filter_map(|one| one.in_proportion(vus)).collect();
            deals_out(&shared, total)?;
            let sizes: f64 = shares.iter().map(Share::size).sum();
            prop_assert!((sizes - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-+0-9.:/% e]{0,24}") {
        if let Ok(segment) = Segment::parse(&text) {
            prop_assert_eq!(Segment::parse(&segment.to_string()), Ok(segment));
        }
    }
}
