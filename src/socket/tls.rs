//! The TLS side of a connection: what is trusted, and how a refusal reads.
//!
//! rustls with ring, chosen explicitly so that no process-wide default matters. Roots are the system's;
//! a bare container without any falls back to Mozilla's list. Verification is on unless it is turned off
//! by name.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::error::{Cause, Phase, SocketError};
use super::stream::{Counted, Stream};

/// What a connection trusts. Equal settings share one configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// PEM text of the certificate authorities to trust instead of the system's.
    pub ca_pem: Option<Arc<str>>,
    /// Accept any certificate. Only for tests against servers one owns.
    pub insecure_skip_verify: bool,
    /// The name the certificate must carry and that SNI sends, when not the host of the URL.
    pub server_name: Option<Arc<str>>,
    /// Protocols to offer (ALPN); none for raw TCP, where some servers refuse what they do not know.
    pub alpn: Vec<String>,
}

/// Client configurations built so far, one for each distinct setting.
#[derive(Debug, Default)]
pub struct TlsConfigs {
    built: Mutex<Vec<(TlsSettings, Arc<ClientConfig>)>>,
}

impl TlsConfigs {
    /// The configuration for `settings`, built on first use.
    pub fn config(&self, settings: &TlsSettings) -> Result<Arc<ClientConfig>, SocketError> {
        let mut key = settings.clone();
        key.server_name = None;
        let Ok(mut built) = self.built.lock() else {
            return Err(invalid(
                "TLS configuration is unavailable after an internal error",
            ));
        };
        if let Some((_, config)) = built.iter().find(|(known, _)| *known == key) {
            return Ok(config.clone());
        }
        let config = Arc::new(build(&key)?);
        built.push((key, config.clone()));
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
        let stream = stream.map_err(|error| handshake_error(&error))?;
        Ok(Stream::Tls(Box::new(stream)))
    }
}

fn invalid(text: impl Into<String>) -> SocketError {
    SocketError::new(Phase::Tls, Cause::TlsVerify, text)
}

fn build(settings: &TlsSettings) -> Result<ClientConfig, SocketError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| invalid(format!("tls: {error}")))?;
    let mut config = if settings.insecure_skip_verify {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AcceptAny { provider }))
            .with_no_client_auth()
    } else {
        builder
            .with_root_certificates(roots(settings)?)
            .with_no_client_auth()
    };
    let protocols = settings.alpn.iter();
    config.alpn_protocols = protocols.map(|name| name.as_bytes().to_vec()).collect();
    Ok(config)
}

fn roots(settings: &TlsSettings) -> Result<RootCertStore, SocketError> {
    if let Some(pem) = &settings.ca_pem {
        return given_roots(pem);
    }
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if store.is_empty() {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok(store)
}

/// Whether `pem` holds certificates that can be trusted.
pub fn check_ca(pem: &str) -> Result<(), SocketError> {
    given_roots(pem).map(|_| ())
}

fn given_roots(pem: &str) -> Result<RootCertStore, SocketError> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate
            .map_err(|error| invalid(format!("tls: the CA is not valid PEM: {error}")))?;
        store
            .add(certificate)
            .map_err(|error| invalid(format!("tls: the CA is not usable: {error}")))?;
    }
    if store.is_empty() {
        return Err(invalid("tls: no certificate in the CA given"));
    }
    Ok(store)
}

/// The name to verify and to send as SNI.
fn server_name(settings: &TlsSettings, host: &str) -> Result<ServerName<'static>, SocketError> {
    let name = settings.server_name.as_deref().unwrap_or(host);
    ServerName::try_from(name.to_owned()).map_err(|_| {
        invalid(format!(
            "tls: {name:?} is not a name that a certificate can carry"
        ))
    })
}

/// A failed handshake in the words of the contract.
fn handshake_error(error: &std::io::Error) -> SocketError {
    let Some(tls) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    else {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            return SocketError::new(Phase::Tls, Cause::Eof, "tls: unexpected EOF");
        }
        let text = format!("tls: {}", super::error::words(error));
        return SocketError::new(Phase::Tls, Cause::Reset, text);
    };
    match tls {
        rustls::Error::InvalidCertificate(reason) => {
            let why = match reason {
                rustls::CertificateError::UnknownIssuer => {
                    "x509: certificate signed by unknown authority".to_owned()
                }
                rustls::CertificateError::Expired
                | rustls::CertificateError::ExpiredContext { .. } => {
                    "x509: certificate has expired or is not yet valid".to_owned()
                }
                other => format!("x509: {other}"),
            };
            SocketError::new(
                Phase::Tls,
                Cause::TlsVerify,
                format!("tls: failed to verify certificate: {why}"),
            )
            .with_hint("trust its CA with tls={\"ca\": \"ca.pem\"}")
        }
        rustls::Error::InvalidMessage(_) => SocketError::new(
            Phase::Tls,
            Cause::TlsProtocol,
            "tls: first record does not look like a TLS handshake",
        )
        .with_hint("does the server speak ws:// on this port?"),
        other => SocketError::new(Phase::Tls, Cause::TlsProtocol, format!("tls: {other}")),
    }
}

/// Accepts every certificate, but still checks that the peer holds its key.
#[derive(Debug)]
struct AcceptAny {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
