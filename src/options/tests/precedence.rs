//! Who wins when several tiers speak: k6's rules.

use serde_json::json;

use super::*;

/// Options of tiers given low to high, as description and warnings.
fn merged(tiers: &[(Source, Value)]) -> (Vec<String>, Vec<String>) {
    let tiers: Vec<_> = tiers
        .iter()
        .map(|(source, values)| tier(*source, values.clone()))
        .collect();
    let options = parse(&tiers).unwrap();
    (described(&options), options.warnings)
}

const NO_WARNING: [&str; 0] = [];

#[test]
fn a_higher_tier_wins_value_by_value() {
    let tiers = [
        tier(
            Source::ConfigFile,
            json!({"userAgent": "file", "summaryTimeUnit": "s"}),
        ),
        tier(
            Source::Script,
            json!({"user_agent": "script", "summaryTimeUnit": "ms"}),
        ),
        tier(Source::Env, json!({"userAgent": "env", "throw": "true"})),
        tier(Source::Cli, json!({"user_agent": "cli", "throw": "false"})),
    ];
    let agents: Vec<_> = (0..=tiers.len())
        .map(|count| parse(&tiers[..count]).unwrap().user_agent)
        .collect();
    assert_eq!(agents, [DEFAULT_USER_AGENT, "file", "script", "env", "cli"]);
    let options = parse(&tiers).unwrap();
    assert_eq!(options.summary_time_unit.as_deref(), Some("ms"));
    assert!(!options.throw);
}

#[test]
fn null_leaves_the_lower_tier_alone() {
    let (described, warnings) = merged(&[
        (Source::Script, json!({"duration": "5s"})),
        (Source::Cli, json!({"vus": null, "duration": null})),
    ]);
    assert_eq!(
        described,
        ["default: 1 looping VUs for 5s (gracefulStop: 30s)"]
    );
    assert_eq!(warnings, NO_WARNING);
}

#[test]
fn vus_on_the_command_line_replace_the_scripts_scenarios_and_say_so() {
    let (described, warnings) = merged(&[
        (
            Source::Script,
            json!({"scenarios": {"chat": {"executor": "constant-vus", "duration": "9s"}}}),
        ),
        (Source::Cli, json!({"vus": "5"})),
    ]);
    assert_eq!(
        described,
        ["default: 5 iterations shared among 5 VUs (maxDuration: 10m0s, gracefulStop: 30s)"]
    );
    assert_eq!(
        warnings,
        [
            "option 'scenarios' from the script options is dropped: 'vus' from the command line \
          replaces all of it"
        ]
    );
}

#[test]
fn the_execution_block_is_one_unit_and_vus_stay() {
    let script = (Source::Script, json!({"vus": 3, "duration": "30s"}));
    let cli = (Source::Cli, json!({"iterations": "6"}));
    let (described, warnings) = merged(&[script, cli]);
    assert_eq!(
        described,
        ["default: 6 iterations shared among 3 VUs (maxDuration: 10m0s, gracefulStop: 30s)"]
    );
    assert_eq!(warnings, NO_WARNING);
}

#[test]
fn vus_alone_leave_the_duration_of_the_script() {
    let script = (Source::Script, json!({"vus": 10, "duration": "30s"}));
    let (described, _) = merged(&[script, (Source::Cli, json!({"vus": "2"}))]);
    assert_eq!(
        described,
        ["default: 2 looping VUs for 30s (gracefulStop: 30s)"]
    );
}

#[test]
fn a_block_given_anew_in_full_is_no_surprise() {
    let (described, warnings) = merged(&[
        (Source::ConfigFile, json!({"vus": 10, "duration": "30s"})),
        (Source::Env, json!({"vus": "2", "duration": "4s"})),
    ]);
    assert_eq!(
        described,
        ["default: 2 looping VUs for 4s (gracefulStop: 30s)"]
    );
    assert_eq!(warnings, NO_WARNING);
}

#[test]
fn mixes_are_judged_after_the_lower_tier_is_gone() {
    let (described, warnings) = merged(&[
        (
            Source::Script,
            json!({"stages": [{"duration": "1s", "target": 3}]}),
        ),
        (Source::Cli, json!({"duration": "4s"})),
    ]);
    assert_eq!(
        described,
        ["default: 1 looping VUs for 4s (gracefulStop: 30s)"]
    );
    assert_eq!(warnings, NO_WARNING);
}

#[test]
fn scenarios_of_a_higher_tier_replace_all_of_a_lower_one() {
    let (described, _) = merged(&[
        (
            Source::ConfigFile,
            json!({"scenarios": {"a": {"executor": "per-vu-iterations"}}}),
        ),
        (
            Source::Script,
            json!({"scenarios": {"b": {"executor": "per-vu-iterations"}}}),
        ),
    ]);
    assert_eq!(described.len(), 1);
    assert!(described[0].starts_with("b: "));
}

#[test]
fn tags_are_replaced_not_merged() {
    let options = parse(&[
        tier(Source::Script, json!({"tags": {"a": "1", "b": "2"}})),
        tier(Source::Cli, json!({"tags": ["c=3"]})),
    ]);
    let tags = options.unwrap().tags;
    assert_eq!(
        tags.into_iter().collect::<Vec<_>>(),
        [("c".to_owned(), "3".to_owned())]
    );
}

#[test]
fn other_options_do_not_touch_the_execution_block() {
    let (described, warnings) = merged(&[
        (
            Source::Script,
            json!({"scenarios": {"a": {"executor": "per-vu-iterations"}}}),
        ),
        (
            Source::Cli,
            json!({"tags": ["a=b"], "throw": "true", "userAgent": "x"}),
        ),
    ]);
    assert!(described[0].starts_with("a: "));
    assert_eq!(warnings, NO_WARNING);
}

#[test]
fn a_variable_is_an_option_and_is_named_as_it_was_set() {
    let script = tier(Source::Script, json!({"userAgent": "script", "vus": 3}));
    let env = json!({"K6WS_USER_AGENT": "ours", "K6_VUS": "7"});
    let options = parse(&[script, tier(Source::Env, env)]).unwrap();
    assert_eq!(options.user_agent, "ours");
    let won: Vec<_> = options
        .given
        .iter()
        .map(|one| (one.camel, one.source))
        .collect();
    assert_eq!(won, [("vus", Source::Env), ("userAgent", Source::Env)]);
    let refused = parse(&[tier(Source::Env, json!({"K6WS_VUS": "many"}))]).unwrap_err();
    assert_eq!(refused.path, "K6WS_VUS");
}

#[test]
fn a_variable_is_no_option_in_a_file_or_a_script() {
    for source in [Source::ConfigFile, Source::Script, Source::Cli] {
        let options = parse(&[tier(source, json!({"K6WS_VUS": 7}))]).unwrap();
        assert_eq!(options.given, []);
        assert_eq!(options.warnings.len(), 1, "{source}");
    }
}
