//! What selectors read, refuse and match.

use proptest::prelude::*;

use super::*;

fn tags(pairs: &[(&str, &str)]) -> TagSet {
    TagSet::new().extended(pairs.iter().copied())
}

fn matches(selector: &str, pairs: &[(&str, &str)]) -> bool {
    let selector = Selector::parse(selector).unwrap_or_else(|error| panic!("{selector}: {error}"));
    selector.matches(&tags(pairs))
}

#[test]
fn a_condition_is_equality_and_all_must_hold() {
    let pairs = [("scenario", "chat"), ("status", "101")];
    assert!(matches("ws_ping", &pairs));
    assert!(matches("ws_ping{scenario:chat}", &pairs));
    assert!(matches("ws_ping{ scenario : chat , status:101 }", &pairs));
    assert!(!matches("ws_ping{scenario:chat,status:403}", &pairs));
    assert!(!matches("ws_ping{scenario:cha}", &pairs));
    assert!(!matches("ws_ping{proto:x}", &pairs));
}

#[test]
fn values_keep_their_colons_and_quotes_keep_everything() {
    assert!(matches(
        "d{group:::outer::inner}",
        &[("group", "::outer::inner")]
    ));
    assert!(matches("d{url:ws://a:1/b}", &[("url", "ws://a:1/b")]));
    assert!(matches("d{group:}", &[("group", "")]));
    assert!(!matches("d{group:}", &[]));
    assert!(matches("d{a:\"x,y}*\"}", &[("a", "x,y}*")]));
    assert!(!matches("d{a:\"x*\"}", &[("a", "xy")]));
    assert!(matches("d{'a':'it is \"so\"'}", &[("a", "it is \"so\"")]));
    assert!(matches("d{a:say \"hi\"}", &[("a", "say \"hi\"")]));
}

#[test]
fn not_equal_is_the_opposite_of_equal() {
    for value in ["101", "1*", "*", "\"*\"", ""] {
        for pairs in [
            &[("status", "101")][..],
            &[("status", "403")],
            &[("status", "*")],
            &[],
        ] {
            let is = matches(&format!("m{{status:{value}}}"), pairs);
            let is_not = matches(&format!("m{{status!={value}}}"), pairs);
            assert_ne!(is, is_not, "{value} {pairs:?}");
        }
    }
    assert!(matches("m{status!=101}", &[]));
    assert!(matches("m{url!=ws://a}", &[("url", "ws://b")]));
}

#[test]
fn stars_stand_for_any_text() {
    for (pattern, fits, does_not) in [
        ("*", vec!["", "x", "*"], vec![]),
        ("chat*", vec!["chat", "chat-2"], vec!["cha", "a chat"]),
        (
            "*.example.com",
            vec!["a.example.com", ".example.com"],
            vec!["example.com"],
        ),
        (
            "a*b*c",
            vec!["abc", "a-b-b-c", "abcbc"],
            vec!["acb", "ab", "abcd"],
        ),
        ("a**c", vec!["ac", "abc"], vec!["ab"]),
        ("aba*ba", vec!["ababa", "ababa-ba"], vec!["aba"]),
    ] {
        let selector = format!("m{{t:{pattern}}}");
        for value in fits {
            assert!(
                matches(&selector, &[("t", value)]),
                "{pattern} fits {value}"
            );
        }
        for value in does_not {
            assert!(
                !matches(&selector, &[("t", value)]),
                "{pattern} does not fit {value}"
            );
        }
        assert!(!matches(&selector, &[]), "{pattern} wants the tag");
    }
}

#[test]
fn what_is_no_selector_is_refused() {
    for (text, message) in [
        ("", "the metric has no name"),
        ("{a:b}", "the metric has no name"),
        ("m{", "'{' is never closed"),
        ("m{a:b", "'{' is never closed"),
        ("m{a:\"b\"", "'{' is never closed"),
        ("m{a:b} c", "there is text after the closing '}'"),
        ("m{}", "there is no tag between '{' and '}'"),
        ("m{a}", "'a' is no condition on a tag"),
        ("m{a=b}", "'a=b' is no condition on a tag"),
        ("m{:b}", "':b' is no condition on a tag"),
        ("m{a:b,,c:d}", "'' is no condition on a tag"),
        ("m{a:\"b}", "the quote in 'b}' is never closed"),
        ("m{a:\"b\"c}", "there is text behind the quote in 'b\"c}'"),
    ] {
        let error = Selector::parse(text).expect_err(text);
        assert_eq!(error.to_string(), message, "{text}");
    }
}

#[test]
fn it_tells_its_tags() {
    let selector = Selector::parse("m{vu:1, group!=x}").unwrap();
    assert_eq!(selector.tags().collect::<Vec<_>>(), ["vu", "group"]);
    assert!(!selector.is_whole());
    assert!(Selector::parse(" m ").unwrap().is_whole());
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(
        conditions in prop::collection::vec(
            ("[a-z_]{1,8}", any::<bool>(), "[a-z:,}*\"= ]{0,12}", any::<bool>()), 0..4,
        ),
    ) {
        let conditions = conditions.into_iter().map(|(tag, is_negated, value, is_exact)| Condition {
            tag: tag.into(),
            is_negated,
            value: if is_exact {
                Pattern::exact(&value)
            } else {
                Pattern::with_stars(value.replace([',', '}', '"'], "").trim())
            },
        });
        let selector = Selector { metric: "ws_ping".into(), conditions: conditions.collect() };
        prop_assert_eq!(Selector::parse(&selector.to_string()), Ok(selector));
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "[a-c{}:!=*,\"' é]{0,24}") {
        if let Ok(selector) = Selector::parse(&text) {
            prop_assert!(!selector.metric.is_empty());
        }
    }

    #[test]
    fn a_star_fits_what_lies_between(a in "[ab]{0,4}", b in "[ab]{0,4}", c in "[ab]{0,4}") {
        let pattern = Pattern::with_stars(&format!("{a}*{c}"));
        let text = format!("{a}{b}{c}");
        prop_assert!(pattern.matches(&text));
    }
}

#[test]
fn without_a_tag_that_it_names_a_known_value_of() {
    let without = |text: &str| {
        let selector = Selector::parse(text).unwrap();
        let whole = selector.without("error", |value| ["cut", "timeout"].contains(&value));
        whole.map(|whole| whole.to_string())
    };
    assert_eq!(without("a{error:cut}").unwrap(), "a");
    assert_eq!(
        without("a{name:x,error:'timeout',url!=y}").unwrap(),
        "a{name:x,url!=y}"
    );
    for text in [
        "a",
        "a{name:x}",
        "a{error:other}",
        "a{error!=cut}",
        "a{error:*}",
        "a{error:c*}",
    ] {
        assert_eq!(without(text), None, "{text}");
    }
}
