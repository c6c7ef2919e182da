//! PEM text from where people keep it: in a file, or in the setting itself.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io::Read;
use std::sync::Arc;

use ring::digest::{Context, SHA256};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::fault::TlsFault;
use super::provider::PROVIDER;

/// PEM text and what to call it in an error.
#[derive(Clone)]
pub struct Material {
    /// How an error names it: the file, or that it was given as text.
    pub(super) name: String,
    /// The PEM text.
    pub(super) text: String,
}

impl Material {
    /// The text itself if it is PEM, else what the file of this name holds; `key` is blamed.
    pub fn read(key: &'static str, given: &str) -> Result<Self, TlsFault> {
        if given.contains("-----BEGIN") {
            return Ok(Self {
                name: "the text".into(),
                text: given.to_owned(),
            });
        }
        let name = format!("file {given:?}");
        if given.contains('\n') {
            let text = "the text is neither PEM nor the name of a file";
            return Err(TlsFault::new(key, text).with_hint(IS_PEM));
        }
        let refuse = |why: String| TlsFault::new(key, format!("cannot read {name}: {why}"));
        let file = std::fs::File::open(given)
            .map_err(|error| refuse(crate::socket::error::words(&error)))?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| refuse(crate::socket::error::words(&error)))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(refuse("it is larger than 4 MiB".into()));
        }
        // Comments between the blocks may be in any encoding.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if !text.contains("-----BEGIN") {
            let text = format!("{name} is not PEM: there is no -----BEGIN in it");
            return Err(TlsFault::new(key, text).with_hint(IS_PEM));
        }
        Ok(Self { name, text })
    }

    /// The certificates in it, at least one.
    pub(super) fn certificates(
        &self,
        key: &'static str,
    ) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
        let name = &self.name;
        let found: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(self.text.as_bytes()).collect();
        match found {
            Ok(found) if found.is_empty() => {
                Err(TlsFault::new(key, format!("no certificate in {name}")))
            }
            Ok(found) => Ok(found),
            Err(error) => Err(TlsFault::new(
                key,
                format!("{name} is not valid PEM: {error}"),
            )),
        }
    }
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text may be a private key.
        f.debug_tuple("Material").field(&self.name).finish()
    }
}

/// Certificate authorities that are trusted; equal if they hold the same certificates.
#[derive(Debug)]
pub struct Roots {
    digest: [u8; 32],
    pub(super) store: Arc<RootCertStore>,
    pub(super) verifier: Arc<WebPkiServerVerifier>,
}

impl Roots {
    /// Those in PEM texts, or in files of that name.
    pub fn read(given: &[String]) -> Result<Self, TlsFault> {
        let mut store = RootCertStore::empty();
        let mut digest = Context::new(&SHA256);
        for one in given {
            let material = Material::read("ca", one)?;
            for certificate in material.certificates("ca")? {
                digest.update(&certificate);
                store.add(certificate).map_err(|error| {
                    let name = &material.name;
                    TlsFault::new("ca", format!("the CA in {name} is not usable: {error}"))
                })?;
            }
        }
        if store.is_empty() {
            return Err(TlsFault::new("ca", "no certificate in the CA given"));
        }
        Self::new(store, digest).map_err(|why| TlsFault::new("ca", why))
    }

    /// The system's, or Mozilla's where the system has none.
    pub(super) fn of_system() -> Result<Self, String> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        Self::new(store, Context::new(&SHA256))
    }

    fn new(store: RootCertStore, digest: Context) -> Result<Self, String> {
        let store = Arc::new(store);
        let verifier = WebPkiServerVerifier::builder_with_provider(store.clone(), PROVIDER.clone())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            digest: finished(digest),
            store,
            verifier,
        })
    }
}

impl PartialEq for Roots {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Roots {}

impl Hash for Roots {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

/// The 32 bytes of a SHA-256.
pub(super) fn finished(context: Context) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    bytes
}

const MAX_FILE: u64 = 4 << 20;
const IS_PEM: &str = "PEM is text with -----BEGIN … in it; convert DER with `openssl x509 -inform der` \
                      or `openssl pkey -inform der`, PKCS#12 with `openssl pkcs12 -nodes`";
