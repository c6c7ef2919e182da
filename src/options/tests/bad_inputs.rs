//! Every way we know to get an option wrong, and what its author is told.
//!
//! The table is `bad_inputs.txt`, to be read by people: who gave what, the whole sentence, the hint.
//! Every row must be refused with exactly that.

use serde_json::json;

use super::*;

fn refused(source: Source, values: &Value) -> ConfigError {
    match parse(&[tier(source, values.clone())]) {
        Err(error) => error,
        Ok(options) => panic!("{values} was accepted: {:?}", options.scenarios),
    }
}

fn source_and_values(line: &str) -> (Source, Value) {
    let sources = [Source::ConfigFile, Source::Script, Source::Env, Source::Cli];
    let values_of = |source: &Source| line.strip_prefix(&source.to_string());
    let source = sources
        .into_iter()
        .find(|source| values_of(source).is_some())
        .unwrap();
    (
        source,
        serde_json::from_str(values_of(&source).unwrap()).unwrap(),
    )
}

#[test]
fn every_bad_input_is_refused_with_its_path_value_source_and_hint() {
    let table = include_str!("bad_inputs.txt");
    let rows: Vec<_> = table
        .split("\n\n")
        .filter(|block| !block.starts_with('#'))
        .collect();
    assert!(rows.len() >= 130, "rows went missing: {}", rows.len());
    for row in rows {
        let mut lines = row.lines();
        let (source, values) = source_and_values(lines.next().unwrap());
        let error = refused(source, &values);
        let said = format!("invalid option {}", lines.next().unwrap().trim());
        assert_eq!(error.to_string(), said, "{row}");
        let hint = lines
            .next()
            .map(|line| line.trim().trim_start_matches("hint: "));
        assert_eq!(error.hint.as_deref(), hint, "{row}");
        assert_eq!(error.source, source);
    }
}

#[test]
fn a_long_value_is_cut_to_eighty_characters() {
    let error = refused(Source::Script, &json!({"vus": "ü".repeat(500)}));
    assert_eq!(error.value.chars().count(), 80);
    assert!(error.value.starts_with("\"üü") && error.value.ends_with("ü…"));
    assert_eq!(error.to_string().lines().count(), 1);
}

#[test]
fn a_control_character_in_a_name_does_not_reach_the_terminal() {
    let error = refused(Source::Script, &json!({"tags": {"a\u{1b}[2J\n": "x"}}));
    assert_eq!(error.path, "tags.a\u{fffd}[2J\u{fffd}");
    let options = parse_script(json!({"a\nb": 1}));
    assert_eq!(
        options.warnings,
        ["unknown option 'a\u{fffd}b' in the script options"]
    );
}

#[test]
fn the_error_names_the_tier_that_won() {
    let error = parse(&[
        tier(Source::Script, json!({"vus": 3})),
        tier(Source::Cli, json!({"vus": "x"})),
    ]);
    assert_eq!(error.unwrap_err().source, Source::Cli);
}
