//! What callables of the script have said about a message, by their numbers.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use super::asking::key_of;
use crate::conversation::ask::Ask;
use crate::conversation::message::{Kind, Message};

/// What one has said, as each of the questions that it may have been asked.
struct Said {
    callable: usize,
    is_true: bool,
    key: Option<Vec<u8>>,
    reply: Option<(Kind, Vec<u8>)>,
}

/// Read before anything is locked: a script's objects may do as they like when they are looked at.
pub(super) struct Answers {
    said: Vec<Said>,
    lacking: Option<usize>,
}

impl Answers {
    pub(super) fn read(said: &Bound<'_, PyDict>) -> PyResult<Self> {
        let said = said.iter().map(|(callable, value)| {
            let reply = if let Ok(text) = value.cast::<PyString>() {
                // What cannot be sent answers nothing.
                let text = text.to_str().ok();
                text.map(|text| (Kind::Text, text.as_bytes().to_vec()))
            } else if let Ok(bytes) = value.cast::<PyBytes>() {
                Some((Kind::Binary, bytes.as_bytes().to_vec()))
            } else {
                None
            };
            Ok(Said {
                callable: callable.extract()?,
                // Whoever asked it has looked already.
                is_true: value.is_truthy().unwrap_or_default(),
                // What is no key is none: whoever asked for one checks it.
                key: key_of(&value).ok().flatten(),
                reply,
            })
        });
        Ok(Self {
            said: said.collect::<PyResult<_>>()?,
            lacking: None,
        })
    }

    /// The callable that has not said anything yet and should.
    pub(super) fn lacking(&self) -> isize {
        let number = self.lacking.unwrap_or_default();
        isize::try_from(number).unwrap_or(isize::MAX)
    }

    fn find(&mut self, callable: usize) -> Option<&Said> {
        let found = self.said.iter().find(|said| said.callable == callable);
        if found.is_none() {
            self.lacking.get_or_insert(callable);
        }
        found
    }
}

impl Ask for Answers {
    fn ask(&mut self, callable: usize, _message: &Message<'_>) -> bool {
        self.find(callable).is_some_and(|said| said.is_true)
    }

    fn key(&mut self, callable: usize, _message: &Message<'_>) -> Option<Vec<u8>> {
        self.find(callable)?.key.clone()
    }

    fn answer(&mut self, callable: usize, _message: &Message<'_>) -> Option<(Kind, Vec<u8>)> {
        self.find(callable)?.reply.clone()
    }

    fn lacks_answer(&self) -> bool {
        self.lacking.is_some()
    }
}
