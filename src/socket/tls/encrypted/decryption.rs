//! How a private key becomes readable with its password.
//!
//! OpenSSL's old form is what k6 reads. It derives the key with one round of MD5, which protects little; it is
//! read because such files exist.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use md5::{Digest, Md5};
use pem::Pem;
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};

/// Why a key stays closed.
#[derive(Debug)]
pub(super) enum Closed {
    /// The text is not PEM. What is wrong with it is not repeated: it may be the key.
    NotPem,
    /// The key did not open: why, and what to do.
    Locked(&'static str, &'static str),
}

/// The first encrypted key in a PEM text; `None` if no block is one.
pub(super) fn private_key(
    text: &str,
    password: &str,
) -> Result<Option<PrivateKeyDer<'static>>, Closed> {
    let blocks = pem::parse_many(text).map_err(|_| Closed::NotPem)?;
    let found = blocks.iter().find_map(|block| {
        if block.tag() == "ENCRYPTED PRIVATE KEY" {
            return Some(pkcs8(block, password));
        }
        let kind = block.headers().get("Proc-Type")?;
        kind.contains("ENCRYPTED").then(|| old(block, password))
    });
    found.transpose()
}

fn pkcs8(block: &Pem, password: &str) -> Result<PrivateKeyDer<'static>, Closed> {
    let info = EncryptedPrivateKeyInfoRef::try_from(block.contents())
        .map_err(|_| Closed::Locked(NOT_KNOWN, CONVERT))?;
    match info.decrypt(password) {
        Ok(key) => Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into()),
        Err(pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::DecryptFailed)) => {
            Err(Closed::Locked(WRONG_PASSWORD, ""))
        }
        Err(_) => Err(Closed::Locked(WRONG_OR_NOT_KNOWN, CONVERT)),
    }
}

fn old(block: &Pem, password: &str) -> Result<PrivateKeyDer<'static>, Closed> {
    let refuse = |why| Closed::Locked(why, CONVERT);
    let (cipher, iv) = block
        .headers()
        .get("DEK-Info")
        .and_then(|info| info.split_once(','))
        .ok_or_else(|| refuse(NOT_KNOWN))?;
    let iv = from_hex(iv.trim()).ok_or_else(|| refuse(NOT_KNOWN))?;
    let salt = iv.get(..8).ok_or_else(|| refuse(NOT_KNOWN))?;
    let key = |length| derived(password.as_bytes(), salt, length);
    let data = block.contents();
    let plain = match cipher.trim() {
        "AES-128-CBC" => decrypt::<cbc::Decryptor<aes::Aes128>>(&key(16), &iv, data),
        "AES-192-CBC" => decrypt::<cbc::Decryptor<aes::Aes192>>(&key(24), &iv, data),
        "AES-256-CBC" => decrypt::<cbc::Decryptor<aes::Aes256>>(&key(32), &iv, data),
        "DES-EDE3-CBC" => decrypt::<cbc::Decryptor<des::TdesEde3>>(&key(24), &iv, data),
        _ => Err(NOT_KNOWN),
    }
    .map_err(refuse)?;
    // A wrong password passes the padding once in 256 times; what comes out is then no DER sequence.
    if plain.first() != Some(&0x30) {
        return Err(refuse(WRONG_PASSWORD));
    }
    match block.tag() {
        "RSA PRIVATE KEY" => Ok(PrivatePkcs1KeyDer::from(plain).into()),
        "EC PRIVATE KEY" => Ok(PrivateSec1KeyDer::from(plain).into()),
        _ => Err(refuse(NOT_KNOWN)),
    }
}

fn decrypt<C: KeyIvInit + BlockModeDecrypt>(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, &'static str> {
    let cipher = C::new_from_slices(key, iv).map_err(|_| NOT_KNOWN)?;
    cipher
        .decrypt_padded_vec::<Pkcs7>(data)
        .map_err(|_| WRONG_PASSWORD)
}

/// `EVP_BytesToKey` with MD5 and one round.
fn derived(password: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let mut key: Vec<u8> = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    while key.len() < length {
        let hash = Md5::new().chain_update(&last).chain_update(password);
        last = hash.chain_update(salt).finalize().to_vec();
        key.extend_from_slice(&last);
    }
    key.truncate(length);
    key
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits?.chunks(2).map(byte).collect()
}

const WRONG_PASSWORD: &str = "cannot be decrypted: wrong password";
const WRONG_OR_NOT_KNOWN: &str = "cannot be decrypted: wrong password, or a way that is not known";
const NOT_KNOWN: &str = "is encrypted in a way that is not known";
const CONVERT: &str = "convert it: openssl pkcs8 -topk8 -in old.key -out new.key";
