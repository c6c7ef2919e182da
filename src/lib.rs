//! k6ws: k6-style load testing of WebSocket and TCP services, driven from Python.
//!
//! # Layout
//!
//! Modules are listed in rank order: a module may import only from ranks above its own
//! (`tests/test_architecture.py` holds the table and fails when it is broken).
//!
//! | rank | module | what it is |
//! | --- | --- | --- |
//! | 0 | [`units`], [`clock`] | durations as people write them; the only reader of time |
//! | 0 | [`segment`] | which part of a test this process does |
//! | 1 | [`conversation`] | which request a message answers, which rule takes it |
//! | 1 | [`metrics`] | numbers and what they mean |
//! | 1 | [`socket`] | one connection to a peer: states facts, decides nothing |
//! | 2 | [`options`] | what the user asked for, made valid once |
//! | 2 | [`echo`] | a target that sends every message back |
//! | 3 | [`schedule`] | when iterations start and stop |
//! | 3 | [`output`] | where samples go |
//! | 3 | [`dashboard`] | the live page of a run: a server of HTTP on a thread of its own |
//! | 3 | [`verdict`] | what holds and what does not |
//! | 4 | [`report`] | what happened, as data |
//! | 5 | [`engine`] | the only place that wires layers |
//! | 6 | `python` | the binding, with the feature of that name |

pub mod clock;
pub mod segment;
pub mod units;

pub mod conversation;
pub mod metrics;
pub mod socket;

pub mod echo;
pub mod options;

pub mod dashboard;
pub mod output;
pub mod schedule;
pub mod verdict;

pub mod report;

pub mod engine;

#[cfg(feature = "python")]
mod python;
