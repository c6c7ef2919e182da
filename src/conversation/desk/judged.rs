//! What has come of the reply that a callable of the script is asked about.

use super::Desk;
use crate::conversation::requests::outcome::Received;

impl Desk {
    /// The messages that came before the one that it is asked about, of a reply of which all are wanted.
    pub fn kept(&mut self) -> &[Received] {
        let exchange = self.judged.and_then(|id| self.requests.get(id));
        exchange.map_or(&[], |exchange| exchange.kept())
    }
}
