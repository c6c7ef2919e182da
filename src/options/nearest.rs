//! "Did you mean …?": the valid word closest to a misspelled one.
//!
//! Plain edit distance over a handful of short words, letter case and separators ignored. Says nothing when
//! the best guess is far off: a wrong suggestion is worse than none.

use strsim::levenshtein;

/// The candidate closest to `word`, if it is close.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = squashed(word);
    candidates
        .into_iter()
        .map(|candidate| (levenshtein(&word, &squashed(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3).min(MAX_DISTANCE))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn squashed(word: &str) -> String {
    let letters = word.chars().filter(|c| c.is_alphanumeric());
    letters
        .flat_map(char::to_lowercase)
        .take(MAX_WORD)
        .collect()
}

/// Beyond three slips it is another word.
const MAX_DISTANCE: usize = 3;
/// Longer than every name we know; keeps a pasted novel from costing time.
const MAX_WORD: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word_is_suggested_whatever_its_case_and_separators() {
        let names = ["maxDuration", "duration", "vus"];
        assert_eq!(nearest("max-duration", names), Some("maxDuration"));
        assert_eq!(nearest("maxduraton", names), Some("maxDuration"));
        assert_eq!(nearest("VU", names), Some("vus"));
        assert_eq!(nearest("durration", names), Some("duration"));
    }

    #[test]
    fn a_far_word_is_not_suggested() {
        assert_eq!(nearest("browser", ["vus", "exec", "tags"]), None);
        assert_eq!(nearest("", ["vus"]), None);
    }
}
