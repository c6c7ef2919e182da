//! The document of `--summary-export`: the data of `handle_summary`, and what a pipeline asks next.

use serde_json::{Value, json};

use super::told::{CROSSED, Told, gravest};

/// Of the document: a field that goes or changes its meaning makes it 3. `summary.schema.json` says what it has.
const VERSION: &str = "2.1.0";

/// What is told of a run once its end is known: a threshold that does not hold is its end where nothing else is.
pub fn complete(data: &mut Value, told: &mut Told) {
    let is_crossed = thresholds(data).iter().any(|one| one["ok"] == false);
    if is_crossed {
        told.exit_code = gravest([told.exit_code, CROSSED].into_iter());
    }
    told.set_into(data);
}

/// Everything about a run but what may hold secrets: the script and setup's data.
pub fn document(mut data: Value, told: &Told, tool: &str) -> Value {
    let mut document = json!({
        "version": VERSION,
        "generated_at": told.generated_at,
        "tool": {"name": "k6ws", "version": tool},
        "exit_code": told.exit_code,
        "passed": told.exit_code == 0,
        "scenarios": data["run"]["scenarios"],
        "thresholds": thresholds(&data),
    });
    if let (Some(whole), Some(parts)) = (document.as_object_mut(), data.as_object_mut()) {
        parts.shift_remove("setup_data");
        if let Some(run) = parts.get_mut("run").and_then(Value::as_object_mut) {
            run.shift_remove("scenarios");
        }
        whole.append(parts);
    }
    document
}

/// Every threshold, by metric.
fn thresholds(data: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    for (name, metric) in data["metrics"].as_object().into_iter().flatten() {
        let thresholds = metric.get("thresholds").and_then(Value::as_object);
        for (expression, stands) in thresholds.into_iter().flatten() {
            let mut one = json!({"metric": name, "expression": expression});
            if let (Some(one), Some(stands)) = (one.as_object_mut(), stands.as_object()) {
                one.extend(stands.clone());
                let has_none = stands["value"].is_null() && stands["undecided"] != true;
                one.insert("no_data".into(), has_none.into());
            }
            all.push(one);
        }
    }
    all
}
