//! Where option values come from: the tiers of precedence.
//!
//! A tier is a JSON object as its author wrote it: k6's or our spelling, not yet valid. Reading files, flags
//! and variables is the caller's affair; here a tier only remembers its name, so that messages can say it.

use std::fmt;

use serde_json::{Map, Value};

/// The origin of an option value; a later one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Built in.
    Default,
    /// The JSON file of `--config`.
    ConfigFile,
    /// The `options` of the script.
    Script,
    /// The keywords of `k6ws.run`.
    Program,
    /// `K6_*` variables.
    Env,
    /// Flags.
    Cli,
}

impl Source {
    /// Values arrive as bare text here (`"10"`, `"true"`, `"a,b"`), so text is read as what it stands for.
    /// In JSON and in a script only a number may be text.
    pub(super) fn is_textual(self) -> bool {
        matches!(self, Self::Env | Self::Cli)
    }
}

/// Reads after "from the": `from the command line`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "defaults",
            Self::ConfigFile => "config file",
            Self::Script => "script options",
            Self::Program => "keywords of k6ws.run()",
            Self::Env => "environment",
            Self::Cli => "command line",
        })
    }
}

/// The options one source gives.
#[derive(Debug, Clone)]
pub struct Tier {
    /// Who gave them.
    pub source: Source,
    /// Option name → value, in either spelling. `null` means "not given".
    pub values: Map<String, Value>,
}
