//! `k6ws._core.TlsSettings` and its parts: what a script says of TLS, parsed once and kept by Python.

use std::sync::Arc;

use pyo3::prelude::*;

use super::convert::error;
use crate::engine::context::RunContext;
use crate::socket::tls::{
    Identity, Roots, RunTls, Terms, TlsFault, TlsGiven, TlsSettings, key_log_fault,
};

/// Certificate authorities.
#[pyclass(frozen, name = "TlsRoots", module = "k6ws._core")]
pub(super) struct PyTlsRoots(Arc<Roots>);

#[pymethods]
impl PyTlsRoots {
    /// Reads PEM texts, or files of that name.
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "extracted from a list")]
    fn new(py: Python<'_>, ca: Vec<String>) -> PyResult<Self> {
        let read = py.detach(|| Roots::read(&ca));
        let roots = read.map_err(|fault| invalid(py, &fault))?;
        Ok(Self(Arc::new(roots)))
    }
}

/// A client certificate and its key.
#[pyclass(frozen, name = "TlsIdentity", module = "k6ws._core")]
pub(super) struct PyTlsIdentity(Arc<Identity>);

#[pymethods]
impl PyTlsIdentity {
    /// Reads PEM texts, or files of that name.
    #[new]
    #[pyo3(signature = (cert, key, password))]
    fn new(
        py: Python<'_>,
        cert: &str,
        key: Option<&str>,
        password: Option<&str>,
    ) -> PyResult<Self> {
        let read = py.detach(|| Identity::read(cert, key, password));
        let identity = read.map_err(|fault| invalid(py, &fault))?;
        Ok(Self(Arc::new(identity)))
    }
}

/// What a script says of TLS for a connection; what is `None` is as the run says.
#[pyclass(frozen, name = "TlsSettings", module = "k6ws._core")]
pub(super) struct PyTlsSettings(TlsGiven);

#[pymethods]
impl PyTlsSettings {
    #[new]
    #[pyo3(signature = (*, roots, identity, server_name, insecure_skip_tls_verify, min_version,
                        max_version, cipher_suites, alpn, resume))]
    #[expect(clippy::too_many_arguments, reason = "all by keyword")]
    #[expect(clippy::needless_pass_by_value, reason = "extracted from a list")]
    fn new(
        py: Python<'_>,
        roots: Option<&PyTlsRoots>,
        identity: Option<&PyTlsIdentity>,
        server_name: Option<&str>,
        insecure_skip_tls_verify: Option<bool>,
        min_version: Option<&str>,
        max_version: Option<&str>,
        cipher_suites: Option<Vec<String>>,
        alpn: Option<Vec<String>>,
        resume: Option<bool>,
    ) -> PyResult<Self> {
        let terms = Terms::read(min_version, max_version, cipher_suites.as_deref());
        Ok(Self(TlsGiven {
            roots: roots.map(|roots| roots.0.clone()),
            identity: identity.map(|identity| identity.0.clone()),
            insecure_skip_verify: insecure_skip_tls_verify,
            server_name: server_name.map(Into::into),
            terms: terms.map_err(|fault| invalid(py, &fault))?,
            alpn,
            resume,
        }))
    }
}

/// What a TLS connection to `host` does, in the run that measures it, if any; `given` is of the script.
pub(super) fn settings(
    py: Python<'_>,
    given: Option<&Py<PyTlsSettings>>,
    run: Option<&RunContext>,
    host: (&str, u16),
    alpn: &[&str],
) -> PyResult<TlsSettings> {
    let nothing = TlsGiven::default();
    let given = given.map_or(&nothing, |given| &given.get().0);
    let settings = match run {
        Some(run) => run.tls().resolve(given, host, alpn),
        None => RunTls::default().resolve(given, host, alpn),
    };
    settings.map_err(|fault| invalid(py, &fault))
}

/// Why TLS keys cannot be logged to the file that `SSLKEYLOGFILE` names, if they are wanted.
#[pyfunction]
pub(super) fn key_log_remark() -> Option<String> {
    key_log_fault()
}

fn invalid(py: Python<'_>, fault: &TlsFault) -> PyErr {
    let text = format!("tls.{}: {}", fault.key, fault.text);
    error(py, "InvalidParameter", text, &fault.hint)
}
