//! Who may use a proxy. Has no `Debug`: a password reaches no log.

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
    let refuse = || "the user or password is not percent-encoded properly".to_owned();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.split_at_checked(2).ok_or_else(refuse)?;
        let code = std::str::from_utf8(digits.0).map_err(|_| refuse())?;
        bytes.push(u8::from_str_radix(code, 16).map_err(|_| refuse())?);
        rest = digits.1;
    }
    String::from_utf8(bytes).map_err(|_| refuse())
}
