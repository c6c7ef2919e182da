//! What of a given value may be shown: an error lands in terminals and logs, where passwords and keys do not belong.
//!
//! Goes by where a value stands: everything of `tlsAuth` but its domains, and in a scenario's `env` what has a telling
//! name. Within a longer value the same is masked, and URLs lose their users. Names always stay.

use serde_json::Value;

use crate::socket::ws::wire_log::{is_telling, without_secrets};

const MASK: &str = "***";

/// The value at `path` as it may be shown, or nothing of it.
pub(super) fn shown(path: &str, value: &Value) -> Option<Value> {
    let steps = || {
        path.split(['.', '['])
            .map(|step| step.trim_end_matches(']'))
    };
    let mut place = Place::Open;
    for step in steps() {
        place = place.within(step);
    }
    masked(place, value)
}

/// The value of the option `name` with its secrets masked one by one, so that its form remains.
pub(super) fn masked_within(name: &str, value: &Value) -> Value {
    let Some(entries) = value
        .as_array()
        .filter(|_| Place::Open.within(name) == Place::Secret)
    else {
        return shown(name, value).unwrap_or_else(|| MASK.into());
    };
    // Which hosts a certificate is for, and which there is, opens nothing.
    let entry = |entry: &Value| match entry.as_object() {
        Some(said) => {
            let open = |key: &str| key == "domains" || key == "cert";
            let one = |(key, one): (&String, &Value)| {
                (
                    key.clone(),
                    if open(key) { one.clone() } else { MASK.into() },
                )
            };
            Value::Object(said.iter().map(one).collect())
        }
        None => MASK.into(),
    };
    entries.iter().map(entry).collect()
}

/// Whether nothing of the value at `path` may be shown.
pub(super) fn is_secret(path: &str) -> bool {
    shown(path, &Value::Bool(true)).is_none()
}

/// Where a value stands, as far as that matters here.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Open,
    Env,
    Secret,
}

impl Place {
    fn within(self, name: &str) -> Self {
        let letters = || name.chars().filter(|c| *c != '_');
        let plain: String = letters().map(|c| c.to_ascii_lowercase()).collect();
        match self {
            _ if plain.ends_with("tlsauth") => Self::Secret,
            Self::Secret if plain == "domains" => Self::Open,
            Self::Env if is_telling(&name.to_ascii_lowercase()) => Self::Secret,
            Self::Open if plain == "env" => Self::Env,
            place => place,
        }
    }
}

fn masked(place: Place, value: &Value) -> Option<Value> {
    let or_mask = |place, one: &Value| masked(place, one).unwrap_or_else(|| MASK.into());
    Some(match value {
        _ if place == Place::Secret => return None,
        // `NAME=value` in place of an object.
        Value::String(text) if place == Place::Env && is_telling(&text.to_ascii_lowercase()) => {
            return None;
        }
        Value::String(text) => without_secrets(text).into(),
        Value::Array(items) => items.iter().map(|one| or_mask(place, one)).collect(),
        Value::Object(entries) => {
            let entry =
                |(name, one): (&String, &Value)| (name.clone(), or_mask(place.within(name), one));
            Value::Object(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_masked_by_where_they_stand_and_names_stay() {
        for (path, value, expected) in [
            ("tlsAuth", json!({"key": "s3cret"}), None),
            ("tls_auth[0].password", json!("s3cret"), None),
            (
                "tlsAuth[0].domains",
                json!("a.example"),
                Some(json!("a.example")),
            ),
            ("scenarios.a.env", json!("TOKEN=s3cret"), None),
            ("scenarios.a.env.API_TOKEN", json!(5), None),
            ("scenarios.a.env.PORT", json!(5), Some(json!(5))),
            (
                "scenarios",
                json!([{"env": {"ROOM": 1, "PASSWORD": "s3cret"}}]),
                Some(json!([{"env": {"ROOM": 1, "PASSWORD": "***"}}])),
            ),
            (
                "options",
                json!({"tlsAuth": [{"key": "s3cret"}], "vus": 1}),
                Some(json!({"tlsAuth": "***", "vus": 1})),
            ),
            (
                "hosts.a",
                json!("wss://ann:s3cret@b.example/?token=s3cret"),
                Some(json!("wss://***@b.example/?token=***")),
            ),
            ("vus", json!("many of them"), Some(json!("many of them"))),
            // The name of a metric says nothing of its thresholds.
            (
                "thresholds.ws_session_duration",
                json!("p(95)<1s"),
                Some(json!("p(95)<1s")),
            ),
        ] {
            assert_eq!(shown(path, &value), expected, "{path}");
        }
    }
}
