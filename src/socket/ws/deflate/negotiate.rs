//! What a client offers and what a server answers (RFC 7692 section 7.1).

use super::extension::{self, Extension};
use super::{Agreement, Direction, MAX_WINDOW_BITS, MIN_WINDOW_BITS, ZLIB_MIN_WINDOW_BITS};

const NAME: &str = "permessage-deflate";
const SERVER_NO_CONTEXT: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT: &str = "client_no_context_takeover";
const SERVER_BITS: &str = "server_max_window_bits";
const CLIENT_BITS: &str = "client_max_window_bits";

/// What a client asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The server must not refer to earlier messages.
    pub server_no_context_takeover: bool,
    /// We will not.
    pub client_no_context_takeover: bool,
    /// The largest window that the server may use.
    pub server_max_window_bits: Option<u8>,
    /// Whether the server may bound our window.
    pub client_max_window_bits: ClientWindow,
}

/// What `client_max_window_bits` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientWindow {
    /// It is not there: the window may not be bounded.
    #[default]
    Unsaid,
    /// Without a value: as the server likes.
    Any,
    /// At most this.
    AtMost(u8),
}

/// The parameters of an answer, or of an offer as a server reads it.
#[derive(Default)]
struct Parameters {
    server_no_context: bool,
    client_no_context: bool,
    server_bits: Option<u8>,
    client_bits: ClientWindow,
}

impl Offer {
    /// The value of the request's header.
    pub fn header(&self) -> String {
        let mut text = NAME.to_owned();
        let mut add = |part: &str| {
            text.push_str("; ");
            text.push_str(part);
        };
        if self.server_no_context_takeover {
            add(SERVER_NO_CONTEXT);
        }
        if self.client_no_context_takeover {
            add(CLIENT_NO_CONTEXT);
        }
        if let Some(bits) = self.server_max_window_bits {
            add(&format!("{SERVER_BITS}={bits}"));
        }
        match self.client_max_window_bits {
            ClientWindow::AtMost(bits) => add(&format!("{CLIENT_BITS}={bits}")),
            ClientWindow::Any => add(CLIENT_BITS),
            ClientWindow::Unsaid => {}
        }
        text
    }

    /// What the server's answer agrees to; nothing when it declined. An answer that this offer does not allow is
    /// an error.
    pub fn agreed(&self, header: &str) -> Result<Option<Agreement>, String> {
        let extensions = extension::parse(header)?;
        if let Some(other) = extensions.iter().find(|one| one.name != NAME) {
            let name = &other.name;
            return Err(format!(
                "the server uses the extension {name:?}, which was not offered"
            ));
        }
        let [accepted] = &extensions[..] else {
            return match extensions.len() {
                0 => Ok(None),
                _ => Err(format!("the server accepts {NAME} twice")),
            };
        };
        let given = Parameters::read(accepted)?;
        if self.server_no_context_takeover && !given.server_no_context {
            return Err(format!("the answer lacks {SERVER_NO_CONTEXT}"));
        }
        if let Some(most) = self.server_max_window_bits
            && given.server_bits.is_none_or(|bits| bits > most)
        {
            return Err(format!("the answer lacks {SERVER_BITS} of at most {most}"));
        }
        let client_bits = match (self.client_max_window_bits, given.client_bits) {
            (ClientWindow::AtMost(most), ClientWindow::Unsaid) => most,
            (_, ClientWindow::Unsaid) => MAX_WINDOW_BITS,
            (ClientWindow::Unsaid, _) => {
                return Err(format!(
                    "{CLIENT_BITS} in the answer, which was not offered"
                ));
            }
            (_, ClientWindow::Any) => {
                return Err(format!("{CLIENT_BITS} without a value in the answer"));
            }
            (ClientWindow::AtMost(most), ClientWindow::AtMost(bits)) if bits > most => {
                return Err(format!(
                    "{CLIENT_BITS}={bits} in the answer is more than offered"
                ));
            }
            (_, ClientWindow::AtMost(bits)) => bits,
        };
        Ok(Some(Agreement {
            ours: Direction {
                window_bits: client_bits,
                keeps_context: !(given.client_no_context || self.client_no_context_takeover),
            },
            theirs: Direction {
                window_bits: given.server_bits.unwrap_or(MAX_WINDOW_BITS),
                keeps_context: !given.server_no_context,
            },
        }))
    }
}

