//! Names become addresses, in the order in which they are to be tried.
//!
//! The system's resolver is asked on tokio's blocking pool, so hosts files, search domains and split DNS work
//! as everywhere else on the machine. An answer is kept for `dns.ttl`: a load test asks about a handful of
//! names, thousands of times. Connections that want the same name at the same time share one question and its
//! answer, a failure too, so that a silent resolver is not asked once for each of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::dns::DnsOptions;
use super::system::System;
use crate::clock::{self, Instant};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::limits;

/// Names kept at most; a run that dials more names than this asks again.
const MAX_NAMES: usize = 4096;

/// The resolver of a run, or of a loop without one.
#[derive(Debug)]
pub struct Resolver {
    system: System,
    options: DnsOptions,
    names: Mutex<HashMap<Box<str>, Arc<Name>>>,
}

/// What is known of one name.
#[derive(Debug, Default)]
struct Name {
    /// Locked while somebody asks.
    answer: tokio::sync::Mutex<Option<Answer>>,
    /// How many times it was resolved, for round robin.
    turn: AtomicUsize,
}

#[derive(Clone, Debug)]
struct Answer {
    at: Instant,
    result: Result<Arc<[IpAddr]>, SocketError>,
}

impl Default for Resolver {
    fn default() -> Self {
        Self::new(DnsOptions::default())
    }
}

impl Resolver {
    /// Asks the system.
    pub fn new(options: DnsOptions) -> Self {
        Self::asking(System::default(), options)
    }

    /// Asks this one.
    pub(super) fn asking(system: System, options: DnsOptions) -> Self {
        Self {
            system,
            options,
            names: Mutex::default(),
        }
    }

    /// The addresses to dial for `host`, the first one first; never none.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the answer; the look-up itself ends on its own thread.
    pub async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, SocketError> {
        if let Ok(literal) = host.parse::<IpAddr>() {
            return Ok(vec![literal]);
        }
        let name = self.name(host);
        let found = if self.options.ttl.is_some_and(|ttl| ttl.is_zero()) {
            self.ask(host).await?
        } else {
            self.answer(&name, host).await?
        };
        let turn = name.turn.fetch_add(1, Ordering::Relaxed);
        let ordered = self.options.order(&found, turn);
        if ordered.is_empty() {
            let policy = self.options.policy.as_str();
            return Err(no_such_host(host).with_hint(format!(
                "it has addresses, but none that dns.policy {policy} allows"
            )));
        }
        Ok(ordered)
    }

    /// What is known, or what the system says now.
    async fn answer(&self, name: &Name, host: &str) -> Result<Arc<[IpAddr]>, SocketError> {
        let since = clock::now();
        let mut known = name.answer.lock().await;
        if let Some(answer) = &*known {
            let is_new = answer.at > since;
            let age = clock::now() - answer.at;
            let is_kept = self.options.ttl.is_none_or(|ttl| age < ttl);
            if is_new || is_kept && answer.result.is_ok() {
                return answer.result.clone();
            }
        }
        let result = self.ask(host).await;
        let at = clock::now();
        *known = Some(Answer {
            at,
            result: result.clone(),
        });
        result
    }

    async fn ask(&self, host: &str) -> Result<Arc<[IpAddr]>, SocketError> {
        match self.system.lookup(host).await {
            Ok(found) if !found.is_empty() => Ok(found.into()),
            Ok(_) => Err(no_such_host(host).with_hint("check the name, or /etc/hosts")),
            // The resolver hides this one: it cannot open a socket to ask, and finds no host.
            Err(_) if limits::is_out_of_files() => {
                let text = format!("lookup {host}: too many open files");
                Err(SocketError::new(Phase::Resolve, Cause::NoFds, text)
                    .with_hint(limits::files_hint()))
            }
            Err(error) => {
                let why = crate::socket::error::words(&error);
                Err(no_such_host(host).with_hint(format!(
                    "check the name, or /etc/hosts: the system says {why}"
                )))
            }
        }
    }

    fn name(&self, host: &str) -> Arc<Name> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = names.get(host) {
            return name.clone();
        }
        if names.len() >= MAX_NAMES {
            names.clear();
        }
        let name = Arc::new(Name::default());
        names.insert(host.into(), name.clone());
        name
    }
}

fn no_such_host(host: &str) -> SocketError {
    let text = format!("lookup {host}: no such host");
    SocketError::new(Phase::Resolve, Cause::Dns, text)
}

#[cfg(test)]
mod tests;
