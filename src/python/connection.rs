//! `k6ws._core.Connection`: one WebSocket connection as Python holds it.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::conversation::PyConversation;
use super::convert::{duration, error};
use super::event_loop::PyLoop;
use super::framing::PyFraming;
use super::run::PyRun;
use super::settings::PyWebSocketSettings;
use super::tls::settings;
use super::vu::{PyAccount, PyTags};
use crate::engine::measure::ws::{ConnectionLabels, ConnectionSeries};
use crate::engine::ws::connection::{Connect, Connection};
use crate::engine::ws::handshake::Outcome;
use crate::socket::dial::target::Target;
use crate::socket::error::SocketError;
use crate::socket::queue::SendError;
use crate::socket::tls::TlsSettings;
use crate::socket::ws::request::Request;
use crate::socket::ws::upgrade::Refused;

/// Where to, and what is asked there, read from a mapping with these keys.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct ConnectArguments {
    is_tls: bool,
    host: String,
    port: u16,
    path: String,
    host_header: String,
    user_agent: String,
    headers: Vec<(String, String)>,
    settings: Py<PyWebSocketSettings>,
    /// How what is received is cut into messages, if not as the peer sends them.
    framing: Option<Py<PyFraming>>,
    /// What it takes up of a connection that is gone.
    conversation: Option<Py<PyConversation>>,
    meter: Option<MeterArguments>,
}

/// Where samples go, and the URL they are tagged with.
type MeterArguments = (Py<PyRun>, Py<PyAccount>, Py<PyTags>, String);

impl ConnectArguments {
    /// What to connect to. With `is_named` the tag `name` is the URL, unless the script sets it.
    fn into_connect(self, py: Python<'_>, is_named: bool) -> PyResult<Connect> {
        let how = self.settings.get();
        let request = Request {
            path: self.path,
            host: self.host_header,
            user_agent: self.user_agent,
            headers: self.headers,
            compression: how.compression.map(|wanted| wanted.offer),
        };
        request
            .check()
            .map_err(|why| error(py, "InvalidParameter", why, ""))?;
        let (context, labels) = self
            .meter
            .map(|(run, account, tags, url)| {
                let labels = ConnectionLabels {
                    metrics: run.get().metrics().clone(),
                    vu: account.get().0.clone(),
                    tags: tags.get().0.clone(),
                    url: url.into(),
                    is_named,
                };
                (run.get().context().clone(), labels)
            })
            .unzip();
        // What every WebSocket client offers: the upgrade is HTTP/1.1.
        let to = (&*self.host, self.port);
        let tls = if self.is_tls {
            settings(py, how.tls.as_ref(), context.as_deref(), to, &["http/1.1"])?
        } else {
            TlsSettings::default()
        };
        Ok(Connect {
            target: Target {
                is_tls: self.is_tls,
                host: self.host.into(),
                port: self.port,
            },
            request,
            tls,
            socket: how.socket.clone(),
            timeout: how.timeout,
            config: how.config,
            compression: how
                .compression
                .map_or((0, 0), |wanted| (wanted.level, wanted.threshold)),
            max_buffered: how.max_buffered,
            context,
            labels,
            framing: self.framing.map(|framing| framing.get().inner.clone()),
            conversation: self.conversation.map(|one| one.get().shared()),
        })
    }
}

/// Begins to connect. Events go to `receiver(kind, data)`; the first is OPENED or REFUSED, the last
/// ENDED or REFUSED. With a `socket` the data of messages is a `MessageEvent` of that socket, and that
/// of pings and pongs their arrival in milliseconds since 1970.
#[pyfunction]
#[pyo3(signature = (owner, receiver, arguments, socket=None))]
pub(super) fn connect(
    py: Python<'_>,
    owner: Py<PyLoop>,
    receiver: Py<PyAny>,
    arguments: ConnectArguments,
    socket: Option<Py<PyAny>>,
) -> PyResult<PyConnection> {
    owner.get().check_owner(py)?;
    let connect = arguments.into_connect(py, socket.is_some())?;
    let id = owner.get().add_connection(py, receiver, socket);
    let inner = Arc::new(Connection::open(owner.get().runtime(), id, connect));
    Ok(PyConnection { owner, inner })
}

/// A connection. Sends leave at the next poll; results are numbers, so that the hot path makes no object.
#[pyclass(frozen, name = "Connection", module = "k6ws._core")]
pub(super) struct PyConnection {
    owner: Py<PyLoop>,
    inner: Arc<Connection>,
}

/// What a send answers: accepted, not open, full for now, or full until the connection was given up for it.
pub(super) const ACCEPTED: u8 = 0;
const NOT_OPEN: u8 = 1;
const FULL: u8 = 2;
const GIVEN_UP: u8 = 3;

impl PyConnection {
    /// What became of a send; past the cork limit the sockets get a turn before the script goes on.
    fn sent(&self, py: Python<'_>, queued: Result<bool, SendError>) -> u8 {
        match queued {
            Ok(false) => ACCEPTED,
            Ok(true) => {
                py.detach(|| self.owner.get().runtime().turn());
                ACCEPTED
            }
            Err(SendError::NotOpen) => NOT_OPEN,
            Err(SendError::Full) => FULL,
            Err(SendError::GivenUp) => GIVEN_UP,
        }
    }
}

