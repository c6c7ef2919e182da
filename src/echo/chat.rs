//! A chat room: what one says, everybody hears. The target of `examples/crocochat.py`.
//!
//! Messages are JSON texts. A client sends
//!
//! * `{"event": "SET_NAME", "new_name": "Ada"}`, and everybody hears `{"event": "RENAMED", …}`,
//! * `{"event": "SAY", "message": "hello"}`, and everybody hears `{"event": "CHAT_MSG", …}`,
//! * `{"event": "LEAVE"}`, and is closed with 1000 while the others hear `{"event": "LEFT", …}`.
//!
//! Anything else is answered with `{"event": "ERROR", …}`. A client that does not read what it is told is closed
//! with 1008 when [`MAX_UNREAD`] messages wait for it.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, watch};

use super::PATIENCE;
use super::codec::{Codec, Kind, Reply};
use super::counts::{Counters, Tally};
use crate::socket::stream::Stream;
use crate::socket::ws::close;

/// Messages that may wait for a client.
const MAX_UNREAD: usize = 1024;
/// A client that does not read: RFC 6455's policy violation.
const DOES_NOT_READ: u16 = 1008;

/// Everybody who is there.
#[derive(Debug, Default)]
pub(super) struct Room {
    members: Mutex<Members>,
}

#[derive(Debug, Default)]
struct Members {
    next: u64,
    by_id: HashMap<u64, mpsc::Sender<Arc<str>>>,
}

impl Room {
    fn join(&self) -> (u64, mpsc::Receiver<Arc<str>>) {
        let (told, hears) = mpsc::channel(MAX_UNREAD);
        let mut members = self.lock();
        let id = members.next;
        members.next += 1;
        members.by_id.insert(id, told);
        (id, hears)
    }

    fn leave(&self, id: u64) {
        self.lock().by_id.remove(&id);
    }

    /// Tells everybody; who has too much to read already is let go, which ends its session.
    fn tell(&self, message: &Value) {
        let text: Arc<str> = message.to_string().into();
        let told =
            |_: &u64, member: &mut mpsc::Sender<Arc<str>>| member.try_send(text.clone()).is_ok();
        self.lock().by_id.retain(told);
    }

    fn lock(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One client, as the room knows it.
struct Guest {
    room: Arc<Room>,
    id: u64,
    name: String,
    counters: Arc<Counters>,
    /// It has said so, in its own words.
    has_left: bool,
}

/// Serves a client until either side has gone. `out` is what goes first, `input` what came behind the request.
///
/// # Cancel safety
/// Dropping the future cuts the connection; the others are told by its guard.
pub(super) async fn serve(
    mut stream: Stream,
    mut codec: Box<dyn Codec>,
    mut out: Vec<u8>,
    mut input: Vec<u8>,
    room: Arc<Room>,
    counters: Arc<Counters>,
    mut stop: watch::Receiver<()>,
) -> io::Result<()> {
    let (id, mut hears) = room.join();
    let mut guest = Guest::new(room, id, counters);
    let mut buffer = vec![0; 16 * 1024];
    let mut our_close = None;
    loop {
        let hear = &mut |kind, data: &[u8]| guest.hear(kind, data);
        let is_heard_out = codec.feed(&mut input, &mut out, hear);
        input.clear();
        our_close = our_close.or(guest.has_left.then_some(close::NORMAL));
        if let Some(code) = our_close
            && !is_heard_out
        {
            codec.close(code, &mut out);
        }
        // A peer that does not read for so long is gone.
        let written = tokio::time::timeout(PATIENCE, stream.write_all(&out)).await;
        out.clear();
        if is_heard_out || our_close.is_some() || !matches!(written, Ok(Ok(()))) {
            break;
        }
        stream.flush().await?;
        tokio::select! {
            news = hears.recv() => match news {
                Some(text) => {
                    guest.is_told(&text);
                    codec.say(&text, &mut out);
                }
                None => our_close = Some(DOES_NOT_READ),
            },
            read = stream.read(&mut buffer) => match read {
                Ok(count) if count > 0 => input.extend_from_slice(&buffer[..count]),
                _ => break,
            },
            _ = stop.changed() => our_close = Some(close::GOING_AWAY),
        }
    }
    drop(guest);
    // What the peer still says is read, so that our last words are not lost to a reset.
    let _ = stream.shutdown().await;
    let rest = async { while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {} };
    let _ = tokio::time::timeout(PATIENCE, rest).await;
    Ok(())
}

impl Guest {
    fn new(room: Arc<Room>, id: u64, counters: Arc<Counters>) -> Self {
        counters.session_opened();
        Self {
            room,
            id,
            name: format!("guest {id}"),
            counters,
            has_left: false,
        }
    }

    /// Takes what the client said.
    fn hear(&mut self, kind: Kind, data: &[u8]) -> Reply {
        let mut tally = Tally::default();
        tally.add(data);
        self.counters.received(tally);
        let said: Value = match kind {
            Kind::Text => serde_json::from_slice(data).unwrap_or_default(),
            Kind::Binary => Value::Null,
        };
        let field = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
        match (
            field("event").as_deref(),
            field("new_name"),
            field("message"),
        ) {
            _ if self.has_left => {}
            (Some("SET_NAME"), Some(name), _) => {
                let old = std::mem::replace(&mut self.name, name);
                let news = json!({"event": "RENAMED", "old_name": old, "user": self.name});
                self.room.tell(&news);
            }
            (Some("SAY"), _, Some(message)) => {
                let news = json!({"event": "CHAT_MSG", "user": self.name, "message": message});
                self.room.tell(&news);
            }
            (Some("LEAVE"), ..) => self.has_left = true,
            _ => {
                let text = "expected SET_NAME with new_name, SAY with message, or LEAVE";
                let text = json!({"event": "ERROR", "message": text}).to_string();
                self.is_told(&text);
                return Reply::Text(text);
            }
        }
        Reply::Nothing
    }

    fn is_told(&self, text: &str) {
        let mut tally = Tally::default();
        tally.add(text.as_bytes());
        self.counters.sending(tally);
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.room.leave(self.id);
        self.room.tell(&json!({"event": "LEFT", "user": self.name}));
        self.counters.session_ended();
    }
}
