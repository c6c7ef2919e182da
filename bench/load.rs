//! What the Rust clients of the benchmark share: the words of the command line and the measured window.
//!
//! Included by path, since each benchmark is a program of its own.

#![expect(
    clippy::disallowed_methods,
    reason = "measures by a clock that nobody pauses"
)]

use std::error::Error;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Why a benchmark could not be run.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// What is asked for on the command line.
pub(crate) struct Load {
    pub(crate) url: String,
    pub(crate) conns: usize,
    pub(crate) in_flight: u64,
    pub(crate) seconds: Duration,
    pub(crate) warmup: Duration,
}

impl Load {
    /// The load that the command line asks for; `None` without words, since cargo alone runs all benches.
    pub(crate) fn from_command_line() -> Result<Option<Self>, Failure> {
        // Cargo adds `--bench`.
        let words: Vec<String> = std::env::args()
            .skip(1)
            .filter(|word| word != "--bench")
            .collect();
        let load = Self::parse(&words)?;
        if load.is_none() {
            writeln!(
                std::io::stdout(),
                "words: ws://127.0.0.1:PORT/ CONNS IN_FLIGHT SECONDS [WARMUP]"
            )?;
        }
        Ok(load)
    }

    fn parse(words: &[String]) -> Result<Option<Self>, Failure> {
        let (url, conns, in_flight, seconds, warmup) = match words {
            [url, conns, in_flight, seconds] => (url, conns, in_flight, seconds, "0.5"),
            [url, conns, in_flight, seconds, warmup] => {
                (url, conns, in_flight, seconds, warmup.as_str())
            }
            _ => return Ok(None),
        };
        Ok(Some(Self {
            url: url.clone(),
            conns: conns.parse()?,
            in_flight: in_flight.parse()?,
            seconds: Duration::try_from_secs_f64(seconds.parse()?)?,
            warmup: Duration::try_from_secs_f64(warmup.parse()?)?,
        }))
    }

    pub(crate) fn address(&self) -> Result<&str, Failure> {
        let rest = self
            .url
            .strip_prefix("ws://")
            .ok_or("the URL must begin with ws://")?;
        Ok(rest.trim_end_matches('/'))
    }
}

/// The part of the run that is measured: after the warm-up, for the seconds asked.
pub(crate) struct Window {
    opens: Instant,
    before: u64,
    messages: u64,
    cpu: f64,
    opened: Option<Instant>,
    started: f64,
    ended: Option<f64>,
}

impl Window {
    pub(crate) fn after(warmup: Duration) -> Self {
        Self {
            opens: Instant::now() + warmup,
            before: 0,
            messages: 0,
            cpu: 0.0,
            opened: None,
            started: 0.0,
            ended: None,
        }
    }

    pub(crate) fn closed(&self) -> bool {
        self.ended.is_some()
    }

    /// Opens or closes the window if it is time.
    pub(crate) fn advance(&mut self, length: Duration, received: u64) -> Result<(), Failure> {
        let now = Instant::now();
        match self.opened {
            None if now >= self.opens => {
                self.opened = Some(now);
                self.started = monotonic_seconds()?;
                self.before = received;
                self.cpu = cpu_seconds()?;
            }
            Some(opened) if !self.closed() && now >= opened + length => {
                self.ended = Some(monotonic_seconds()?);
                self.messages = received - self.before;
                self.cpu = cpu_seconds()? - self.cpu;
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn report(&self, total: u64) -> serde_json::Value {
        let ended = self.ended.unwrap_or(self.started);
        serde_json::json!({
            "messages": self.messages,
            "cpu_s": self.cpu,
            "wall_s": ended - self.started,
            "started": self.started,
            "ended": ended,
            "total": total,
        })
    }
}

#[expect(unsafe_code, reason = "std does not tell the CPU time of this process")]
fn cpu_seconds() -> Result<f64, Failure> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: the pointer is valid for writes of one `rusage`; the call fills it when it returns 0.
    let usage = unsafe {
        if libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) != 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        usage.assume_init()
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Ok(seconds(usage.ru_utime) + seconds(usage.ru_stime))
}

/// The clock that all processes share; `Instant` does not show its value.
#[expect(
    unsafe_code,
    reason = "std hides the absolute value of the monotonic clock"
)]
fn monotonic_seconds() -> Result<f64, Failure> {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is valid for writes of one `timespec`.
    if unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) } != 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    Ok(now.tv_sec as f64 + now.tv_nsec as f64 / 1e9)
}
