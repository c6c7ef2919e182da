//! How a connection is made, as Python says it: the same for every socket API.

use std::net::IpAddr;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::convert::duration;
use crate::socket::dial::SocketOptions;

/// Options of the socket, read from a mapping with these keys. Times are milliseconds.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct SocketArguments {
    no_delay: bool,
    keep_alive: Option<f64>,
    local_address: Option<String>,
}

impl SocketArguments {
    pub(super) fn into_options(self) -> PyResult<SocketOptions> {
        let local_address = self.local_address.map(|text| text.parse::<IpAddr>());
        Ok(SocketOptions {
            no_delay: self.no_delay,
            keep_alive: self
                .keep_alive
                .map(|ms| duration(ms, "keep_alive"))
                .transpose()?,
            local_address: local_address
                .transpose()
                .map_err(|error| PyValueError::new_err(format!("local_address: {error}")))?,
        })
    }
}
