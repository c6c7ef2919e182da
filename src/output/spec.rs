//! What `--out` says: `json`, `json=FILE`, `csv=FILE`, `csv=fileName=FILE,saveInterval=1s,timeFormat=unix`.

use std::time::Duration;

use super::dates::TimeFormat;
use super::{OutputError, kinds};
use crate::units::parse_duration;

/// One output as the user wants it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) format: FormatSpec,
    /// A path; nothing for standard output.
    pub(super) path: Option<String>,
    /// How often what was encoded is written.
    pub(super) period: Duration,
}

/// What the lines look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormatSpec {
    Json,
    Csv(TimeFormat),
    /// Not lines of samples, but what the run says of itself.
    Snapshots,
}

impl Spec {
    /// Reads `text`; `env` gives the environment variables that CSV looks at.
    pub(super) fn parse(
        text: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, OutputError> {
        let (name, argument) = text.split_once('=').unwrap_or((text, ""));
        let refuse = |reason: String| OutputError::Argument {
            output: text.to_owned(),
            reason,
        };
        match name {
            "json" => Ok(Self {
                format: FormatSpec::Json,
                path: place(argument),
                period: JSON_PERIOD,
            }),
            "csv" => csv(argument, env).map_err(refuse),
            "snapshots" => {
                let path = place(argument)
                    .ok_or_else(|| refuse("it goes to a file: snapshots=run.k6ws".to_owned()))?;
                Ok(Self {
                    format: FormatSpec::Snapshots,
                    path: Some(instanced(&path).map_err(refuse)?),
                    period: JSON_PERIOD,
                })
            }
            _ => Err(OutputError::Unknown {
                name: name.to_owned(),
            }),
        }
    }

    /// What the run description says of it.
    pub(super) fn describe(&self) -> String {
        let name = match self.format {
            FormatSpec::Json => "json",
            FormatSpec::Csv(_) => "csv",
            FormatSpec::Snapshots => "snapshots",
        };
        format!("{name} ({})", self.path.as_deref().unwrap_or("stdout"))
    }
}

/// Several outputs in one text, as in `K6_OUT`: a comma ends one where the next begins with a type.
pub fn split(text: &str) -> Vec<String> {
    let mut outputs: Vec<String> = Vec::new();
    for part in text.split(',') {
        let name = part.split('=').next().unwrap_or_default().trim();
        match outputs.last_mut() {
            Some(last) if !kinds::NAMES.contains(&name) => {
                last.push(',');
                last.push_str(part);
            }
            _ => outputs.push(part.trim_start().to_owned()),
        }
    }
    outputs.retain(|output| !output.trim().is_empty());
    outputs
}

fn csv(argument: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Spec, String> {
    let mut file = DEFAULT_CSV.to_owned();
    let mut period = CSV_PERIOD;
    let mut format = TimeFormat::Unix;
    let mut set = |key: &str, value: &str| match key {
        "fileName" | "file_name" => {
            value.clone_into(&mut file);
            Ok(())
        }
        "saveInterval" | "save_interval" => match parse_duration(value) {
            Ok(duration) if duration.is_zero() => {
                Err(format!("{key} must be longer than {value:?}"))
            }
            Ok(duration) => {
                period = duration;
                Ok(())
            }
            Err(error) => Err(format!("{key}: {error}")),
        },
        "timeFormat" | "time_format" => {
            let known = TimeFormat::ALL.iter().find(|(name, _)| *name == value);
            let Some((_, known)) = known else {
                let names = TimeFormat::ALL.map(|(name, _)| name).join(", ");
                return Err(format!("{key} {value:?} is none of {names}"));
            };
            format = *known;
            Ok(())
        }
        _ => Err(format!(
            "{key:?} is none of fileName, saveInterval, timeFormat"
        )),
    };
    for (key, variable) in VARIABLES {
        let given = ["K6WS_CSV_", "K6_CSV_"].map(|prefix| format!("{prefix}{variable}"));
        if let Some((variable, value)) = given.iter().find_map(|name| Some((name, env(name)?))) {
            set(key, &value).map_err(|reason| format!("{variable}: {reason}"))?;
        }
    }
    if argument.contains('=') {
        for pair in argument.split(',') {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| format!("expected key=value instead of {pair:?}"))?;
            set(key.trim(), value)?;
        }
    } else if !argument.is_empty() {
        set("fileName", argument)?;
    }
    Ok(Spec {
        format: FormatSpec::Csv(format),
        path: place(&file),
        period,
    })
}

/// The path with the number of this process, 1, for `{instance}`; `{{` and `}}` are braces.
fn instanced(path: &str) -> Result<String, String> {
    let (mut named, mut rest) = (String::new(), path);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        named.push_str(before);
        let (text, behind) = [("{{", "{"), ("}}", "}"), ("{instance}", "1")]
            .iter()
            .find_map(|(written, meant)| Some((*meant, brace.strip_prefix(written)?)))
            .ok_or_else(|| {
                format!("in {path:?} only {{instance}} may be in braces; {{{{ writes a brace")
            })?;
        named.push_str(text);
        rest = behind;
    }
    named.push_str(rest);
    Ok(named)
}

