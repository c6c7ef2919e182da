//! Private keys behind a password: PKCS#8, and OpenSSL's old `Proc-Type: 4,ENCRYPTED`.
//!
//! The old one is what k6 reads. It derives the key with one round of MD5, which protects little; it is read
//! because such files exist.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};
use pkcs8::EncryptedPrivateKeyInfo;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};

use super::fault::TlsFault;
use super::material::Material;

/// The key that lies encrypted in `material`; `None` if none does.
pub(super) fn private_key(
    material: &Material,
    password: Option<&str>,
) -> Result<Option<PrivateKeyDer<'static>>, TlsFault> {
    let name = &material.name;
    let locked = |why: &str| TlsFault::new("password", format!("the key in {name} {why}"));
    for block in blocks(&material.text) {
        let is_old = block
            .header("Proc-Type")
            .is_some_and(|v| v.contains("ENCRYPTED"));
        if !is_old && block.label != "ENCRYPTED PRIVATE KEY" {
            continue;
        }
        let Some(password) = password else {
            let hint = "give it as tls={\"password\": …}";
            return Err(locked("is encrypted and there is no password").with_hint(hint));
        };
        let Some(data) = block.data() else {
            return Err(TlsFault::new("key", format!("{name} is not valid PEM")));
        };
        if is_old {
            return old(&block, data, password)
                .map(Some)
                .map_err(|why| locked(why).with_hint(CONVERT));
        }
        let info = EncryptedPrivateKeyInfo::try_from(data.as_slice())
            .map_err(|_| locked("is encrypted in a way that is not known").with_hint(CONVERT))?;
        let key = info.decrypt(password).map_err(|error| match error {
            pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::DecryptFailed) => {
                locked(WRONG_PASSWORD)
            }
            _ => locked("cannot be decrypted: wrong password, or a way that is not known")
                .with_hint(CONVERT),
        })?;
        return Ok(Some(
            PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into(),
        ));
    }
    Ok(None)
}

/// A PEM block as it stands.
struct Block<'a> {
    label: &'a str,
    lines: Vec<&'a str>,
}

impl<'a> Block<'a> {
    fn header(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.lines.iter().filter_map(|line| line.split_once(':'));
        pairs
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim())
    }

    fn data(&self) -> Option<Vec<u8>> {
        let lines = self.lines.iter().filter(|line| !line.contains(':'));
        BASE64.decode(lines.copied().collect::<String>()).ok()
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("-----BEGIN ") {
            let label = rest.trim_end_matches('-');
            open = Some(Block {
                label,
                lines: Vec::new(),
            });
        } else if line.starts_with("-----END ") {
            found.extend(open.take());
        } else if let Some(block) = &mut open {
            block.lines.push(line);
        }
    }
    found
}

fn old(
    block: &Block<'_>,
    mut data: Vec<u8>,
    password: &str,
) -> Result<PrivateKeyDer<'static>, &'static str> {
    let (cipher, iv) = block
        .header("DEK-Info")
        .and_then(|info| info.split_once(','))
        .ok_or(NOT_KNOWN)?;
    let iv = from_hex(iv.trim()).ok_or(NOT_KNOWN)?;
    let salt = iv.get(..8).ok_or(NOT_KNOWN)?;
    let key = |length| derived(password.as_bytes(), salt, length);
    let plain = match cipher.trim() {
        "AES-128-CBC" => decrypt::<cbc::Decryptor<aes::Aes128>>(&key(16), &iv, &mut data),
        "AES-192-CBC" => decrypt::<cbc::Decryptor<aes::Aes192>>(&key(24), &iv, &mut data),
        "AES-256-CBC" => decrypt::<cbc::Decryptor<aes::Aes256>>(&key(32), &iv, &mut data),
        "DES-EDE3-CBC" => decrypt::<cbc::Decryptor<des::TdesEde3>>(&key(24), &iv, &mut data),
        _ => return Err(NOT_KNOWN),
    }?;
    // A wrong password passes the padding once in 256 times; what comes out is then no DER sequence.
    if plain.first() != Some(&0x30) {
        return Err(WRONG_PASSWORD);
    }
    match block.label {
        "RSA PRIVATE KEY" => Ok(PrivatePkcs1KeyDer::from(plain).into()),
        "EC PRIVATE KEY" => Ok(PrivateSec1KeyDer::from(plain).into()),
        _ => Err(NOT_KNOWN),
    }
}

fn decrypt<C: KeyIvInit + BlockDecryptMut>(
    key: &[u8],
    iv: &[u8],
    data: &mut [u8],
) -> Result<Vec<u8>, &'static str> {
    let cipher = C::new_from_slices(key, iv).map_err(|_| NOT_KNOWN)?;
    let plain = cipher.decrypt_padded_mut::<Pkcs7>(data);
    plain.map(<[u8]>::to_vec).map_err(|_| WRONG_PASSWORD)
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
const NOT_KNOWN: &str = "is encrypted in a way that is not known";
const CONVERT: &str = "convert it: openssl pkcs8 -topk8 -in old.key -out new.key";
