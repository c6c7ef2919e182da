//! The TLS side of a connection: what is trusted, as whom we ask, and how a refusal reads.
//!
//! rustls with ring, chosen explicitly so that no process-wide default matters. Roots are the system's;
//! a bare container without any falls back to Mozilla's list. Verification is on unless it is turned off
//! by name. Certificates and keys are parsed when they are given (`material`, `identity`), once; here they are
//! put together into one configuration for each distinct setting.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::ServerName;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, KeyLogFile};
use tokio::sync::OnceCell;

use super::material::Roots;
use super::settings::TlsSettings;
use super::{failure, verify};
use crate::socket::error::{self, Cause, Phase, SocketError};
use crate::socket::literal;
use crate::socket::stream::{Counted, Stream};

/// Client configurations built so far, one for each distinct setting, the least used ones forgotten.
#[derive(Debug, Default)]
pub struct TlsConfigs {
    built: Mutex<Built>,
    system: OnceCell<Result<Arc<Roots>, SocketError>>,
}

/// Two generations: when the young one is full it becomes the old one, and what nobody asked for since is gone.
#[derive(Debug, Default)]
struct Built {
    young: HashMap<TlsSettings, Arc<ClientConfig>>,
    old: HashMap<TlsSettings, Arc<ClientConfig>>,
    /// What `SSLKEYLOGFILE` says, and the file of that name.
    key_log: Option<(OsString, Arc<KeyLogFile>)>,
}

impl Built {
    /// Forgets all when `SSLKEYLOGFILE` says something else than before: keys are logged by configurations.
    fn follow_environment(&mut self) {
        let path = key_log_path();
        if path.as_ref() != self.key_log.as_ref().map(|(path, _)| path) {
            *self = Self::default();
            self.key_log = path.map(|path| (path, Arc::new(KeyLogFile::new())));
        }
    }

    fn get(&mut self, key: &TlsSettings) -> Option<Arc<ClientConfig>> {
        if let Some(config) = self.young.get(key) {
            return Some(config.clone());
        }
        let (key, config) = self.old.remove_entry(key)?;
        self.put(key, config.clone());
        Some(config)
    }

    fn put(&mut self, key: TlsSettings, config: Arc<ClientConfig>) {
        if self.young.len() >= MAX_YOUNG {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, config);
    }
}

impl TlsConfigs {
    /// Looks at `SSLKEYLOGFILE`. Called where nobody else changes the environment meanwhile: that is, by the thread
    /// that runs the script and not by whoever drives the sockets.
    pub fn follow_environment(&self) {
        self.lock().follow_environment();
    }

