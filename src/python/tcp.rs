//! `k6ws._core.TcpConnection`: one raw TCP connection as Python holds it.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::conversation::PyConversation;
use super::convert::{duration, error};
use super::dial::SocketArguments;
use super::event_loop::PyLoop;
use super::framing::PyFraming;
use super::run::PyRun;
use super::tls::{PyTlsSettings, settings};
use super::vu::{PyAccount, PyTags};
use crate::engine::measure::milliseconds;
use crate::engine::measure::tcp::{TcpLabels, TcpSeries};
use crate::engine::tcp::connection::{TcpConnect, TcpConnection};
use crate::engine::tcp::outcome::Outcome;
use crate::socket::dial::options::Adjustment;
use crate::socket::dial::target::Target;
use crate::socket::queue::SendError;
use crate::socket::tcp::queue::StartTls;
use crate::socket::tcp::session::TcpConfig;
use crate::socket::tls::TlsSettings;

/// Everything `connect_tcp` needs, read from a mapping with these keys. Times are milliseconds.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct TcpArguments {
    is_tls: bool,
    host: String,
    port: u16,
    tls: Option<Py<PyTlsSettings>>,
    socket: SocketArguments,
    timeout: f64,
    send_timeout: f64,
    read_buffer_size: usize,
    /// Bytes a second.
    recv_rate: Option<f64>,
    max_buffered: usize,
    /// How data is cut into messages, if it is.
    framing: Option<Py<PyFraming>>,
    /// What it takes up of a connection that is gone.
    conversation: Option<Py<PyConversation>>,
    meter: Option<(Py<PyRun>, Py<PyAccount>, Py<PyTags>)>,
}

/// What `TcpConnection.start_tls` needs.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct StartTlsArguments {
    host: String,
    port: u16,
    tls: Option<Py<PyTlsSettings>>,
    run: Option<Py<PyRun>>,
    timeout: f64,
}

impl TcpArguments {
    fn into_connect(self, py: Python<'_>) -> PyResult<TcpConnect> {
        let (context, labels) = self
            .meter
            .map(|(run, account, tags)| {
                let labels = TcpLabels {
                    metrics: run.get().metrics().clone(),
                    vu: account.get().0.clone(),
                    tags: tags.get().0.clone(),
                };
                (run.get().context().clone(), labels)
            })
            .unzip();
        let run = context.as_deref();
        let tls = if self.is_tls {
            settings(py, self.tls.as_ref(), run, (&self.host, self.port), &[])?
        } else {
            TlsSettings::default()
        };
        Ok(TcpConnect {
            target: Target {
                is_tls: self.is_tls,
                host: self.host.into(),
                port: self.port,
            },
            tls,
            socket: self.socket.into_options()?,
            timeout: duration(self.timeout, "timeout")?,
            config: TcpConfig {
                read_buffer_size: self.read_buffer_size,
                send_timeout: duration(self.send_timeout, "send_timeout")?,
                recv_rate: self.recv_rate,
            },
            max_buffered: self.max_buffered,
            context,
            labels,
            framing: self.framing.map(|framing| framing.get().inner.clone()),
            conversation: self.conversation.map(|one| one.get().shared()),
        })
    }
}

/// Begins to make a raw TCP connection. The first event is OPENED or REFUSED, the last ENDED or REFUSED.
#[pyfunction]
pub(super) fn connect_tcp(
    py: Python<'_>,
    owner: Py<PyLoop>,
    receiver: Py<PyAny>,
    arguments: TcpArguments,
) -> PyResult<PyTcpConnection> {
    owner.get().check_owner(py)?;
    let connect = arguments.into_connect(py)?;
    let id = owner.get().add_connection(py, receiver, None);
    let inner = Arc::new(TcpConnection::open(owner.get().runtime(), id, connect));
    Ok(PyTcpConnection { owner, inner })
}

/// A connection. Writes leave at the next poll; they are numbered from 1.
#[pyclass(frozen, name = "TcpConnection", module = "k6ws._core")]
pub(super) struct PyTcpConnection {
    owner: Py<PyLoop>,
    inner: Arc<TcpConnection>,
}

/// What a write answers instead of its number.
const NOT_OPEN: i64 = 0;
const FULL: i64 = -1;

impl Drop for PyTcpConnection {
    fn drop(&mut self) {
        self.owner.get().let_go(self.inner.id());
    }
}

#[pymethods]
impl PyTcpConnection {
    /// Queues a write. Its number, 0 when not open, -1 when full (a `WRITABLE` event follows).
    fn write(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyBytes>,
        tags: Option<&PyTags>,
    ) -> PyResult<i64> {
        self.owner.get().check_owner(py)?;
        let runtime = self.owner.get().runtime();
        let tags = tags.map(|tags| &tags.0);
        match self.inner.write(runtime, data.as_bytes(), tags) {
            Ok((number, wants_turn)) => {
                if wants_turn {
                    py.detach(|| runtime.turn());
                }
                Ok(i64::try_from(number).unwrap_or(i64::MAX))
            }
            Err(SendError::NotOpen) => Ok(NOT_OPEN),
            Err(SendError::Full | SendError::GivenUp) => Ok(FULL),
        }
    }

    /// Its requests and rules: it has them from now on.
    fn converse(&self, py: Python<'_>) -> PyConversation {
        PyConversation::new(self.owner.clone_ref(py), self.inner.clone(), true)
    }

    /// Those that it was given when it was made, from now on as its own.
    fn resume(&self, py: Python<'_>, before: &PyConversation) -> PyConversation {
        PyConversation::resumed(py, self.owner.clone_ref(py), self.inner.clone(), before)
    }

