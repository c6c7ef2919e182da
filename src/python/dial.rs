//! How a connection is made, as Python says it: the same for every socket API.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::convert::duration;
use crate::socket::dial::options::{Patience, SocketOptions};
use crate::socket::dial::proxy::header::ProxyProtocol;
use crate::socket::dial::proxy::{Proxy, ProxyChoice};
use crate::socket::local::LocalAddresses;

/// Options of the socket, read from a mapping with these keys. Times are milliseconds.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct SocketArguments {
    no_delay: bool,
    keep_alive: Option<f64>,
    recv_buffer: Option<u32>,
    send_buffer: Option<u32>,
    resets: bool,
    local_addresses: Option<String>,
    proxy: Option<String>,
    proxy_protocol: Option<String>,
    resolve_timeout: Option<f64>,
    connect_timeout: Option<f64>,
    tls_timeout: Option<f64>,
    upgrade_timeout: Option<f64>,
}

impl SocketArguments {
    pub(super) fn into_options(self) -> PyResult<SocketOptions> {
        let limit = |ms: Option<f64>, name| ms.map(|ms| duration(ms, name)).transpose();
        let proxy = match self.proxy.as_deref() {
            None => ProxyChoice::Environment,
            Some("") => ProxyChoice::Direct,
            Some(url) => ProxyChoice::Through(Arc::new(parse_proxy(url)?)),
        };
        let version = self.proxy_protocol.as_deref().map(|text| {
            let refuse = || PyValueError::new_err(format!("proxy_protocol: {text:?} is none"));
            ProxyProtocol::parse(text).ok_or_else(refuse)
        });
        let proxy_protocol = version.transpose()?;
        Ok(SocketOptions {
            no_delay: self.no_delay,
            keep_alive: limit(self.keep_alive, "keep_alive")?,
            recv_buffer: self.recv_buffer,
            send_buffer: self.send_buffer,
            resets: self.resets,
            local_addresses: self.local_addresses.map(Into::into),
            proxy,
            proxy_protocol,
            patience: Patience {
                resolve: limit(self.resolve_timeout, "resolve_timeout")?,
                connect: limit(self.connect_timeout, "connect_timeout")?,
                tls: limit(self.tls_timeout, "tls_timeout")?,
                upgrade: limit(self.upgrade_timeout, "upgrade_timeout")?,
            },
        })
    }
}

fn parse_proxy(url: &str) -> PyResult<Proxy> {
    Proxy::parse(url).map_err(|why| PyValueError::new_err(format!("proxy: {why}")))
}

/// Whether a text is the URL of a proxy that can be spoken to.
#[pyfunction]
pub(super) fn check_proxy(url: &str) -> PyResult<()> {
    parse_proxy(url).map(|_| ())
}

/// Whether a text names addresses to connect from.
#[pyfunction]
pub(super) fn check_local_addresses(text: &str) -> PyResult<()> {
    let checked = LocalAddresses::parse(text);
    checked.map(|_| ()).map_err(PyValueError::new_err)
}
