//! The test clock: how long the test lasts, setup and teardown included.
//!
//! Rates of counters, `delayAbortEval` and the duration in the summary are on it. When iterations start is
//! not: scenarios count from the end of setup.

use std::time::Duration;

use super::Run;
use super::state::State;
use crate::clock;

impl Run {
    /// The test clock starts, before setup.
    pub fn start_clock(&self) {
        self.state().clock_started.get_or_insert_with(clock::now);
    }
}

impl State {
    /// How long the test lasts so far, or lasted.
    pub(super) fn test_time(&self) -> Duration {
        let Some(started) = self.clock_started else {
            return Duration::ZERO;
        };
        self.ended.unwrap_or_else(clock::now) - started
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::engine::Runtime;
    use crate::metrics::builtin;
    use crate::options::{Source, Tier, parse};
    use crate::verdict::Look;

    fn run(options: Value) -> Run {
        let Value::Object(values) = options else {
            panic!("an object was written")
        };
        let source = Source::Script;
        let run = Run::new(parse(&[Tier { source, values }]).unwrap()).unwrap();
        run.judge_by_thresholds().unwrap();
        run
    }

    async fn pass(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn setup_and_teardown_are_on_it_and_what_follows_is_not() {
        let runtime = Runtime::new().unwrap();
        let aborting = json!({"threshold": "rate<1", "abortOnFail": true, "delayAbortEval": "4s"});
        let run = run(json!({"duration": "1m", "thresholds": {"iterations": [aborting]}}));
        assert_eq!(run.state().test_time(), Duration::ZERO);
        run.start_clock();
        pass(3).await;
        run.begin(&runtime);
        run.metrics().record(builtin::ITERATIONS, &run.tags, 8.0);
        pass(1).await;
        let findings = run.look(&runtime, Look::Running);
        assert!(!findings.is_abort && findings.crossed == ["iterations"]);
        pass(1).await;
        // 8 in 5 s, and 5 s are more than the delay: the 3 s of setup count.
        assert!(run.look(&runtime, Look::Running).is_abort);
        pass(5).await;
        run.end(&runtime);
        pass(60).await;
        assert_eq!(run.state().test_time(), Duration::from_secs(10));
        assert!(run.look(&runtime, Look::AllEnded).crossed.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn windows_begin_with_the_scenarios() {
        let runtime = Runtime::new().unwrap();
        let run = run(json!({"duration": "1m", "thresholds": {"checks": ["rate==1 over 4s"]}}));
        let check = |value| run.metrics().record(builtin::CHECKS, &run.tags, value);
        run.start_clock();
        check(0.0);
        pass(10).await;
        assert!(run.look(&runtime, Look::Running).crossed.is_empty());
        run.begin(&runtime);
        for _ in 0..3 {
            check(1.0);
            pass(2).await;
            assert!(run.look(&runtime, Look::Running).crossed.is_empty());
        }
        run.look(&runtime, Look::ScenariosEnded);
        check(0.0);
        pass(2).await;
        let findings = run.look(&runtime, Look::AllEnded);
        assert!(findings.crossed.is_empty() && findings.without_data.is_empty());
    }
}