/// A server's answer to the offers of a request: the header's value, and what is agreed with it. Nothing when none of
/// them can be accepted.
pub fn answer(header: &str) -> Option<(String, Agreement)> {
    let offers = extension::parse(header).ok()?;
    offers
        .iter()
        .filter(|one| one.name == NAME)
        .find_map(|offer| accept(&Parameters::read(offer).ok()?))
}

fn accept(offer: &Parameters) -> Option<(String, Agreement)> {
    // We could not keep to a window of 8 bits.
    if offer
        .server_bits
        .is_some_and(|bits| bits < ZLIB_MIN_WINDOW_BITS)
    {
        return None;
    }
    // Whether we bound a window that may be is ours to say; any is fine.
    let (client_bits, said) = match offer.client_bits {
        ClientWindow::AtMost(bits) => (bits, ClientWindow::AtMost(bits)),
        ClientWindow::Any | ClientWindow::Unsaid => (MAX_WINDOW_BITS, ClientWindow::Unsaid),
    };
    let accepted = Offer {
        server_no_context_takeover: offer.server_no_context,
        client_no_context_takeover: offer.client_no_context,
        server_max_window_bits: offer.server_bits,
        client_max_window_bits: said,
    };
    let agreement = Agreement {
        ours: Direction {
            window_bits: offer.server_bits.unwrap_or(MAX_WINDOW_BITS),
            keeps_context: !offer.server_no_context,
        },
        theirs: Direction {
            window_bits: client_bits,
            keeps_context: !offer.client_no_context,
        },
    };
    Some((accepted.header(), agreement))
}

impl Parameters {
    fn read(extension: &Extension) -> Result<Self, String> {
        let mut found = Self::default();
        for (at, (name, value)) in extension.parameters.iter().enumerate() {
            if extension.parameters[..at]
                .iter()
                .any(|(known, _)| known == name)
            {
                return Err(format!("{name} is given twice"));
            }
            match (name.as_str(), value.as_deref()) {
                (SERVER_NO_CONTEXT, None) => found.server_no_context = true,
                (CLIENT_NO_CONTEXT, None) => found.client_no_context = true,
                (SERVER_BITS, Some(text)) => found.server_bits = Some(bits(name, text)?),
                (CLIENT_BITS, Some(text)) => {
                    found.client_bits = ClientWindow::AtMost(bits(name, text)?);
                }
                (CLIENT_BITS, None) => found.client_bits = ClientWindow::Any,
                _ => {
                    let value = value.as_ref().map(|text| format!("={text}"));
                    let value = value.unwrap_or_default();
                    return Err(format!("{name}{value} is no parameter of {NAME}"));
                }
            }
        }
        Ok(found)
    }
}

