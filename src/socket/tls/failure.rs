//! A failure of TLS in the words of the contract, with the way out of it.

use std::io;

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError};

use super::verify::{Distrust, is_authority};
use crate::socket::error::{Cause, Phase, SocketError, words};
use crate::units::format_duration;

/// Why the handshake failed, with authorities of the script's own or without.
pub(super) fn of_handshake(error: &io::Error, is_ca_given: bool) -> SocketError {
    if let Some(tls) = within(error) {
        return of(Phase::Tls, tls, is_ca_given);
    }
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return SocketError::new(Phase::Tls, Cause::Eof, "tls: unexpected EOF")
            .with_hint("the server closed the connection in the TLS handshake: does it speak TLS on this port?");
    }
    let text = format!("tls: {}", words(error));
    SocketError::new(Phase::Tls, Cause::Reset, text)
        .with_hint("does the server want a client certificate, or speak no TLS on this port?")
}

/// What TLS has to say of an error on a stream that was open already, if it is one of TLS.
///
/// In TLS 1.3 a server refuses a client certificate only after the client's side of the handshake is over.
pub(in crate::socket) fn of_session(phase: Phase, error: &io::Error) -> Option<SocketError> {
    within(error).map(|tls| of(phase, tls, false))
}

fn within(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref::<rustls::Error>()
}

fn of(phase: Phase, error: &rustls::Error, is_ca_given: bool) -> SocketError {
    let protocol = |text: String| SocketError::new(phase, Cause::TlsProtocol, text);
    match error {
        rustls::Error::InvalidCertificate(reason) => {
            let (why, hint) = refusal(reason, is_ca_given);
            let text = format!("tls: failed to verify certificate: x509: {why}");
            SocketError::new(phase, Cause::TlsVerify, text).with_hint(hint)
        }
        rustls::Error::InvalidMessage(_) => protocol(
            "tls: first record does not look like a TLS handshake".into(),
        )
        .with_hint("does the server speak in the clear on this port: ws://, or TCP without TLS?"),
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => protocol(format!(
            "tls: no version or cipher suite in common: {error}"
        ))
        .with_hint(VERSIONS),
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            protocol("tls: the server wants a client certificate".into()).with_hint(GIVE)
        }
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            protocol("tls: the server refused the handshake".into()).with_hint(format!(
                "it has no cipher suite in common with us, or wants a client certificate: {GIVE}"
            ))
        }
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::AccessDenied),
        ) => protocol(format!(
            "tls: the server does not accept the client certificate: {alert:?}"
        ))
        .with_hint("is it signed by an authority that the server trusts, and valid today?"),
        rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
            protocol("tls: the server speaks none of the protocols offered (ALPN)".into())
                .with_hint("offer others, or none, with tls={\"alpn\": […]}")
        }
        rustls::Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            protocol("tls: the server does not know the name it was asked for".into())
                .with_hint("ask for another with tls={\"server_name\": …}")
        }
        other => protocol(format!("tls: {other}")),
    }
}

/// Why a certificate was not accepted, as Go says it, and what to do.
fn refusal(reason: &CertificateError, is_ca_given: bool) -> (String, String) {
    if let CertificateError::Other(other) = reason
        && let Some(why) = other.0.downcast_ref::<Distrust>()
    {
        return (
            format!("{UNKNOWN}: {why}"),
            distrusted(*why, is_ca_given).into(),
        );
    }
    if is_authority(reason) {
        let text = "the server shows the certificate of an authority as its own";
        return (text.into(), OWN_AUTHORITY.into());
    }
    match reason {
        CertificateError::UnknownIssuer => {
            let hint = if is_ca_given { OTHER_CA } else { TRUST };
            (UNKNOWN.into(), hint.into())
        }
        CertificateError::Expired | CertificateError::NotValidYet => (EXPIRED.into(), RENEW.into()),
        CertificateError::ExpiredContext { time, not_after } => (
            format!("{EXPIRED}: it expired {} ago", between(*not_after, *time)),
            RENEW.into(),
        ),
        CertificateError::NotValidYetContext { time, not_before } => (
            format!("{EXPIRED}: it is valid in {}", between(*time, *not_before)),
            "is the clock of this machine right?".into(),
        ),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
            let names = if names.is_empty() {
                "no name at all".to_owned()
            } else {
                names.join(", ")
            };
            (
                format!(
                    "certificate is valid for {names}, not {}",
                    expected.to_str()
                ),
                "connect by a name it is valid for, or verify another: tls={\"server_name\": …}"
                    .into(),
            )
        }
        other => (other.to_string(), TRUST.into()),
    }
}

fn distrusted(why: Distrust, is_ca_given: bool) -> &'static str {
    match (why, is_ca_given) {
        (_, false) => TRUST,
        (Distrust::SelfSigned, true) => {
            "the ca given is another certificate: give the one that the server shows today"
        }
        (Distrust::Renewed, true) => {
            "the ca given has the right name and another key: was the authority made anew? \
             Give its present certificate"
        }
    }
}

/// `DnsName("example.com")` and `IpAddress(127.0.0.1)` without what webpki puts around them.
fn bare(name: &str) -> &str {
    name.split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .map_or(name, |inner| inner.trim_matches('"'))
}

fn between(from: UnixTime, to: UnixTime) -> String {
    let seconds = to.as_secs().saturating_sub(from.as_secs());
    match seconds / 86_400 {
        0 => format_duration(std::time::Duration::from_secs(seconds)),
        1 => "1 day".into(),
        days => format!("{days} days"),
    }
}

const UNKNOWN: &str = "certificate signed by unknown authority";
const TRUST: &str = "trust its CA with tls={\"ca\": \"ca.pem\"}";
const OTHER_CA: &str = "none of the authorities in the ca given signed it: is it the right file, and does the server \
                        send the certificates in between?";
const OWN_AUTHORITY: &str =
    "make the server's certificate with basicConstraints=CA:FALSE, or give this very one as ca";
const EXPIRED: &str = "certificate has expired or is not yet valid";
const RENEW: &str = "renew the server's certificate";
const GIVE: &str = "give one with tls={\"cert\": \"client.pem\", \"key\": \"client.key\"}";
const VERSIONS: &str = "TLS 1.2 and 1.3 are spoken here, with the cipher suites of today";
