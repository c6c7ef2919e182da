//! Numbers as k6's outputs write them.

use std::io::Write;

/// Appends a number in the form of Go's `%g` with the fewest digits that read back as the same number:
/// `5`, `0.25`, and with an exponent below 1e-4 and from 1e+06. What is no number becomes `null`.
pub(super) fn push_shortest(buffer: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        buffer.extend_from_slice(b"null");
        return;
    }
    let size = value.abs();
    if value.is_sign_positive() && size < 1e6 && value.fract() == 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, and within the bounds just looked at"
        )]
        push_whole(buffer, value as u64, 1);
        return;
    }
    if size == 0.0 || (1e-4..1e6).contains(&size) {
        append(buffer, format_args!("{value}"));
        return;
    }
    let start = buffer.len();
    append(buffer, format_args!("{value:e}"));
    // Rust writes 1e6 and 1e-7, Go 1e+06 and 1e-07.
    let Some(at) = buffer[start..].iter().position(|&byte| byte == b'e') else {
        return;
    };
    let exponent = buffer.split_off(start + at + 1);
    let digits = exponent.strip_prefix(b"-").unwrap_or(&exponent);
    buffer.push(if digits.len() < exponent.len() {
        b'-'
    } else {
        b'+'
    });
    if digits.len() < 2 {
        buffer.push(b'0');
    }
    buffer.extend_from_slice(digits);
}

/// Appends a number with six decimals.
pub(super) fn push_six_decimals(buffer: &mut Vec<u8>, value: f64) {
    append(buffer, format_args!("{value:.6}"));
}

/// Appends a whole number with at least `width` digits.
pub(super) fn push_whole(buffer: &mut Vec<u8>, mut number: u64, width: usize) {
    let start = buffer.len();
    while number > 0 || buffer.len() < start + width {
        buffer.push(b'0' + (number % 10) as u8);
        number /= 10;
    }
    buffer[start..].reverse();
}

fn append(buffer: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Memory takes everything.
    let _ = buffer.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortest(value: f64) -> String {
        let mut buffer = b"=".to_vec();
        push_shortest(&mut buffer, value);
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn numbers_look_like_those_of_go() {
        for (value, text) in [
            (0.0, "=0"),
            (5.0, "=5"),
            (-3.0, "=-3"),
            (-0.0, "=-0"),
            (0.1 + 0.2, "=0.30000000000000004"),
            (999_999.5, "=999999.5"),
            (999_999.0, "=999999"),
            (1e6, "=1e+06"),
            (1_234_567.0, "=1.234567e+06"),
            (-2.5e100, "=-2.5e+100"),
            (0.0001, "=0.0001"),
            (0.000_099, "=9.9e-05"),
            (5e-324, "=5e-324"),
            (f64::NAN, "=null"),
            (f64::INFINITY, "=null"),
        ] {
            assert_eq!(shortest(value), text, "{value:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_number_reads_back_as_itself(value in proptest::num::f64::NORMAL) {
            let text = shortest(value);
            assert_eq!(text[1..].parse::<f64>().unwrap().to_bits(), value.to_bits(), "{text}");
            let json: f64 = serde_json::from_str(&text[1..]).unwrap();
            assert!((json - value).abs() <= value.abs() * 1e-15, "{text}");
        }
    }

    #[test]
    fn decimals_are_rounded_and_padded() {
        let mut buffer = Vec::new();
        push_six_decimals(&mut buffer, 1.5);
        buffer.push(b' ');
        push_six_decimals(&mut buffer, 0.000_000_6);
        buffer.push(b' ');
        push_whole(&mut buffer, 7, 3);
        assert_eq!(buffer, b"1.500000 0.000001 007");
    }
}
