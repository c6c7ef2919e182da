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

use super::counts::{Counters, Tally};
use super::handshake::{Answer, Then};
use super::{MAX_MESSAGE, PATIENCE};
use crate::socket::stream::Stream;
use crate::socket::ws::close;
use crate::socket::ws::decoder::{Decoder, Item, Role};
use crate::socket::ws::frame::{Opcode, encode};

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

/// One client.
struct Guest {
    room: Arc<Room>,
    id: u64,
    name: String,
    counters: Arc<Counters>,
    /// Frames to be written.
    out: Vec<u8>,
    is_leaving: bool,
}

/// Serves a client until either side has gone.
///
/// # Cancel safety
/// Dropping the future cuts the connection; the others are told by its guard.
pub(super) async fn serve(
    mut stream: Stream,
    answer: Answer,
    mut input: Vec<u8>,
    room: Arc<Room>,
    counters: Arc<Counters>,
    mut stop: watch::Receiver<()>,
) -> io::Result<()> {
    stream.write_all(&answer.bytes).await?;
    stream.flush().await?;
    if answer.then != Then::Echo {
        counters.request_refused();
        return stream.shutdown().await;
    }
    counters.session_opened();
    let (id, mut hears) = room.join();
    let mut guest = Guest {
        room,
        id,
        name: format!("guest {id}"),
        counters,
        out: Vec::new(),
        is_leaving: false,
    };
    let mut decoder = Decoder::new(Role::Server, MAX_MESSAGE);
    let mut buffer = vec![0; 16 * 1024];
    loop {
        guest.take(&mut decoder, &mut input);
        // A peer that does not read for so long is gone.
        let written = tokio::time::timeout(PATIENCE, stream.write_all(&guest.out)).await;
        guest.out.clear();
        if guest.is_leaving || !matches!(written, Ok(Ok(()))) {
            break;
        }
        tokio::select! {
            news = hears.recv() => match news {
                Some(text) => guest.say(&text),
                None => guest.close(DOES_NOT_READ),
            },
            read = stream.read(&mut buffer) => match read {
                Ok(count) if count > 0 => input.extend_from_slice(&buffer[..count]),
                _ => break,
            },
            _ = stop.changed() => guest.close(close::GOING_AWAY),
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
    /// Takes what the client said.
    fn take(&mut self, decoder: &mut Decoder, input: &mut Vec<u8>) {
        let mut texts = Vec::new();
        let mut closed = None;
        let out = &mut self.out;
        let fed = decoder.feed(input, &mut |item| match item {
            Item::Text(data) => texts.push(data.into_owned()),
            Item::Binary(_) => texts.push(b"null".to_vec()),
            Item::Ping(payload) => encode(out, Opcode::Pong, payload, None),
            Item::Pong(_) => {}
            Item::Close(status) => closed = Some(status.code),
        });
        input.clear();
        for text in texts {
            self.hear(&text);
        }
        if let Err(violation) = fed {
            self.close(violation.code);
        } else if let Some(code) = closed {
            self.close(code);
        }
    }

    fn hear(&mut self, text: &[u8]) {
        let mut tally = Tally::default();
        tally.add(text);
        self.counters.received(tally);
        let said: Value = serde_json::from_slice(text).unwrap_or_default();
        let field = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
        match (
            field("event").as_deref(),
            field("new_name"),
            field("message"),
        ) {
            (Some("SET_NAME"), Some(name), _) => {
                let old = std::mem::replace(&mut self.name, name);
                let news = json!({"event": "RENAMED", "old_name": old, "user": self.name});
                self.room.tell(&news);
            }
            (Some("SAY"), _, Some(message)) => {
                let news = json!({"event": "CHAT_MSG", "user": self.name, "message": message});
                self.room.tell(&news);
            }
            (Some("LEAVE"), ..) => self.close(close::NORMAL),
            _ => {
                let text = "expected SET_NAME with new_name, SAY with message, or LEAVE";
                self.say(&json!({"event": "ERROR", "message": text}).to_string());
            }
        }
    }

    fn say(&mut self, text: &str) {
        encode(&mut self.out, Opcode::Text, text.as_bytes(), None);
        let mut tally = Tally::default();
        tally.add(text.as_bytes());
        self.counters.sending(tally);
    }

    fn close(&mut self, code: u16) {
        if !std::mem::replace(&mut self.is_leaving, true) {
            let payload = if code == close::NO_STATUS {
                Vec::new()
            } else {
                code.to_be_bytes().to_vec()
            };
            encode(&mut self.out, Opcode::Close, &payload, None);
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.room.leave(self.id);
        self.room.tell(&json!({"event": "LEFT", "user": self.name}));
        self.counters.session_ended();
    }
}
