//! A scenario whose starts found no VU: said once, while there is still time to stop the run.

use super::Run;

/// Whether a scenario has dropped starts because all VUs that it may have were busy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shortage {
    /// It has not.
    #[default]
    None,
    /// It has, and nobody was told.
    New,
    /// It has, and that is known.
    Told,
}

impl Shortage {
    /// Starts were dropped.
    pub(super) fn note(&mut self) {
        if *self == Self::None {
            *self = Self::New;
        }
    }
}

impl Run {
    /// Scenarios that were found short of VUs since the last call, each once, with the VUs they may have.
    pub fn short_of_vus(&self) -> Vec<(String, u32)> {
        let mut state = self.state();
        let scenarios = state.scenarios.iter_mut().zip(&self.options.scenarios);
        let found = scenarios.filter(|(scenario, _)| scenario.shortage == Shortage::New);
        found
            .map(|(scenario, options)| {
                scenario.shortage = Shortage::Told;
                (options.name.clone(), scenario.executor.vus())
            })
            .collect()
    }
}
