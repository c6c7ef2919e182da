//! One load test on a loop: what the schedule decides becomes orders to VUs, and what they do becomes a result.
//!
//! | room | what happens there |
//! | --- | --- |
//! | `load_test` | [`Run`]: from its options to its end; iterations begin and end |
//! | `state`, `pool`, `resting`, `insufficient_vus`, `iterations` | what changes while it lasts, and knows no run |
//! | `dispatch` | what an executor wants, carried out |
//! | `members` | VUs that begin and end with code of the script, or own what outlives iterations |
//! | `thresholds` | when it is looked at what holds, and what does not |
//! | `cores`, `generator` | whether this process was the limit |
//! | `output_set`, `outputs` | where samples go meanwhile |
//! | `test_clock`, `status`, `snapshot` | how long it lasts, how far it is, what it tells of itself |
//! | `snapshots` | what it says of itself once a second, to whoever listens |
//! | `keeper` | who listens in this process, and keeps it |

mod cores;
mod dispatch;
mod generator;
mod glances;
mod insufficient_vus;
mod iterations;
mod keeper;
mod load_test;
mod members;
mod output_set;
mod outputs;
mod pool;
mod resting;
mod snapshot;
mod snapshots;
mod state;
mod status;
mod test_clock;
mod thresholds;

pub use iterations::IterationEnd;
pub use keeper::{Kept, keeper};
pub use load_test::Run;
pub use outputs::output_deadline;
pub use status::{InstanceStatus, ScenarioStatus};
