//! A client certificate with its private key: as whom we ask.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use ring::digest::{Context, SHA256};
use rustls::InconsistentKeys;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;

use super::encrypted;
use super::fault::TlsFault;
use super::material::{Material, finished};

/// A certificate chain and the key of its first certificate, parsed and known to fit.
#[derive(Debug)]
pub struct Identity {
    digest: [u8; 32],
    certified: Arc<CertifiedKey>,
}

impl Identity {
    /// Reads PEM texts, or files of that name. Without a key of its own, it lies with the certificate.
    pub fn read(cert: &str, key: Option<&str>, password: Option<&str>) -> Result<Self, TlsFault> {
        let cert = Material::read("cert", cert)?;
        let key = match key {
            Some(given) => Material::read("key", given)?,
            None => cert.clone(),
        };
        let chain = cert.certificates("cert")?;
        let mut digest = Context::new(&SHA256);
        for one in &chain {
            digest.update(one);
        }
        let der = private_key(&key, password)?;
        digest.update(der.secret_der());
        let name = &key.name;
        let signer = rustls::crypto::ring::sign::any_supported_type(&der).map_err(|_| {
            TlsFault::new(
                "key",
                format!("the private key in {name} is of no known kind"),
            )
            .with_hint("RSA from 2048 bits, ECDSA P-256 and P-384, and Ed25519 are known")
        })?;
        let certified = CertifiedKey::new(chain, signer);
        match certified.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                let text = format!(
                    "the private key in {name} does not belong to the certificate in {}",
                    cert.name
                );
                return Err(TlsFault::new("key", text).with_hint(ORDER));
            }
            Err(error) => {
                let text = format!("the certificate in {} is not usable: {error}", cert.name);
                return Err(TlsFault::new("cert", text));
            }
        }
        Ok(Self {
            digest: finished(digest),
            certified: Arc::new(certified),
        })
    }

    pub(super) fn certified(&self) -> &Arc<CertifiedKey> {
        &self.certified
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Identity {}

impl Hash for Identity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

fn private_key(
    material: &Material,
    password: Option<&str>,
) -> Result<PrivateKeyDer<'static>, TlsFault> {
    if let Some(found) = encrypted::private_key(material, password)? {
        return Ok(found);
    }
    let name = &material.name;
    PrivateKeyDer::from_pem_slice(material.text.as_bytes()).map_err(|error| match error {
        rustls::pki_types::pem::Error::NoItemsFound => {
            TlsFault::new("key", format!("no private key in {name}"))
                .with_hint("give its file as tls={\"cert\": …, \"key\": …}")
        }
        other => TlsFault::new("key", format!("{name} is not valid PEM: {other}")),
    })
}

const ORDER: &str =
    "the certificate of the key stands first in its file, those that signed it follow";