fn place(file: &str) -> Option<String> {
    (!matches!(file, "" | "-")).then(|| file.to_owned())
}

/// What CSV takes from the environment.
const VARIABLES: [(&str, &str); 3] = [
    ("fileName", "FILENAME"),
    ("saveInterval", "SAVE_INTERVAL"),
    ("timeFormat", "TIME_FORMAT"),
];
const DEFAULT_CSV: &str = "file.csv";
const JSON_PERIOD: Duration = Duration::from_millis(200);
const CSV_PERIOD: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Spec, String> {
        Spec::parse(text, &|_| None).map_err(|error| error.to_string())
    }

    fn parse_csv(argument: &str, variables: &[(&str, &str)]) -> Result<Spec, String> {
        let env = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Spec::parse(argument, &env).map_err(|error| error.to_string())
    }

    #[test]
    fn json_takes_a_file_or_standard_output() {
        for text in ["json", "json=", "json=-"] {
            let spec = parse(text).unwrap();
            assert_eq!(spec.describe(), "json (stdout)");
            assert_eq!(spec.period, Duration::from_millis(200));
        }
        let spec = parse("json=a=b,c.json").unwrap();
        assert_eq!(spec.path.as_deref(), Some("a=b,c.json"));
    }

    #[test]
    fn csv_takes_a_file_or_settings() {
        let spec = parse("csv").unwrap();
        assert_eq!(spec.describe(), "csv (file.csv)");
        assert_eq!(spec.period, Duration::from_secs(1));
        assert_eq!(spec.format, FormatSpec::Csv(TimeFormat::Unix));
        assert_eq!(parse("csv=-").unwrap().path, None);
        let spec = parse("csv=fileName=a.csv,saveInterval=50ms,timeFormat=rfc3339_nano").unwrap();
        assert_eq!(spec.path.as_deref(), Some("a.csv"));
        assert_eq!(spec.period, Duration::from_millis(50));
        assert_eq!(spec.format, FormatSpec::Csv(TimeFormat::Rfc3339Nano));
    }

    #[test]
    fn the_environment_speaks_where_the_argument_is_silent_and_ours_before_that_of_k6() {
        let variables = [
            ("K6_CSV_FILENAME", "k6.csv"),
            ("K6_CSV_TIME_FORMAT", "unix_milli"),
            ("K6WS_CSV_TIME_FORMAT", "unix_nano"),
            ("K6_CSV_SAVE_INTERVAL", "5s"),
        ];
        let spec = parse_csv("csv=saveInterval=2s", &variables).unwrap();
        assert_eq!(spec.path.as_deref(), Some("k6.csv"));
        assert_eq!(spec.format, FormatSpec::Csv(TimeFormat::UnixNano));
        assert_eq!(spec.period, Duration::from_secs(2));
        let error = parse_csv("csv", &[("K6_CSV_TIME_FORMAT", "soon")]).unwrap_err();
        assert!(error.contains("K6_CSV_TIME_FORMAT"), "{error}");
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_would() {
        assert_eq!(
            parse("influx=x").unwrap_err(),
            "unknown output \"influx\": there are csv, json and snapshots"
        );
        for (text, said) in [
            ("csv=timeFormat=iso", "unix_milli"),
            ("csv=saveInterval=1", "saveInterval"),
            ("csv=saveInterval=0s", "longer"),
            ("csv=a=b", "fileName"),
            ("csv=fileName=a,b", "key=value"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(said) && error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_list_is_split_where_an_output_begins() {
        assert_eq!(
            split("json=a,b.json, csv=fileName=x,timeFormat=unix,json"),
            ["json=a,b.json", "csv=fileName=x,timeFormat=unix", "json"]
        );
        assert_eq!(split("influx"), ["influx"]);
        assert!(split(" ").is_empty());
    }
}
