//! The binding: converts and forwards, nothing else. The only module that names `pyo3`.
//!
//! Every function here is a leaf: no Python code runs below a Rust frame, so greenlets may switch freely
//! above. Whatever waits releases the interpreter first, and no lock is held while Python objects are made.

mod acceptance;
mod answers;
mod arrival;
mod arrow;
mod asking;
mod connection;
mod conversation;
mod convert;
mod correlating;
mod criteria;
mod dashboard;
mod dial;
mod echo;
mod event;
mod event_loop;
mod events;
mod face;
mod framing;
mod hand_out;
mod json;
mod keys;
mod matching;
mod members;
mod metric;
mod options;
mod origin;
mod outputs;
mod patterns;
mod receivers;
mod recording;
mod refused;
mod reply;
mod run;
mod settings;
mod status;
mod tcp;
mod template;
mod tls;
mod under_gil;
mod values;
mod vu;
mod wakes;
mod watch;
mod wire_log;

use pyo3::prelude::*;

/// `k6ws._core`. It takes the interpreter's lock for one of its own, so a free-threaded Python has to turn it on.
#[pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use super::acceptance::{PySourceBase, PyVuBase};
    #[pymodule_export]
    use super::arrival::PyArrival;
    #[pymodule_export]
    use super::arrow::arrow_stream;
    #[pymodule_export]
    use super::asking::check_asked;
    #[pymodule_export]
    use super::connection::{PyConnection, connect};
    #[pymodule_export]
    use super::conversation::PyConversation;
    #[pymodule_export]
    use super::convert::{may_close_with, parse_duration};
    #[pymodule_export]
    use super::correlating::PyCorrelation;
    #[pymodule_export]
    use super::dashboard::PyDashboard;
    #[pymodule_export]
    use super::dial::{check_local_addresses, check_proxy};
    #[pymodule_export]
    use super::echo::PyEchoServer;
    #[pymodule_export]
    use super::event::PyMessageEvent;
    #[pymodule_export]
    use super::event_loop::PyLoop;
    #[pymodule_export]
    use super::face::{PySocketBase, PyTextSocketBase, PyWebSocketBase};
    #[pymodule_export]
    use super::framing::{PyFramer, PyFraming};
    #[pymodule_export]
    use super::json::{decode_json, encode_json};
    #[pymodule_export]
    use super::keys::{PyCapture, PyField};
    #[pymodule_export]
    use super::matching::PyMatcher;
    #[pymodule_export]
    #[pymodule_export]
    use super::members::{end_scenario, mark, vu_entered, vu_failed, vu_left, vu_ready, vus_begin};
    #[pymodule_export]
    use super::metric::{PySeries, check_metric};
    #[pymodule_export]
    use super::options::{PyOptions, option_names, parse_options};
    #[pymodule_export]
    use super::origin::introduce;
    #[pymodule_export]
    use super::outputs::split_outputs;
    #[pymodule_export]
    use super::recording::{PyRecording, read_snapshots};
    #[pymodule_export]
    use super::reply::PyReplyBase;
    #[pymodule_export]
    use super::run::PyRun;
    #[pymodule_export]
    use super::settings::PyWebSocketSettings;
    #[pymodule_export]
    use super::status::{PyInstanceStatus, PyScenarioStatus};
    #[pymodule_export]
    use super::tcp::{PyTcpConnection, connect_tcp};
    #[pymodule_export]
    use super::template::PyTemplate;
    #[pymodule_export]
    use super::tls::{PyTlsIdentity, PyTlsRoots, PyTlsSettings, key_log_remark};
    #[pymodule_export]
    use super::vu::{PyAccount, PyTags};
    #[pymodule_export]
    use super::watch::{PyWatched, watch};
    #[pymodule_export]
    use super::wire_log::{log_wire, wire_log_lines};

    use super::{Bound, PyModule, PyModuleMethods, PyResult};
    use crate::engine::runtime::mailbox::EventKind;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("IS_DEBUG_BUILD", cfg!(debug_assertions))?;
        for (name, kind) in [
            ("OPENED", EventKind::Opened),
            ("REFUSED", EventKind::Refused),
            ("TEXT", EventKind::Text),
            ("BINARY", EventKind::Binary),
            ("PING", EventKind::Ping),
            ("PONG", EventKind::Pong),
            ("WRITABLE", EventKind::Writable),
            ("CLOSED", EventKind::Closed),
            ("ENDED", EventKind::Ended),
            ("TIMER", EventKind::Timer),
            ("START_ITERATION", EventKind::StartIteration),
            ("HARD_STOP", EventKind::HardStop),
            ("ENTER_SCENARIO", EventKind::EnterScenario),
            ("LEAVE_SCENARIO", EventKind::LeaveScenario),
            ("RESTING", EventKind::Resting),
            ("READABLE", EventKind::Readable),
            ("DATA", EventKind::Data),
            ("WRITTEN", EventKind::Written),
            ("WRITE_FAILED", EventKind::WriteFailed),
            ("TLS_STARTED", EventKind::TlsStarted),
            ("MESSAGES", EventKind::Messages),
            ("ANSWERED", EventKind::Answered),
            ("UNDECIDED_TEXT", EventKind::UndecidedText),
            ("UNDECIDED_BINARY", EventKind::UndecidedBinary),
            ("UNDECIDED_DATA", EventKind::UndecidedData),
        ] {
            module.add(name, kind as u8)?;
        }
        Ok(())
    }
}
