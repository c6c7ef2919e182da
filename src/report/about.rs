//! Where a run comes from, for whoever looks at it later: script, options, environment, machine; without secrets.

mod command;
mod source;
mod words;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::options::Options;
use crate::socket::ws::wire_log::{is_telling, without_secrets};

/// What the side of the script knows of it, as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The path of the script, or what it is called.
    pub script: String,
    /// Its text, if there is one.
    pub source: Option<String>,
    /// What it was given by name.
    pub environment: Map<String, Value>,
    /// What it runs on.
    pub machine: Map<String, Value>,
}

/// As JSON, without secrets: values of telling names, users in URLs, telling parts of their queries, and what looks like a
/// token.
pub fn about(origin: &Origin, options: &Options) -> Value {
    let given = options.given.iter();
    let options: Map<String, Value> = given
        .map(|one| (one.camel.to_owned(), one.without_secrets()))
        .collect();
    json!({
        "script": without_secrets(&origin.script),
        "source": origin.source.as_deref().map(shown),
        "options": options,
        "environment": masked(&origin.environment),
        "machine": masked(&origin.machine),
    })
}

fn masked(named: &Map<String, Value>) -> Value {
    let each = named.iter().map(|(name, value)| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let shown = if is_telling(&name.to_ascii_lowercase()) {
            MASK.into()
        } else {
            command::of_command(&text)
        };
        (name.clone(), shown.into())
    });
    Value::Object(each.collect())
}

/// What an exception says of itself, and the lines of the script that it came by.
pub(super) fn of_exception(message: &str, trace: &str) -> (String, String) {
    (words::of_words(message), source::of_trace(trace))
}

/// The text of a script, cut where it is long.
fn shown(text: &str) -> String {
    let mut end = text.len().min(MOST_SOURCE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut shown = source::without_secrets_of(&text[..end]);
    if end < text.len() {
        shown.push_str("\n# … cut here");
    }
    shown
}

const MASK: &str = "***";
const MOST_SOURCE: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Source, Tier, parse};

    #[test]
    fn secrets_are_masked_wherever_they_stand_and_names_stay() {
        let Value::Object(values) = json!({"vus": 2, "iterations": 4}) else {
            panic!("an object was written")
        };
        let source = Source::Script;
        let options = parse(&[Tier { source, values }]).unwrap();
        let origin = json!({
            "script": "load/test.py",
            "source": "TOKEN = 's3cret'\n",
            "environment": {"API_KEY": "s3cret", "URL": "wss://ann:s3cret@a.example/?token=s3cret&room=1"},
            "machine": {"command": "k6ws run --password s3cret -e TARGET=ws://a.example?sig=s3cret load/test.py"},
        });
        let origin: Origin = serde_json::from_value(origin).unwrap();
        let about = about(&origin, &options);
        assert!(!about.to_string().contains("s3cret"), "{about}");
        assert_eq!(about["environment"]["API_KEY"], MASK);
        assert_eq!(
            about["environment"]["URL"],
            "wss://***@a.example/?token=***&room=1"
        );
        assert_eq!(
            about["machine"]["command"],
            "k6ws run --password *** -e TARGET=ws://a.example?sig=*** load/test.py"
        );
        assert_eq!(about["options"]["vus"], 2);
        assert_eq!(about["script"], "load/test.py");
    }

    #[test]
    fn an_exception_keeps_its_lines_and_loses_the_secrets_in_them() {
        let trace = "Traceback (most recent call last):\n  File \"a.py\", line 8, in default\n    login(password=\"s3cret\")\n          \
             ^^^\n  File \"a.py\", line 3, in login\n    raise ValueError(\"no\")\nValueError: no, token=s3cret\n";
        let (message, trace) = of_exception("no, Authorization: Bearer s3cret", trace);
        assert_eq!(message, "no, Authorization: Bearer ***");
        assert!(!trace.contains("s3cret"), "{trace}");
        assert!(trace.contains("    login(password=\"***\")\n"), "{trace}");
        assert!(trace.contains("    raise ValueError(\"no\")\n"), "{trace}");
        assert!(trace.ends_with("ValueError: no, token=***\n"), "{trace}");
        // What was masked stays as it is.
        assert_eq!(of_exception(&message, &trace), (message, trace));
    }

    #[test]
    fn a_long_script_is_cut_between_letters() {
        let text = "ä".repeat(MOST_SOURCE);
        let cut = shown(&text);
        assert!(cut.ends_with("ä\n# … cut here"));
        assert!(cut.len() < MOST_SOURCE + 20);
    }
}
