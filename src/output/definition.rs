//! What the JSON output says of a metric before its first sample.
//!
//! Thresholds and submetrics are told as the user wrote them; judging them is not done here.

use serde_json::{Map, Value, json};

use crate::metrics::Metric;

/// Appends the line that defines a metric; `thresholds` is the option of that name, as given.
pub(super) fn push_definition(
    buffer: &mut Vec<u8>,
    metric: &Metric,
    thresholds: &Map<String, Value>,
) {
    let expressions = thresholds.get(&*metric.name).map(expressions);
    let submetrics: Vec<Value> = thresholds
        .keys()
        .filter_map(|name| submetric(&metric.name, name))
        .collect();
    let line = json!({
        "type": "Metric",
        "data": {
            "name": metric.name,
            "type": metric.kind.as_str(),
            "contains": metric.unit.as_str(),
            "thresholds": expressions.unwrap_or_default(),
            "submetrics": if submetrics.is_empty() { Value::Null } else { submetrics.into() },
        },
        "metric": metric.name,
    });
    buffer.extend_from_slice(line.to_string().as_bytes());
    buffer.push(b'\n');
}

/// Each threshold as text, or as a mapping if it says when to abort.
fn expressions(given: &Value) -> Vec<Value> {
    match given {
        Value::Array(several) => several.iter().map(expression).collect(),
        Value::Null => Vec::new(),
        one => vec![expression(one)],
    }
}

fn expression(given: &Value) -> Value {
    let Value::Object(parts) = given else {
        return given.clone();
    };
    let part = |camel, snake| parts.get(camel).or_else(|| parts.get(snake));
    let threshold = part("threshold", "threshold").unwrap_or(&Value::Null);
    let aborts = part("abortOnFail", "abort_on_fail").and_then(Value::as_bool);
    let delay = part("delayAbortEval", "delay_abort_eval");
    if aborts.is_none_or(|aborts| !aborts) && delay.is_none() {
        return threshold.clone();
    }
    json!({
        "threshold": threshold,
        "abortOnFail": aborts.unwrap_or(false),
        "delayAbortEval": delay,
    })
}

/// `name{tag:value,…}` as a submetric of `metric`.
fn submetric(metric: &str, name: &str) -> Option<Value> {
    let (parent, selector) = name.split_once('{')?;
    if parent.trim_end() != metric {
        return None;
    }
    let suffix = selector.trim_end().strip_suffix('}')?;
    let tags: Map<String, Value> = suffix
        .split(',')
        .filter_map(|pair| pair.split_once(':'))
        .map(|(key, value)| (unquoted(key).to_owned(), unquoted(value).into()))
        .collect();
    Some(json!({"name": name, "suffix": suffix, "tags": tags}))
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Registry, builtin};

    fn definition(thresholds: &Value) -> String {
        let registry = Registry::new();
        let metric = registry.get(builtin::WS_CONNECTING);
        let mut buffer = Vec::new();
        push_definition(&mut buffer, metric, thresholds.as_object().unwrap());
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn a_metric_without_thresholds_says_so_the_way_k6_does() {
        assert_eq!(
            definition(&json!({"checks": ["rate>0.9"], "ws_connecting_x{a:b}": []})),
            concat!(
                r#"{"type":"Metric","data":{"name":"ws_connecting","type":"trend","contains":"time","#,
                r#""thresholds":[],"submetrics":null},"metric":"ws_connecting"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn thresholds_and_submetrics_are_told_as_given() {
        let thresholds = json!({
            "ws_connecting": [
                "p(95)<100",
                {"threshold": "max<5", "abortOnFail": false},
                {"threshold": "avg<1", "abortOnFail": true, "delayAbortEval": "10s"},
                {"threshold": "med<1", "abort_on_fail": true},
            ],
            "ws_connecting{group:::outer::inner, name:\"a b\"}": ["max<9"],
        });
        let line: Value = serde_json::from_str(&definition(&thresholds)).unwrap();
        assert_eq!(
            line["data"]["thresholds"],
            json!([
                "p(95)<100",
                "max<5",
                {"threshold": "avg<1", "abortOnFail": true, "delayAbortEval": "10s"},
                {"threshold": "med<1", "abortOnFail": true, "delayAbortEval": null},
            ])
        );
        assert_eq!(
            line["data"]["submetrics"],
            json!([{
                "name": "ws_connecting{group:::outer::inner, name:\"a b\"}",
                "suffix": "group:::outer::inner, name:\"a b\"",
                "tags": {"group": "::outer::inner", "name": "a b"},
            }])
        );
    }
}
