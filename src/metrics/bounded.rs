//! Lists that somebody else has written: no longer than they may be, before there is room for them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a list of at most `MOST`; a longer one is refused where it gets too long.
pub(crate) fn bounded<'de, const MOST: usize, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(Bounded::<MOST, T>(PhantomData))
}

struct Bounded<const MOST: usize, T>(PhantomData<T>);

impl<'de, const MOST: usize, T: Deserialize<'de>> Visitor<'de> for Bounded<MOST, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Vec<T>, A::Error> {
        // Who says how many there will be may say anything.
        let mut list = Vec::new();
        while let Some(one) = all.next_element()? {
            if list.len() == MOST {
                return Err(A::Error::invalid_length(MOST + 1, &self));
            }
            list.push(one);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Three(#[serde(deserialize_with = "bounded::<3, _, _>")] Vec<String>);

    #[test]
    fn a_list_is_as_long_as_it_may_be_and_no_longer() {
        let read = |list: &[&str]| {
            postcard::from_bytes::<Three>(&postcard::to_extend(list, Vec::new()).unwrap())
        };
        assert_eq!(read(&["a", "b", "c"]).unwrap().0, ["a", "b", "c"]);
        assert_eq!(read(&[]).unwrap().0, Vec::<String>::new());
        assert!(read(&["a", "b", "c", "d"]).is_err());
        // One that says that it is endless.
        assert!(postcard::from_bytes::<Three>(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]).is_err());
    }
}