    /// Loads what a handshake with `settings` needs and what takes long, beside the sockets: the system's roots, once.
    /// Nothing is timed meanwhile. What went wrong is told by [`TlsConfigs::start`].
    ///
    /// # Cancel safety
    /// Dropping the future forgets what was loaded; whoever comes next loads it.
    pub async fn prepare(&self, settings: &TlsSettings) {
        if settings.roots.is_none() && !settings.insecure_skip_verify {
            self.system.get_or_init(loaded_aside).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Built> {
        // Nothing in here can panic half-way through a change.
        self.built.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configuration for `settings`, built on first use.
    pub fn config(&self, settings: &TlsSettings) -> Result<Arc<ClientConfig>, SocketError> {
        let mut key = settings.clone();
        key.server_name = None;
        let mut built = self.lock();
        if let Some(config) = built.get(&key) {
            return Ok(config);
        }
        let config = Arc::new(self.build(&key, built.key_log.as_ref().map(|(_, file)| file))?);
        built.put(key, config.clone());
        Ok(config)
    }

    /// Speaks TLS over `tcp`; `host` is verified unless the settings name somebody else.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection.
    pub async fn start(
        &self,
        settings: &TlsSettings,
        host: &str,
        tcp: Counted,
    ) -> Result<Stream, SocketError> {
        let name = server_name(settings, host)?;
        let connector = tokio_rustls::TlsConnector::from(self.config(settings)?);
        let stream = connector.connect(name, tcp).await;
        let is_given = settings.roots.is_some();
        let stream = stream.map_err(|error| failure::of_handshake(&error, is_given))?;
        Ok(Stream::Tls(Box::new(stream)))
    }

    fn build(
        &self,
        settings: &TlsSettings,
        key_log: Option<&Arc<KeyLogFile>>,
    ) -> Result<ClientConfig, SocketError> {
        let (provider, versions) = settings.terms.provider();
        let verifier: Arc<dyn ServerCertVerifier> = if settings.insecure_skip_verify {
            Arc::new(verify::AcceptAny)
        } else {
            let roots = match &settings.roots {
                Some(given) => given.clone(),
                None => match self.system.get() {
                    Some(loaded) => loaded.clone()?,
                    None => system_roots()?,
                },
            };
            Arc::new(verify::Verifier(roots))
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(|error| invalid(format!("tls: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match &settings.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let resolver = SingleCertAndKey::from(identity.certified().clone());
                builder.with_client_cert_resolver(Arc::new(resolver))
            }
        };
        config.resumption = match (settings.resume, &settings.identity) {
            (false, _) => Resumption::disabled(),
            (true, None) => Resumption::in_memory_sessions(256),
            // There may be thousands of these, each with a target or two.
            (true, Some(_)) => Resumption::in_memory_sessions(16),
        };
        if let Some(file) = key_log {
            config.key_log = file.clone();
        }
        let protocols = settings.alpn.iter();
        config.alpn_protocols = protocols.map(|name| name.as_bytes().to_vec()).collect();
        Ok(config)
    }
}

/// Why `SSLKEYLOGFILE` names a file that cannot be written, if it does.
pub fn key_log_fault() -> Option<String> {
    let path = key_log_path()?;
    let mut options = std::fs::OpenOptions::new();
    // As KeyLogFile opens it: whoever reads these keys reads the traffic.
    std::os::unix::fs::OpenOptionsExt::mode(options.append(true).create(true), 0o600);
    let error = options.open(&path).err()?;
    let why = error::words(&error);
    Some(format!(
        "{KEY_LOG_VARIABLE}: {} cannot be written, so no TLS keys are logged: {why}",
        path.display()
    ))
}

fn key_log_path() -> Option<OsString> {
    std::env::var_os(KEY_LOG_VARIABLE).filter(|path| !path.is_empty())
}

fn invalid(text: impl Into<String>) -> SocketError {
    SocketError::new(Phase::Tls, Cause::TlsVerify, text)
}

fn system_roots() -> Result<Arc<Roots>, SocketError> {
    Roots::of_system()
        .map(Arc::new)
        .map_err(|why| invalid(format!("tls: the system's roots are not usable: {why}")))
}

/// The system's roots, loaded by a thread that is there for nothing else.
async fn loaded_aside() -> Result<Arc<Roots>, SocketError> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let load = move || {
        // Nobody waits any more: then it was in vain.
        let _ = tell.send(system_roots());
    };
    match std::thread::Builder::new()
        .name("k6ws-roots".into())
        .spawn(load)
    {
        Ok(_) => told.await.unwrap_or_else(|_| system_roots()),
        Err(_) => system_roots(),
    }
}

/// The name to verify and to send as SNI.
fn server_name(settings: &TlsSettings, host: &str) -> Result<ServerName<'static>, SocketError> {
    let given = settings.server_name.as_deref();
    let name = given.unwrap_or_else(|| literal::without_zone(host));
    ServerName::try_from(name.to_owned()).map_err(|_| {
        invalid(format!(
            "tls: {name:?} is not a name that a certificate can carry"
        ))
    })
}

const KEY_LOG_VARIABLE: &str = "SSLKEYLOGFILE";
/// Configurations in use are a few, or one for each client certificate. Twice as many are kept at most.
const MAX_YOUNG: usize = 16_384;

#[cfg(test)]
mod tests;
