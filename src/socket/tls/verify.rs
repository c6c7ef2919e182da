//! Who is believed: the given authorities with a better word for a refusal, or everybody.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};

use super::material::Roots;
use super::provider::PROVIDER;

/// Why a certificate is not trusted, where webpki's words would mislead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Distrust {
    /// Nobody but itself vouches for it.
    #[error("it is self-signed")]
    SelfSigned,
    /// An authority of the right name is trusted, and its key did not sign this.
    #[error("it was signed by another authority of the same name")]
    Renewed,
}

/// Believes the authorities, as webpki has it, and a certificate that is given as an authority itself; some
/// refusals say more.
#[derive(Debug)]
pub(super) struct Verifier(pub(super) Arc<Roots>);

/// Accepts every certificate, but still checks that the peer holds its key.
#[derive(Debug)]
pub(super) struct AcceptAny;

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.0.verifier.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let Err(rustls::Error::InvalidCertificate(reason)) = &verified else {
            return verified;
        };
        let is_authority = is_authority(reason);
        let is_unknown = match reason {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => true,
            CertificateError::Other(_) => is_authority,
            _ => false,
        };
        let Some(shown) = webpki::EndEntityCert::try_from(end_entity)
            .ok()
            .filter(|_| is_unknown)
        else {
            return verified;
        };
        // What `openssl req -x509` makes is an authority and the server's own certificate in one. webpki looks at
        // the dates before it looks at that.
        if is_authority && self.is_root(end_entity) {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        let why = if shown.issuer() == shown.subject() {
            Distrust::SelfSigned
        } else if *reason == CertificateError::BadSignature {
            Distrust::Renewed
        } else {
            return verified;
        };
        Err(CertificateError::Other(OtherError(Arc::new(why))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        AcceptAny.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        AcceptAny.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        AcceptAny.supported_verify_schemes()
    }
}

impl Verifier {
    /// Whether this very authority is trusted: its name, with its key.
    fn is_root(&self, shown: &CertificateDer<'_>) -> bool {
        webpki::anchor_from_trusted_cert(shown).is_ok_and(|shown| {
            let mut roots = self.0.store.roots.iter();
            roots.any(|root| {
                (&root.subject, &root.subject_public_key_info)
                    == (&shown.subject, &shown.subject_public_key_info)
            })
        })
    }
}

/// Whether webpki refused an authority's certificate as that of a server.
pub(super) fn is_authority(reason: &CertificateError) -> bool {
    matches!(reason, CertificateError::Other(other)
        if other.0.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity))
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
        let algorithms = &PROVIDER.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &PROVIDER.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER
            .signature_verification_algorithms
            .supported_schemes()
    }
}
