//! Texts of peers on their way to people: cut, on one line, with control characters shown as pictures.

/// Characters that are kept.
const LONGEST: usize = 200;

/// The first line with anything on it, fit to be shown.
pub(super) fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    shown(line.unwrap_or_default())
}

/// The text, fit to be shown.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).map(picture).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

fn picture(char: char) -> char {
    let code = u32::from(char);
    match char {
        '\0'..='\x1f' => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}' => char::REPLACEMENT_CHARACTER,
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_drive_a_terminal_becomes_a_picture() {
        assert_eq!(shown("a\x1b[2J\t\r\n\0\x7f\u{9b}é"), "a␛[2J␉␍␊␀␡\u{fffd}é");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shown(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(shown(&"é".repeat(201)), "é".repeat(200) + "…");
    }

    #[test]
    fn the_first_line_is_the_first_with_anything_on_it() {
        assert_eq!(
            first_line("\r\n  \r\n quota exceeded \r\nmore"),
            "quota exceeded"
        );
        assert_eq!(first_line(""), "");
    }
}