    /// How many writes are done: their last byte is with the operating system.
    fn writes_done(&self) -> u64 {
        self.inner.queue().done()
    }

    /// Asks for a `WRITTEN` event when this many writes are done. False when they are already.
    fn want_written(&self, number: u64) -> bool {
        self.inner.queue().want(number);
        self.inner.queue().done() < number
    }

    /// Ends our side behind everything written. False when that had happened already.
    fn end(&self, py: Python<'_>) -> PyResult<bool> {
        self.owner.get().check_owner(py)?;
        Ok(self.inner.end(self.owner.get().runtime()))
    }

    /// Closes at once, or gives up the dial.
    fn destroy(&self, py: Python<'_>) -> PyResult<()> {
        self.owner.get().check_owner(py)?;
        self.inner.destroy(self.owner.get().runtime());
        Ok(())
    }

    /// Starts TLS behind everything written; a `TLS_STARTED` event follows. False when that cannot be.
    fn start_tls(&self, py: Python<'_>, arguments: StartTlsArguments) -> PyResult<bool> {
        self.owner.get().check_owner(py)?;
        let run = arguments.run.as_ref().map(|run| &**run.get().context());
        let to = (&*arguments.host, arguments.port);
        let request = StartTls {
            settings: settings(py, arguments.tls.as_ref(), run, to, &[])?,
            host: arguments.host.into(),
            timeout: duration(arguments.timeout, "timeout")?,
            // Known where the connection is.
            seen: None,
        };
        let owner = self.owner.get();
        let handed_out = owner.messages_of(py, self.inner.id());
        Ok(self.inner.start_tls(owner.runtime(), request, handed_out))
    }

    /// Cuts what comes from here on by another framing. False where it had none.
    fn set_framing(&self, py: Python<'_>, framing: &PyFraming) -> PyResult<bool> {
        self.owner.get().check_owner(py)?;
        let Some(framed) = self.inner.framed() else {
            return Ok(false);
        };
        framed.replace(framing.inner.clone()).map_err(|kept| {
            let message =
                format!("{kept} bytes of a message have come, which another framing would not cut");
            error(
                py,
                "FramingError",
                message,
                "change it between two messages",
            )
        })?;
        Ok(true)
    }

    /// Changes options of the socket, now or as soon as it is open. A `keep_alive` of 0 ms is off.
    #[pyo3(signature = (*, no_delay=None, keep_alive=None))]
    fn adjust(
        &self,
        py: Python<'_>,
        no_delay: Option<bool>,
        keep_alive: Option<f64>,
    ) -> PyResult<()> {
        self.owner.get().check_owner(py)?;
        let change = Adjustment {
            no_delay,
            keep_alive: keep_alive
                .map(|ms| duration(ms, "keep_alive"))
                .transpose()?,
        };
        self.inner.adjust(self.owner.get().runtime(), change);
        Ok(())
    }

    /// Reads no more from the peer, or again.
    fn pause_reading(&self, py: Python<'_>, is_paused: bool) -> PyResult<()> {
        self.owner.get().check_owner(py)?;
        self.inner
            .pause_reading(self.owner.get().runtime(), is_paused);
        Ok(())
    }

    /// Bytes that wait to be written.
    fn buffered(&self) -> usize {
        self.inner.queue().buffered()
    }

    /// Application bytes so far: `(read, written)`.
    fn bytes(&self) -> (u64, u64) {
        self.inner.queue().bytes()
    }

    /// Milliseconds since the last read, or since the connection was made.
    fn idle_ms(&self) -> f64 {
        milliseconds(self.inner.queue().idle())
    }

    /// `(local_ip, local_port, remote_ip, remote_port)` once the connection is open.
    fn endpoints(&self) -> Option<(String, u16, String, u16)> {
        let Outcome::Opened(Some((local, remote))) = self.inner.outcome()? else {
            return None;
        };
        Some((
            local.ip().to_string(),
            local.port(),
            remote.ip().to_string(),
            remote.port(),
        ))
    }

    /// `(text, hint, phase, cause)` of a dial that failed.
    fn failure(&self) -> Option<(String, String, &'static str, &'static str)> {
        let Outcome::Refused(error) = self.inner.outcome()? else {
            return None;
        };
        let (phase, cause) = (error.phase.as_str(), error.cause.as_str());
        Some((error.text.clone(), error.hint.to_string(), phase, cause))
    }

    /// Data of this many bytes was handed out and is kept back for now.
    fn held(&self, bytes: usize) {
        self.owner.get().runtime().held(self.inner.id(), bytes);
    }

    /// Data that was kept back is delivered now.
    fn released(&self, bytes: usize) {
        self.owner.get().runtime().released(self.inner.id(), bytes);
    }

    /// Records a `timeout` event.
    fn record_timeout(&self) {
        let runtime = self.owner.get().runtime();
        self.inner.record(runtime, TcpSeries::timed_out);
    }

    /// So many messages were handed out, and nobody took them.
    fn unhandled(&self, messages: u32) {
        let runtime = self.owner.get().runtime();
        self.inner.record(runtime, |series, recorder| {
            series.unhandled(recorder, f64::from(messages));
        });
    }

    /// Its session connects again.
    fn reconnects(&self) {
        let runtime = self.owner.get().runtime();
        self.inner.record(runtime, TcpSeries::reconnects);
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

    /// Records a write that made no sense; `tags` are its own.
    fn record_error(&self, tags: Option<&PyTags>) {
        let runtime = self.owner.get().runtime();
        let tags = tags.map(|tags| &tags.0);
        self.inner
            .record(runtime, |series, recorder| series.failed(recorder, tags));
    }
}
