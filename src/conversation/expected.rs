//! A JSON value that a script expects, compared with the text of a message.

use super::value::{Type, Value};

/// What a value has to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A whole number of any size, in decimal digits.
    Integer(Box<str>),
    /// A number; finite.
    Float(f64),
    /// A string.
    String(Box<str>),
    /// All of an array, in order.
    Array(Box<[Expected]>),
    /// All of an object, in any order. No name twice.
    Object(Box<[(Box<str>, Expected)]>),
}

impl Expected {
    /// Whether it is this value. Numbers compare by what they mean (`7`, `7.0`), `true` is no number.
    pub fn is(&self, value: Value<'_>) -> bool {
        match (self, value.kind()) {
            (Self::Null, Type::Null) => true,
            (Self::Boolean(expected), Type::Boolean) => *expected == (value.raw() == "true"),
            (Self::Integer(expected), Type::Number) => is_integer(expected, value.raw()),
            (Self::Float(expected), Type::Number) => is_float(*expected, value.raw()),
            (Self::String(expected), Type::String) => {
                value.string().is_some_and(|text| text == **expected)
            }
            (Self::Array(expected), Type::Array) => is_array(expected, value),
            (Self::Object(expected), Type::Object) => is_object(expected, value),
            _ => false,
        }
    }
}

fn is_integer(expected: &str, raw: &str) -> bool {
    if expected == raw {
        return true;
    }
    if raw
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
    {
        // JSON has one way to write a whole number, but for zero.
        return expected == "0" && raw == "-0";
    }
    expected
        .parse::<f64>()
        .is_ok_and(|expected| is_float(expected, raw))
}

#[expect(clippy::float_cmp, reason = "equal is what is asked")]
fn is_float(expected: f64, raw: &str) -> bool {
    raw.parse::<f64>().is_ok_and(|value| value == expected)
}

fn is_array(expected: &[Expected], value: Value<'_>) -> bool {
    let (mut count, mut is_so_far) = (0, true);
    let walked = value.walk(|_, member| {
        is_so_far = is_so_far && expected.get(count).is_some_and(|one| one.is(member));
        count += 1;
    });
    walked.is_some() && is_so_far && count == expected.len()
}

fn is_object(expected: &[(Box<str>, Expected)], value: Value<'_>) -> bool {
    let (mut found, mut is_known) = (vec![false; expected.len()], true);
    let walked = value.walk(|name, member| {
        let at = expected
            .iter()
            .position(|(one, _)| *name == *one.as_bytes());
        match at {
            // The last one of a name that repeats counts.
            Some(at) => found[at] = expected[at].1.is(member),
            None => is_known = false,
        }
    });
    walked.is_some() && is_known && found.into_iter().all(|is_found| is_found)
}
