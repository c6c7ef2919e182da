//! `k6ws._core.EchoServer`: the built-in target on a thread of its own.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tokio::sync::oneshot;

use crate::echo::{EchoConfig, EchoCounters, EchoCounts, EchoServer, EchoTls, Service};

/// A WebSocket echo server in this process; stopped by `stop` or when it is dropped.
#[pyclass(frozen, name = "EchoServer", module = "k6ws._core")]
pub(super) struct PyEchoServer {
    url: String,
    counters: EchoCounters,
    running: Mutex<Option<Running>>,
}

struct Running {
    stop: oneshot::Sender<()>,
    ended: mpsc::Receiver<()>,
    thread: JoinHandle<EchoCounts>,
}

#[pymethods]
impl PyEchoServer {
    /// Listens on `host:port` for `service`, `echo`, `chat` or `tcp`; `identity` is a certificate chain and its key, both PEM.
    /// With `own` it speaks through the frames of k6ws also where no compression is asked for.
    #[new]
    #[pyo3(signature = (host="127.0.0.1", port=0, identity=None, service="echo", own=false))]
    fn new(
        py: Python<'_>,
        host: &str,
        port: u16,
        identity: Option<(String, String)>,
        service: &str,
        own: bool,
    ) -> PyResult<Self> {
        let service = match service {
            "echo" => Service::Echo,
            "chat" => Service::Chat,
            "tcp" => Service::Tcp,
            other => return Err(PyValueError::new_err(format!("no such service: {other}"))),
        };
        let address: IpAddr = host
            .parse()
            .map_err(|_| PyValueError::new_err(format!("{host:?} is not an IP address")))?;
        let config = EchoConfig {
            address: SocketAddr::new(address, port),
            tls: identity.map(|(cert_pem, key_pem)| EchoTls { cert_pem, key_pem }),
            subprotocols: Vec::new(),
            service,
            is_own: own,
        };
        py.detach(|| Self::start(config))
            .map_err(PyOSError::new_err)
    }

    /// The URL that clients connect to.
    fn url(&self) -> &str {
        &self.url
    }

    /// What it has counted so far.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        to_dict(py, &self.counters.read())
    }

    /// Waits for this many milliseconds, or less if the server ends.
    fn wait(&self, py: Python<'_>, ms: u64) {
        py.detach(|| {
            let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(running) = &*running {
                // Either way the caller goes on: it asks again, or sees that the server is gone.
                let _ = running.ended.recv_timeout(Duration::from_millis(ms));
            }
        });
    }

    /// Closes every connection with 1001 and stops. Returns the last counts.
    fn stop<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        py.detach(|| self.end());
        to_dict(py, &self.counters.read())
    }
}

impl PyEchoServer {
    fn start(config: EchoConfig) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let server = runtime
            .block_on(EchoServer::bind(config))
            .map_err(|error| error.to_string())?;
        let (url, counters) = (server.url(), server.counters());
        let (stop, stopped) = oneshot::channel();
        let (tell_end, ended) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("k6ws-echo".into())
            .spawn(move || {
                let counts = runtime.block_on(server.run(stopped));
                // Nobody may be waiting.
                let _ = tell_end.send(());
                counts
            })
            .map_err(|error| error.to_string())?;
        let running = Mutex::new(Some(Running {
            stop,
            ended,
            thread,
        }));
        Ok(Self {
            url,
            counters,
            running,
        })
    }

    fn end(&self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(running) = running {
            // Gone already if the server ended by itself.
            let _ = running.stop.send(());
            let _ = running.thread.join();
        }
    }
}

impl Drop for PyEchoServer {
    fn drop(&mut self) {
        self.end();
    }
}

fn to_dict<'py>(py: Python<'py>, counts: &EchoCounts) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, count) in [
        ("connections", counts.connections),
        ("witnessed", counts.witnessed),
        ("open", counts.open),
        ("refused", counts.refused),
        ("messages_received", counts.messages_received),
        ("messages_sent", counts.messages_sent),
        ("bytes_received", counts.bytes_received),
        ("bytes_sent", counts.bytes_sent),
        ("wire_received", counts.wire_received),
        ("wire_sent", counts.wire_sent),
    ] {
        dict.set_item(name, count)?;
    }
    Ok(dict)
}
