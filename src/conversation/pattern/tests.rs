//! Patterns as scripts write them. That they find what `re` finds is tested beside it, in `tests/unit/test_match.py`.

use proptest::prelude::*;

use super::super::message::Kind;
use super::*;

fn pattern(text: &str) -> Pattern {
    Pattern::of_text(text, Flags::default()).unwrap()
}

fn refusal(text: &str) -> String {
    Pattern::of_text(text, Flags::default()).unwrap_err().text
}

#[test]
fn groups_are_found_by_number_and_by_name() {
    let pattern = pattern(r"^4(?P<kind>[23])(\d+)?\[");
    let message = Message::new(Kind::Text, b"437[]");
    let at = |group| {
        pattern
            .find(&message, group)
            .map(|range| &message.bytes()[range])
    };
    assert_eq!(at(0), Some(&b"437["[..]));
    assert_eq!(at(pattern.group_of("kind").unwrap()), Some(&b"3"[..]));
    assert_eq!(at(2), Some(&b"7"[..]));
    assert_eq!(
        (pattern.groups(), at(3), pattern.group_of("other")),
        (2, None, None)
    );
    let without = Message::new(Kind::Text, b"43[]");
    assert_eq!(pattern.find(&without, 2), None);
    assert_eq!(pattern.find(&Message::new(Kind::Binary, b"437[]"), 2), None);
}

#[test]
fn a_brace_that_repeats_nothing_is_a_brace() {
    for (written, text) in [
        (r#""id":{"n":(\d+)}"#, r#""id":{"n":12}"#),
        ("{", "{"),
        ("a{b", "a{b"),
        ("a{,b}", "a{,b}"),
        ("a{}", "a{}"),
        (r"\{", "{"),
    ] {
        assert!(
            pattern(written).is_in(&Message::new(Kind::Text, text.as_bytes())),
            "{written}"
        );
    }
}

#[test]
fn what_the_engine_cannot_say_is_refused_by_its_name() {
    for look in ["a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b"] {
        assert!(
            refusal(look).starts_with("look-ahead and look-behind"),
            "{look}"
        );
    }
    for back in [r"(a)\1", "(?P<a>b)(?P=a)", "(a)?(?(1)b|c)"] {
        assert!(refusal(back).starts_with("a back-reference"), "{back}");
    }
    assert!(refusal("(?>a)").starts_with("an atomic group"));
    assert!(refusal("a?+").starts_with("a possessive quantifier"));
    assert!(refusal("a{1,2}+").starts_with("a possessive quantifier"));
    assert!(refusal("(?a)b").starts_with("the flags re.ASCII"));
    assert!(refusal(r"\N{DASH}").starts_with(r"\N"));
    // Escaped, in a class, or in a comment it is something else.
    for harmless in [r"\(?=a", "[(?=]", r"\\1", "(?x)a # (?=b)", r"[\1]"] {
        pattern(harmless);
    }
}

#[test]
fn verbose_holds_where_it_was_said() {
    let message = |text: &'static str| Message::new(Kind::Text, text.as_bytes());
    assert!(pattern("(?x: a b )c d").is_in(&message("abc d")));
    assert!(pattern("(?x: a # ) \n b )#d").is_in(&message("ab#d")));
    assert!(pattern("(?x) [ ] a").is_in(&message(" a")));
    assert!(!pattern("(?x) [ ] a").is_in(&message("a")));
}

proptest! {
    #[test]
    fn no_pattern_is_too_strange(
        text in r"[\\\[\](){}^$.*+?|<>=!:#&~,PNx10ab é\-]{0,16}",
        is_verbose: bool,
        message in "[ab1]{0,8}",
    ) {
        let flags = Flags { is_verbose, ..Flags::default() };
        if let Ok(pattern) = Pattern::of_text(&text, flags) {
            pattern.is_in(&Message::new(Kind::Text, message.as_bytes()));
        }
        let _ = Pattern::of_bytes(text.as_bytes(), flags);
    }

    #[test]
    fn what_is_escaped_finds_itself(text in ".{0,12}") {
        let escaped: String = text
            .chars()
            .flat_map(|char| (!char.is_alphanumeric()).then_some('\\').into_iter().chain([char]))
            .collect();
        let message = Message::new(Kind::Text, text.as_bytes());
        prop_assert!(pattern(&format!(r"\A{escaped}\Z")).is_in(&message), "{}", escaped);
    }
}
