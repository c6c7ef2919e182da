//! Who may use a proxy. Has no `Debug`: a password reaches no log.

use percent_encoding::percent_decode_str;

/// A user and a password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

impl Login {
    /// Reads `user:password`, percent-encoded.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        Ok(Self {
            user: percent_decoded(user)?,
            password: percent_decoded(password)?,
        })
    }
}

fn percent_decoded(text: &str) -> Result<String, String> {
    // What is no code stays as it is, where a `%` alone is a mistake: that of a password nobody encoded.
    let is_well_formed = text
        .split('%')
        .skip(1)
        .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|digit| digit.is_ascii_hexdigit()));
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) if is_well_formed => Ok(decoded.into_owned()),
        _ => Err("the user or password is not percent-encoded properly".into()),
    }
}
