//! Private keys behind a password: PKCS#8, and OpenSSL's old `Proc-Type: 4,ENCRYPTED`.
//!
//! Finds out whether a key is one, and whether there is a password for it. How to decrypt it is not known here,
//! and not known at all in a build without the feature `encrypted-keys`.

#[cfg(feature = "encrypted-keys")]
mod decryption;

use rustls::pki_types::PrivateKeyDer;

use super::fault::TlsFault;
use super::material::Material;

/// The key that lies encrypted in `material`; `None` if none does.
pub(super) fn private_key(
    material: &Material,
    password: Option<&str>,
) -> Result<Option<PrivateKeyDer<'static>>, TlsFault> {
    if !is_encrypted(&material.text) {
        return Ok(None);
    }
    let Some(password) = password else {
        let text = format!(
            "the key in {} is encrypted and there is no password",
            material.name
        );
        let hint = "give it as tls={\"password\": …}";
        return Err(TlsFault::new("password", text).with_hint(hint));
    };
    decrypted(material, password)
}

/// Whether it says so: the label of PKCS#8, or the header of OpenSSL's old form.
fn is_encrypted(text: &str) -> bool {
    text.contains("-----BEGIN ENCRYPTED PRIVATE KEY")
        || text
            .lines()
            .any(|line| line.trim_start().starts_with("Proc-Type:") && line.contains("ENCRYPTED"))
}

#[cfg(feature = "encrypted-keys")]
fn decrypted(
    material: &Material,
    password: &str,
) -> Result<Option<PrivateKeyDer<'static>>, TlsFault> {
    let name = &material.name;
    decryption::private_key(&material.text, password).map_err(|closed| match closed {
        decryption::Closed::NotPem => TlsFault::new("key", format!("{name} is not valid PEM")),
        decryption::Closed::Locked(why, hint) => {
            TlsFault::new("password", format!("the key in {name} {why}")).with_hint(hint)
        }
    })
}

#[cfg(not(feature = "encrypted-keys"))]
fn decrypted(material: &Material, _: &str) -> Result<Option<PrivateKeyDer<'static>>, TlsFault> {
    let text = format!(
        "the key in {} is encrypted, and this build of k6ws cannot decrypt keys",
        material.name
    );
    let hint = "decrypt it: openssl pkey -in locked.key -out open.key; or build with the feature encrypted-keys";
    Err(TlsFault::new("key", text).with_hint(hint))
}

#[cfg(test)]
mod tests;
