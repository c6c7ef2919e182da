//! `k6ws._core.Dashboard`: the live page of a run, served without the interpreter.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;

use super::convert::{duration, error};
use crate::dashboard::{DEFAULT, DashboardError, Feed, Page, Server, Token};

/// A page that is served until `close`, or until it is dropped.
#[pyclass(frozen, name = "Dashboard", module = "k6ws._core")]
pub(super) struct PyDashboard {
    server: Mutex<Server>,
    url: String,
    feed: Arc<Feed>,
}

impl PyDashboard {
    pub(super) fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }
}

#[pymethods]
impl PyDashboard {
    /// Listens on `HOST:PORT`, or where it does by default, and serves the page as it was built.
    #[new]
    fn new(
        py: Python<'_>,
        address: Option<&str>,
        page: &str,
        token: Option<String>,
    ) -> PyResult<Self> {
        let started = py.detach(|| {
            let address = address.map_or(Ok(DEFAULT), str::parse)?;
            let token = token.map(Token::given).transpose()?;
            Server::start(&address, Page::new(page)?, token)
        });
        let server = started.map_err(|refused| refusal(py, &refused))?;
        let feed = server.feed().clone();
        let url = server.url().to_owned();
        let server = Mutex::new(server);
        Ok(Self { server, url, feed })
    }

    /// The URL that a browser is given, with the token where one is needed.
    fn url(&self) -> &str {
        &self.url
    }

    /// How many connections found no room.
    fn refused(&self, py: Python<'_>) -> u64 {
        // While it closes that takes a while.
        py.detach(|| {
            let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
            server.refused()
        })
    }

    /// Ends when all who look have what there is, or after so many milliseconds.
    fn close(&self, py: Python<'_>, patience_ms: f64) -> PyResult<()> {
        let patience = duration(patience_ms, "patience")?;
        py.detach(|| {
            let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
            server.close(patience);
        });
        Ok(())
    }
}

fn refusal(py: Python<'_>, refused: &DashboardError) -> PyErr {
    let (class, hint) = match refused {
        DashboardError::Address(_) => ("OptionsError", "127.0.0.1:5665, for example"),
        DashboardError::Listen { .. } => (
            "CannotListen",
            "take another address; port 0 takes a free one",
        ),
        DashboardError::Token => ("OptionsError", "without it a token is made for you"),
        DashboardError::NoRandomness => ("K6Error", "run it without --dashboard"),
        DashboardError::Page(_) => ("OptionsError", "run `make page`, or install k6ws again"),
    };
    error(py, class, refused.to_string(), hint)
}
