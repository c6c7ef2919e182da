//! What has to be known to look at a run from elsewhere.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::error::DashboardError;

/// A secret of the URL. Never shown but there.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// One that nobody knows.
    pub fn random() -> Result<Self, DashboardError> {
        let mut bytes = [0; 32];
        // Without randomness there is no secret.
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| DashboardError::NoRandomness)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// One that somebody has chosen.
    pub fn given(text: String) -> Result<Self, DashboardError> {
        let is_plain = |one: u8| one.is_ascii_alphanumeric() || b"-._~".contains(&one);
        if text.len() < SHORTEST || !text.bytes().all(is_plain) {
            return Err(DashboardError::Token);
        }
        Ok(Self(text))
    }

    /// As it stands in a URL.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Compares what is said with a token, in a time that says nothing of where they differ.
pub(super) struct Lock {
    key: hmac::Key,
    tag: hmac::Tag,
}

impl Lock {
    pub(super) fn new(token: &Token) -> Result<Self, DashboardError> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| DashboardError::NoRandomness)?;
        let tag = hmac::sign(&key, token.0.as_bytes());
        Ok(Self { key, tag })
    }

    pub(super) fn opens_with(&self, said: &[u8]) -> bool {
        hmac::verify(&self.key, said, self.tag.as_ref()).is_ok()
    }
}

/// What is shorter is guessed.
const SHORTEST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_tokens_differ_and_fit_into_a_url() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert_ne!(one.as_str(), other.as_str());
        assert_eq!(one.as_str().len(), 43);
        assert!(Token::given(one.as_str().to_owned()).is_ok());
        assert_eq!(format!("{one:?}"), "Token(…)");
    }

    #[test]
    fn a_token_that_is_short_or_odd_is_refused() {
        for text in [
            "",
            "123456789012345",
            "1234567890123456#",
            "12345678901234567 8",
            "äöüäöüäöüäöüäöüä",
        ] {
            assert!(Token::given(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn only_the_token_itself_opens() {
        let lock = Lock::new(&Token::given("1234567890abcdef".into()).unwrap()).unwrap();
        assert!(lock.opens_with(b"1234567890abcdef"));
        for wrong in [
            "",
            "1234567890abcde",
            "1234567890abcdef0",
            "1234567890ABCDEF",
        ] {
            assert!(!lock.opens_with(wrong.as_bytes()));
        }
    }
}