impl Drop for PyConnection {
    fn drop(&mut self) {
        self.owner.get().let_go(self.inner.id());
    }
}

#[pymethods]
impl PyConnection {
    /// Queues a text message: 0 accepted, 1 not open, 2 full (a WRITABLE event follows).
    pub(super) fn send_text(&self, py: Python<'_>, text: &str) -> PyResult<u8> {
        self.owner.get().check_owner(py)?;
        let queued = self
            .inner
            .send(self.owner.get().runtime(), true, text.as_bytes());
        Ok(self.sent(py, queued))
    }

    /// Queues a binary message; as `send_text`.
    pub(super) fn send_binary(&self, py: Python<'_>, data: &Bound<'_, PyBytes>) -> PyResult<u8> {
        self.owner.get().check_owner(py)?;
        let queued = self
            .inner
            .send(self.owner.get().runtime(), false, data.as_bytes());
        Ok(self.sent(py, queued))
    }

    /// Its requests and rules: it has them from now on.
    fn converse(&self, py: Python<'_>) -> PyConversation {
        PyConversation::new(self.owner.clone_ref(py), self.inner.clone(), false)
    }

    /// Those that it was given when it was made, from now on as its own.
    fn resume(&self, py: Python<'_>, before: &PyConversation) -> PyConversation {
        PyConversation::resumed(py, self.owner.clone_ref(py), self.inner.clone(), before)
    }

    /// Queues a ping; as `send_text`.
    fn ping(&self, py: Python<'_>) -> PyResult<u8> {
        self.owner.get().check_owner(py)?;
        let queued = self.inner.ping(self.owner.get().runtime());
        Ok(self.sent(py, queued))
    }

    /// Begins the closing handshake, or gives up the dial. False when that had happened already.
    fn close(&self, py: Python<'_>, code: u16, reason: &str, patience_ms: f64) -> PyResult<bool> {
        self.owner.get().check_owner(py)?;
        let patience = duration(patience_ms, "close timeout")?;
        Ok(self
            .inner
            .close(self.owner.get().runtime(), code, reason, patience))
    }

    /// Closes what nobody waits for any more: it is over after this patience, whatever is still to be written and
    /// whoever has closed it before.
    fn cut(&self, py: Python<'_>, code: u16, patience_ms: f64) -> PyResult<()> {
        self.owner.get().check_owner(py)?;
        let patience = duration(patience_ms, "close timeout")?;
        self.inner.cut(self.owner.get().runtime(), code, patience);
        Ok(())
    }

    /// Reads no more from the peer, or again.
    fn pause_reading(&self, py: Python<'_>, is_paused: bool) -> PyResult<()> {
        self.owner.get().check_owner(py)?;
        self.inner
            .pause_reading(self.owner.get().runtime(), is_paused);
        Ok(())
    }

    /// Payload bytes of the data messages that wait to be written.
    fn buffered_payload(&self) -> usize {
        self.inner.buffered_payload()
    }

    /// A message of this many bytes was handed out and is kept back for now.
    fn held(&self, bytes: usize) {
        self.owner.get().runtime().held(self.inner.id(), bytes);
    }

    /// A message that was kept back is delivered now.
    fn released(&self, bytes: usize) {
        self.owner.get().runtime().released(self.inner.id(), bytes);
    }

    /// A message was handed out and no handler will be given it.
    fn dropped(&self) {
        self.inner.dropped(self.owner.get().runtime());
    }

    /// A data message was refused because the session has ended, and nobody else is told.
    fn unsent(&self) {
        let runtime = self.owner.get().runtime();
        self.inner
            .record(runtime, |series, recorder| series.unsent(recorder, 1));
    }

    /// So many messages were handed out, and the script had no handler for them.
    fn unhandled(&self, messages: u32) {
        let runtime = self.owner.get().runtime();
        self.inner.record(runtime, |series, recorder| {
            series.unhandled(recorder, f64::from(messages));
        });
    }

    /// Its session connects again.
    fn reconnects(&self) {
        let runtime = self.owner.get().runtime();
        self.inner.record(runtime, ConnectionSeries::reconnects);
    }

    /// Its session was down for so long.
    fn was_down(&self, ms: f64) -> PyResult<()> {
        let time = duration(ms, "downtime")?;
        let runtime = self.owner.get().runtime();
        self.inner.record(runtime, |series, recorder| {
            series.was_down(recorder, time);
        });
        Ok(())
    }

    /// `(status, headers, body, cookies, failure)` once the handshake has ended, the first time this is asked;
    /// `failure` is `None` or `(text, hint, phase, cause)`; status 0 means that there was no HTTP answer.
    fn take_outcome(&self) -> Option<OutcomeTuple> {
        let (answer, failure) = match self.inner.take_outcome()? {
            Outcome::Opened(answer) => (answer, None),
            Outcome::Refused(Refused { error, answer, .. }) => {
                let SocketError {
                    phase,
                    cause,
                    text,
                    hint,
                } = error;
                let failure = (text, hint.to_string(), phase.as_str(), cause.as_str());
                (answer.unwrap_or_default(), Some(failure))
            }
        };
        Some((
            answer.status,
            answer.headers,
            answer.body,
            answer.cookies,
            failure,
        ))
    }
}

type Failure = (String, String, &'static str, &'static str);
type OutcomeTuple = (
    u16,
    Vec<(String, String)>,
    String,
    Vec<String>,
    Option<Failure>,
);
