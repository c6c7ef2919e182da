//! "Did you mean …?": the valid word closest to a misspelled one.
//!
//! Plain edit distance over a handful of short words, letter case and separators ignored. Says nothing when
//! the best guess is far off: a wrong suggestion is worse than none.

/// The candidate closest to `word`, if it is close.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = squashed(word);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &squashed(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3).min(MAX_DISTANCE))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn squashed(word: &str) -> Vec<char> {
    let letters = word.chars().filter(|c| c.is_alphanumeric());
    letters
        .flat_map(char::to_lowercase)
        .take(MAX_WORD)
        .collect()
}

/// Levenshtein distance, one row at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
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
