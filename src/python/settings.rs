//! `k6ws._core.WebSocketSettings`: how a WebSocket is opened and kept, read once for all that are opened alike.

use std::time::Duration;

use pyo3::prelude::*;

use super::convert::duration;
use super::dial::SocketArguments;
use super::tls::PyTlsSettings;
use crate::socket::dial::options::SocketOptions;
use crate::socket::ws::deflate::{ClientWindow, Offer};
use crate::socket::ws::session::{KeepAlive, PaceConfig, WsConfig};

/// What is not of one connection but of how they are made: thousands may share one.
#[pyclass(frozen, name = "WebSocketSettings", module = "k6ws._core")]
pub(super) struct PyWebSocketSettings {
    pub(super) tls: Option<Py<PyTlsSettings>>,
    pub(super) socket: SocketOptions,
    /// For resolve, connect, TLS and upgrade together.
    pub(super) timeout: Duration,
    pub(super) config: WsConfig,
    pub(super) compression: Option<Compression>,
    pub(super) max_buffered: usize,
}

/// What is offered, and how what we send is compressed where the server accepts.
#[derive(Clone, Copy)]
pub(super) struct Compression {
    pub(super) offer: Offer,
    pub(super) level: u32,
    /// Smaller messages go as they are.
    pub(super) threshold: usize,
}

#[pymethods]
impl PyWebSocketSettings {
    #[new]
    fn new(arguments: WebSocketArguments) -> PyResult<Self> {
        Ok(Self {
            tls: arguments.tls,
            socket: arguments.socket.into_options()?,
            timeout: duration(arguments.timeout, "timeout")?,
            config: WsConfig {
                max_message_size: arguments.max_message_size,
                send_timeout: duration(arguments.send_timeout, "send_timeout")?,
                close_timeout: duration(arguments.close_timeout, "close_timeout")?,
                pace: arguments.pace.into_config()?,
                // Known when a server has answered.
                inflate: None,
            },
            compression: arguments.compression.map(|asked| asked.read()),
            max_buffered: arguments.max_buffered,
        })
    }
}

/// Read from a mapping with these keys. Times are milliseconds.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct WebSocketArguments {
    tls: Option<Py<PyTlsSettings>>,
    socket: SocketArguments,
    timeout: f64,
    close_timeout: f64,
    send_timeout: f64,
    pace: PaceArguments,
    compression: Option<CompressionArguments>,
    max_message_size: usize,
    max_buffered: usize,
}

/// Read from a mapping with these keys; what is `None` is off. Times are milliseconds.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct PaceArguments {
    idle_timeout: Option<f64>,
    /// Interval of pings, and how long a pong may take.
    keep_alive: Option<(f64, f64)>,
    /// Bytes a second.
    recv_rate: Option<f64>,
}

/// What is offered, and how to compress; read from a mapping with these keys.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct CompressionArguments {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    /// 0 lets the server choose.
    client_max_window_bits: Option<u8>,
    level: u32,
    threshold: usize,
}

impl CompressionArguments {
    fn read(&self) -> Compression {
        let offer = Offer {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits,
            client_max_window_bits: match self.client_max_window_bits {
                None => ClientWindow::Unsaid,
                Some(0) => ClientWindow::Any,
                Some(bits) => ClientWindow::AtMost(bits),
            },
        };
        Compression {
            offer,
            level: self.level,
            threshold: self.threshold,
        }
    }
}

impl PaceArguments {
    fn into_config(self) -> PyResult<PaceConfig> {
        let keep_alive = self.keep_alive.map(|(interval, timeout)| {
            Ok::<_, PyErr>(KeepAlive {
                interval: duration(interval, "keep_alive")?,
                timeout: duration(timeout, "keep_alive")?,
            })
        });
        let idle_timeout = self.idle_timeout.map(|ms| duration(ms, "idle_timeout"));
        Ok(PaceConfig {
            idle_timeout: idle_timeout.transpose()?,
            keep_alive: keep_alive.transpose()?,
            recv_rate: self.recv_rate,
        })
    }
}
