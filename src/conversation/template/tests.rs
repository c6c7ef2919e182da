//! What answers take from the messages that they answer.

use proptest::prelude::*;

use super::super::pattern::Flags;
use super::super::pointer::Pointer;
use super::*;

fn regex(text: &str) -> Matcher {
    Matcher::Regex(Pattern::of_text(text, Flags::default()).unwrap())
}

fn equals(text: &str) -> Matcher {
    Matcher::Equals(Side::Text, text.as_bytes().into())
}

fn answer(template: &str, answered: &Matcher, message: &str) -> Option<String> {
    let template = Template::of_text(template, answered).unwrap();
    let mut out = b"before ".to_vec();
    let is_filled = template.fill(&Message::new(Kind::Text, message.as_bytes()), &mut out);
    let out = String::from_utf8(out).unwrap();
    let written = out.strip_prefix("before ").unwrap();
    assert!(is_filled || written.is_empty());
    is_filled.then(|| written.to_owned())
}

#[test]
fn groups_are_text_and_values_are_as_they_were_written() {
    let call = regex(r#"^\[2,\s*"(?P<id>[^"]+)",\s*"(\w+)""#);
    let message = r#"[2, "17", "Reset", {"type": "Soft"}]"#;
    assert_eq!(
        answer(r#"[3, "{id}", {}]"#, &call, message).unwrap(),
        r#"[3, "17", {}]"#
    );
    assert_eq!(
        answer("[3, {/1}, {/3}]", &call, message).unwrap(),
        r#"[3, "17", {"type": "Soft"}]"#
    );
    assert_eq!(
        answer("{0}|{1}|{2}", &call, message).unwrap(),
        r#"[2, "17", "Reset"|17|Reset"#
    );
}

#[test]
fn every_other_brace_is_one() {
    let ping = equals("ping");
    for text in [
        "{}",
        "{ }",
        r#"{"status": {"a": 1}}"#,
        "{{",
        "}}",
        "{",
        "{-1}",
        "{{}}",
        "{1",
        "{a b}",
    ] {
        assert_eq!(answer(text, &ping, "ping").unwrap(), text);
    }
    let call = regex("(.)(.)");
    assert_eq!(
        answer("{{1} {{{1} {1}} {{/a} {{name}", &call, "xy").unwrap(),
        "{1} {{1} x} {/a} {name}"
    );
}

#[test]
fn what_the_match_cannot_have_is_refused() {
    let refused = |template: &str, answered: &Matcher| {
        Template::of_text(template, answered).unwrap_err().text
    };
    assert!(refused("{1}", &equals("2")).contains("no pattern has matched"));
    assert!(refused("{2}", &regex("(.)")).contains("has no such group"));
    assert!(refused("{name}", &regex("(?P<other>.)")).contains("has no such group"));
    assert!(refused("{/0}", &equals("2")).contains("has no such place"));
    assert!(refused("{/a~}", &regex(".")).contains("is no JSON pointer"));
    // Which of them matched is not known, or both did.
    let (one, other) = (regex("(a)"), regex("(b)"));
    let both = [one.clone(), other.clone()];
    assert!(refused("{1}", &Matcher::Or(both.clone().into())).contains("no pattern has matched"));
    assert!(refused("{1}", &Matcher::And(both.into())).contains("no pattern has matched"));
    assert!(refused("{1}", &Matcher::Not(one.into())).contains("no pattern has matched"));
    let joined = Matcher::And([Matcher::Text, other].into());
    assert_eq!(answer("{1}", &joined, "b").unwrap(), "b");
    assert_eq!(answer("{/0}", &equals("[7]"), "[7]").unwrap(), "7");
}

#[test]
fn a_message_that_lacks_what_the_answer_takes_has_none() {
    let any = Matcher::Text;
    assert_eq!(answer("a{/id}", &any, "no JSON"), None);
    assert_eq!(answer("a{/id}", &any, "{}"), None);
    assert_eq!(answer("[{2}]", &regex("(a)(b)?"), "a").unwrap(), "[]");
    let bytes = Matcher::Regex(Pattern::of_bytes(b"(.)", Flags::default()).unwrap());
    let template = Template::of_text("{1}", &bytes).unwrap();
    let mut out = Vec::new();
    // Text has to be text; what goes to TCP need not.
    assert!(!template.fill(&Message::new(Kind::Binary, b"\xff"), &mut out));
    assert!(template.fill(&Message::new(Kind::Data, b"\xff"), &mut out));
    assert_eq!(out, b"\xff");
}

#[test]
fn bytes_are_bytes_and_take_nothing() {
    let template = Template::of_bytes(b"{1}\x00", &Matcher::Text).unwrap();
    let mut out = Vec::new();
    assert!(!template.is_text() && template.fill(&Message::new(Kind::Binary, b""), &mut out));
    assert_eq!(out, b"{1}\x00");
    // What would be taken if it were text is not sent as it stands.
    let refused = |bytes: &[u8], answered: &Matcher| {
        let fault = Template::of_bytes(bytes, answered).unwrap_err();
        (fault.text, fault.hint)
    };
    let (text, hint) = refused(b"\xffPUB {inbox} 2", &regex("(?P<inbox>.)"));
    assert_eq!(
        text,
        "the answer takes {inbox} and is bytes, which are sent as they stand"
    );
    assert!(hint.starts_with("write it as text"));
    assert!(refused(b"[3, {/1}]", &Matcher::Text).0.contains("{/1}"));
    for literal in [&b"{\"a\": {}}"[..], b"{other}", b"{2}", b"{", b"{/~}"] {
        assert!(Template::of_bytes(literal, &regex("(?P<inbox>.)")).is_ok());
    }
}

proptest! {
    #[test]
    fn no_template_is_too_strange(text in r"[{}/~1an é]{0,12}") {
        let matcher = regex("(?P<a>.)");
        if let Ok(template) = Template::of_text(&text, &matcher) {
            let mut out = Vec::new();
            let _ = template.fill(&Message::new(Kind::Text, b"[1]"), &mut out);
            prop_assert!(std::str::from_utf8(&out).is_ok());
        }
    }

    #[test]
    fn a_pointer_takes_what_it_finds(number: i32) {
        let text = format!(r#"{{"a": {number}}}"#);
        prop_assert!(Pointer::parse("/a").is_ok());
        prop_assert_eq!(answer("x{/a}y", &Matcher::Text, &text), Some(format!("x{number}y")));
    }
}
