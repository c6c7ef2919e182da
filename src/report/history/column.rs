//! Numbers and varints as a page reads them: few bytes, and each value back to the last bit.

/// Appends a varint (LEB128).
pub(super) fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push((value & 0x7f) as u8);
}

/// Takes a varint off the front; 0 where there is none, since nobody but us wrote these bytes.
pub(super) fn take_varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0_u64, 0_u32);
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    value
}

/// Appends a column of numbers: its mode, and the values in it.
pub(super) fn numbers(bytes: &mut Vec<u8>, values: impl Iterator<Item = f64> + Clone) {
    for (mode, scale) in [(0, 1.0), (1, MILLIONTH)] {
        if values.clone().all(|value| scaled(value, scale).is_some()) {
            bytes.push(mode);
            for integer in values.filter_map(|value| scaled(value, scale)) {
                varint(bytes, zigzag(integer));
            }
            return;
        }
    }
    bytes.push(2);
    values.for_each(|value| bytes.extend(value.to_le_bytes()));
}

/// Appends a column of varints.
pub(super) fn varints(bytes: &mut Vec<u8>, values: impl Iterator<Item = u64>) {
    values.for_each(|value| varint(bytes, value));
}

/// What a sum of many was meant to be: times are whole nanoseconds in milliseconds, and adding them up leaves dust
/// behind that takes eight bytes to write.
pub(super) fn tidy(value: f64) -> f64 {
    let clean = (value * MILLIONTH).round() / MILLIONTH;
    if (clean - value).abs() <= value.abs() * DUST {
        clean
    } else {
        value
    }
}

/// The integer that is this many times a value, if the value is got back from it and a page can count so far.
fn scaled(value: f64, scale: f64) -> Option<i64> {
    let rounded = (value * scale).round();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast of a float stays within what there is"
    )]
    let integer = rounded as i64;
    let is_exact = (integer as f64 / scale).to_bits() == value.to_bits();
    (rounded.abs() < MOST && is_exact).then_some(integer)
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

const MILLIONTH: f64 = 1e6;
/// A zigzag varint of less is below 2^53, up to which every number of a page counts in ones.
const MOST: f64 = (1_u64 << 52) as f64;
const DUST: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a page does.
    fn read(mut bytes: &[u8], count: usize) -> (u8, Vec<f64>) {
        let mode = bytes[0];
        bytes = &bytes[1..];
        let values = (0..count).map(|_| {
            if mode == 2 {
                let (value, rest) = bytes.split_at(8);
                bytes = rest;
                return f64::from_le_bytes(value.try_into().unwrap());
            }
            let zigzag = take_varint(&mut bytes);
            let integer = (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed();
            integer as f64 / if mode == 0 { 1.0 } else { 1e6 }
        });
        (mode, values.collect())
    }

    fn mode_of(values: &[f64]) -> u8 {
        let mut bytes = Vec::new();
        numbers(&mut bytes, values.iter().copied());
        let (mode, again) = read(&bytes, values.len());
        let bits = |all: &[f64]| all.iter().map(|one| one.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&again), bits(values));
        mode
    }

    #[test]
    fn the_smallest_way_is_taken_that_gives_everything_back() {
        assert_eq!(mode_of(&[]), 0);
        assert_eq!(mode_of(&[0.0, -7.0, 4_503_599_627_370_495.0]), 0);
        assert_eq!(mode_of(&[12.345_678, -0.000_001, 3.0]), 1);
        assert_eq!(mode_of(&[1.0, 1.0 / 3.0]), 2);
        assert_eq!(mode_of(&[-0.0]), 2);
        assert_eq!(mode_of(&[1e300, f64::MIN_POSITIVE]), 2);
    }

    #[test]
    fn dust_is_swept_and_small_things_are_not() {
        assert_eq!(tidy(0.1 + 0.2).to_bits(), 0.3_f64.to_bits());
        for value in [1.0 / 3.0, 1e-9, 3.000_000_1e-7, 1e300, 0.0, -0.25] {
            assert_eq!(tidy(value).to_bits(), value.to_bits());
        }
    }

    proptest! {
        #[test]
        fn every_number_comes_back(values in proptest::collection::vec(any::<f64>(), 0..20), nanoseconds in any::<i32>()) {
            let finite: Vec<f64> = values.into_iter().filter(|one| one.is_finite()).collect();
            mode_of(&finite);
            prop_assert!(mode_of(&[f64::from(nanoseconds) / 1e6]) < 2);
        }

        #[test]
        fn every_varint_comes_back(value in any::<u64>()) {
            let mut bytes = Vec::new();
            varint(&mut bytes, value);
            prop_assert_eq!(take_varint(&mut &*bytes), value);
        }
    }
}
