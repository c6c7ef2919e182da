//! Data that is cut into messages before the script is told of it.

use super::TcpConnectionObserver;
use crate::clock::{self, Instant};
use crate::engine::framing::cutting::Cutting;
use crate::engine::framing::framed::Framed;
use crate::engine::runtime::mailbox::EventKind;

impl TcpConnectionObserver {
    /// Data of which messages are made.
    pub(super) fn cut(&mut self, cutting: &mut Cutting, data: &[u8], at: Instant) {
        self.record(|series, recorder| series.read(recorder, at));
        let framed = cutting.framed.clone();
        cutting.feed(data, |message, is_text| {
            self.message(&framed, message, is_text, at);
        });
    }

    /// No more data will come.
    pub(super) fn cut_last(&mut self, cutting: &mut Cutting) {
        let at = clock::now();
        let framed = cutting.framed.clone();
        cutting.end(|message, is_text| self.message(&framed, message, is_text, at));
    }

    fn message(&mut self, framed: &Framed, message: &[u8], is_text: bool, at: Instant) {
        let series = self.series.get();
        let has_room = self.shared.post(|arrivals| {
            framed.count();
            if let Some(series) = series {
                series.received(&mut arrivals.recorder, at);
            }
            let kind = if is_text {
                EventKind::Text
            } else {
                EventKind::Data
            };
            arrivals
                .mailbox
                .push_message(self.id, kind, message.into(), at)
        });
        self.is_full = !has_room;
    }
}
