//! What the script sends without asking anything of it, measured where its replies can be known.

use super::Conversation;
use crate::clock;
use crate::conversation::ask::Nobody;
use crate::conversation::message::Message;
use crate::engine::runtime::shared::lock;
use crate::socket::queue::{Origin, SendError};

impl Conversation {
    /// Whether what the script sends is measured.
    pub(in crate::engine) fn is_measuring(&self) -> bool {
        lock(&self.state).desk.is_measuring()
    }

    /// Sends a message of the script's by `queue`, measured if that is wanted and its reply can be known.
    pub(in crate::engine) fn send<T>(
        &self,
        message: &Message<'_>,
        queue: impl FnOnce(Origin) -> Result<T, SendError>,
    ) -> Result<T, SendError> {
        let mut state = lock(&self.state);
        let begun = state
            .desk
            .begin_measured(message, clock::now(), &mut Nobody);
        if let Some((id, _)) = begun {
            state.begun(id);
        }
        drop(state);
        let origin = begun.map_or(Origin::Script, |(id, _)| Origin::Request(id.to_number()));
        let sent = queue(origin);
        if let Some((id, name)) = begun {
            match sent {
                Ok(_) => {
                    if let Some(series) = &lock(&self.state).series {
                        series.made(name);
                    }
                }
                // The script is told of it where it sends, and may send it again.
                Err(_) => lock(&self.state).forget(id),
            }
        }
        sent
    }
}