/// A decimal number from 8 to 15, without leading zeros.
fn bits(name: &str, text: &str) -> Result<u8, String> {
    let number = text.parse().ok().filter(|_| !text.starts_with(['0', '+']));
    number
        .filter(|bits| (MIN_WINDOW_BITS..=MAX_WINDOW_BITS).contains(bits))
        .ok_or_else(|| format!("{name}={text} is not from {MIN_WINDOW_BITS} to {MAX_WINDOW_BITS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const K6: Offer = Offer {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: None,
        client_max_window_bits: ClientWindow::Unsaid,
    };

    fn direction(window_bits: u8, keeps_context: bool) -> Direction {
        Direction {
            window_bits,
            keeps_context,
        }
    }

    #[test]
    fn offers_read_as_the_rfc_writes_them() {
        assert_eq!(Offer::default().header(), "permessage-deflate");
        assert_eq!(
            K6.header(),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        );
        let bounded = Offer {
            server_max_window_bits: Some(10),
            client_max_window_bits: ClientWindow::AtMost(9),
            ..Offer::default()
        };
        assert_eq!(
            bounded.header(),
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9"
        );
        let open = Offer {
            client_max_window_bits: ClientWindow::Any,
            ..Offer::default()
        };
        assert_eq!(open.header(), "permessage-deflate; client_max_window_bits");
    }

    #[test]
    fn answers_that_the_offer_allows_are_agreed() {
        assert_eq!(K6.agreed(""), Ok(None));
        let both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        let alone = Agreement {
            ours: direction(15, false),
            theirs: direction(15, false),
        };
        assert_eq!(K6.agreed(both), Ok(Some(alone)));
        // Our own hint needs no answer.
        let one = "permessage-deflate; server_no_context_takeover";
        assert_eq!(K6.agreed(one), Ok(Some(alone)));
        let open = Offer {
            client_max_window_bits: ClientWindow::Any,
            ..Offer::default()
        };
        let agreed = open
            .agreed("permessage-deflate; client_max_window_bits=\"9\"; server_max_window_bits=12")
            .unwrap()
            .unwrap();
        assert_eq!(agreed.ours, direction(9, true));
        assert_eq!(agreed.theirs, direction(12, true));
    }

    #[test]
    fn answers_that_it_does_not_allow_say_why() {
        let bounded = Offer {
            server_max_window_bits: Some(10),
            client_max_window_bits: ClientWindow::AtMost(11),
            ..Offer::default()
        };
        for (offer, answer, why) in [
            (K6, "permessage-deflate", "lacks server_no_context_takeover"),
            (K6, "x-webkit-deflate-frame", "which was not offered"),
            (K6, "permessage-deflate, permessage-deflate", "twice"),
            (
                Offer::default(),
                "permessage-deflate; client_max_window_bits=10",
                "not offered",
            ),
            (
                bounded,
                "permessage-deflate",
                "lacks server_max_window_bits of at most 10",
            ),
            (
                bounded,
                "permessage-deflate; server_max_window_bits=11",
                "at most 10",
            ),
            (
                bounded,
                "permessage-deflate; server_max_window_bits=9; client_max_window_bits",
                "without a value",
            ),
            (
                bounded,
                "permessage-deflate; server_max_window_bits=9; client_max_window_bits=12",
                "more than offered",
            ),
            (
                Offer::default(),
                "permessage-deflate; server_max_window_bits=7",
                "not from 8 to 15",
            ),
            (
                Offer::default(),
                "permessage-deflate; server_max_window_bits=08",
                "not from 8",
            ),
            (
                Offer::default(),
                "permessage-deflate; server_max_window_bits",
                "no parameter",
            ),
            (
                Offer::default(),
                "permessage-deflate; server_no_context_takeover=1",
                "no parameter",
            ),
            (
                Offer::default(),
                "permessage-deflate; level=9",
                "level=9 is no parameter",
            ),
            (
                Offer::default(),
                "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                "twice",
            ),
            (Offer::default(), "permessage-deflate; ", "malformed"),
        ] {
            let error = offer.agreed(answer).unwrap_err();
            assert!(error.contains(why), "{answer}: {error}");
        }
    }

    #[test]
    fn a_server_takes_the_first_offer_that_it_can_keep_to() {
        let (header, agreement) = answer(
            "permessage-deflate; server_max_window_bits=8, permessage-deflate; nonsense, \
             permessage-deflate; server_max_window_bits=9; client_max_window_bits, permessage-deflate",
        )
        .unwrap();
        assert_eq!(header, "permessage-deflate; server_max_window_bits=9");
        assert_eq!(agreement.ours, direction(9, true));
        assert_eq!(agreement.theirs, direction(15, true));
        let (header, agreement) =
            answer("permessage-deflate; client_no_context_takeover; client_max_window_bits=8")
                .unwrap();
        assert_eq!(
            header,
            "permessage-deflate; client_no_context_takeover; client_max_window_bits=8"
        );
        assert_eq!(agreement.theirs, direction(8, false));
        assert_eq!(answer("permessage-bzip2"), None);
        assert_eq!(
            answer("permessage-deflate; server_max_window_bits=99"),
            None
        );
    }
}
