//! k6ws: k6-style load testing of WebSocket and TCP services, driven from Python.
//!
//! # Layout
//!
//! Modules are listed in rank order: a module may import only from ranks above its own
//! (`tests/test_architecture.py` holds the table and fails when it is broken).
//!
//! | rank | module | what it is |
//! | --- | --- | --- |
//! | 0 | [`units`] | durations as people write them |
//! | 1 | [`metrics`] | numbers and what they mean |
//! | 2 | [`options`] | what the user asked for, made valid once |
//! | 2 | [`echo`] | a target that sends every message back |
//! | 3 | [`schedule`] | when iterations start and stop |
//! | 3 | [`report`] | what happened, as data |

pub mod clock;
pub mod units;

pub mod metrics;
pub mod socket;

pub mod echo;
pub mod options;

pub mod report;
pub mod schedule;

pub mod engine;

#[cfg(feature = "python")]
mod python;
