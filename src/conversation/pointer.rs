//! JSON pointers (RFC 6901): `/params/0/id`.

use super::fault::Fault;
use super::glance::Glance;

/// A place in a JSON document.
#[derive(Clone, Debug)]
pub struct Pointer {
    written: Box<str>,
    tokens: Box<[Token]>,
    /// Of its last name: what lacks it has no such place.
    name: Option<Glance>,
}

/// One step of a pointer.
#[derive(Clone, Debug)]
pub(super) struct Token {
    name: Box<str>,
    index: Option<usize>,
}

impl Token {
    /// The place in an array that this step means, if it means one.
    pub(super) fn index(&self) -> Option<usize> {
        self.index
    }

    /// Whether this is the member with that name.
    #[inline]
    pub(super) fn names(&self, name: &[u8]) -> bool {
        *name == *self.name.as_bytes()
    }
}

/// No document that a script means is nested so deep, and none that is costs more for it.
const DEEPEST: usize = 64;

impl Pointer {
    /// Reads a pointer as RFC 6901 writes it.
    ///
    /// # Errors
    ///
    /// It is none: it does not begin with `/`, or has a `~` that is neither `~0` nor `~1`.
    pub fn parse(written: &str) -> Result<Self, Fault> {
        let Some(steps) = written.strip_prefix('/') else {
            return if written.is_empty() {
                Ok(Self::whole())
            } else {
                Err(Fault::new(
                    format!("{written:?} is no JSON pointer"),
                    format!(
                        "a pointer begins with a slash, as \"/{}\" does",
                        written.trim_start_matches(['#', '/', '$', '.'])
                    ),
                ))
            };
        };
        let tokens = steps.split('/').map(token).collect::<Option<Box<[_]>>>();
        let tokens = tokens.ok_or_else(|| {
            Fault::new(
                format!("{written:?} is no JSON pointer"),
                "in a pointer \"~\" is written as \"~0\", and \"/\" in a name as \"~1\"",
            )
        })?;
        if tokens.len() > DEEPEST {
            return Err(Fault::new(
                format!("a JSON pointer of {} steps is too long", tokens.len()),
                format!("at most {DEEPEST} are taken"),
            ));
        }
        Ok(Self::of(written, tokens))
    }

    /// The empty one: all of a document.
    pub fn whole() -> Self {
        Self::of("", Box::default())
    }

    fn of(written: &str, tokens: Box<[Token]>) -> Self {
        // A step into an array is not written in a document.
        let name = tokens.iter().rfind(|token| token.index.is_none());
        Self {
            written: written.into(),
            name: name.and_then(|name| Glance::of(&name.name)),
            tokens,
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Whether a glance shows that these bytes have no such place.
    #[inline]
    pub(super) fn cannot_be_in(&self, bytes: &[u8]) -> bool {
        self.name
            .as_ref()
            .is_some_and(|name| name.cannot_be_in(bytes))
    }
}

fn token(step: &str) -> Option<Token> {
    let mut name = String::with_capacity(step.len());
    let mut rest = step.chars();
    while let Some(char) = rest.next() {
        name.push(match char {
            '~' => match rest.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    // No sign, and no zero in front (RFC 6901 section 4).
    let is_index = name.bytes().all(|byte| byte.is_ascii_digit())
        && !name.is_empty()
        && (name == "0" || !name.starts_with('0'));
    Some(Token {
        index: is_index.then(|| name.parse().ok()).flatten(),
        name: name.into(),
    })
}
