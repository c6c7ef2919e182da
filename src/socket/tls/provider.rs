//! The cryptography: ring, chosen explicitly so that no process-wide default matters.

use std::sync::{Arc, LazyLock};

use rustls::crypto::CryptoProvider;

/// Everything ring can do; never changed, so shared.
pub(super) static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));
