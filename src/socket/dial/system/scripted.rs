//! A network that a test writes: which names it knows, who is at which address, and what they do there.
//!
//! Nothing of it passes the machine's network, and it waits by tokio's clock alone: with that clock paused, each delay
//! of the script is exact and takes no time. What passes a connection passes a pair of sockets, so that whatever is
//! above reads and writes as always. A journal says what was asked, when, and which of it nobody waited for any more.
//!
//! ```ignore
//! let network = Network::new()
//!     .name("a.example", 30 * MS, Ok(&["::1", "127.0.0.1"]))
//!     .at("[::1]:80", Duration::ZERO, Door::Silent)
//!     .at("127.0.0.1:80", 5 * MS, Door::says(b"hello"));
//! let routes = Routes::over(System::Scripted(Arc::new(network)), NetworkOptions::default());
//! ```

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::clock::{self, Instant};
use crate::socket::stream::Wire;

/// From where connections come, unless somebody says so; each has a port of its own, from this one on.
const OURS: [&str; 2] = ["192.0.2.100", "2001:db8::100"];
const FIRST_PORT: u16 = 50_000;

/// What stands behind an address or a path.
#[derive(Clone)]
pub(crate) enum Door {
    /// Nobody answers, ever.
    Silent,
    /// The system says this error, by its number.
    Fails(i32),
    /// It opens, and this is what the peer does then.
    Opens(Arc<dyn Fn(UnixStream) -> Doing + Send + Sync>),
}

/// What a peer does; its end of the connection is closed when it has done it.
type Doing = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Door {
    /// Nobody listens.
    pub(crate) const REFUSES: Self = Self::Fails(libc::ECONNREFUSED);

    /// It opens to a peer that does this.
    pub(crate) fn opens<F>(to: impl Fn(UnixStream) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::Opens(Arc::new(move |stream| Box::pin(to(stream))))
    }

    /// The peer says this, then nothing, and stays.
    pub(crate) fn says(bytes: &'static [u8]) -> Self {
        Self::opens(async |mut stream| {
            stream.write_all(bytes).await.unwrap();
            std::future::pending::<()>().await;
        })
    }

    /// The peer ends the connection when it has read what it is told first.
    pub(crate) fn ends() -> Self {
        Self::opens(async |mut stream: UnixStream| {
            let mut heard = Vec::with_capacity(64 * 1024);
            stream.read_buf(&mut heard).await.unwrap();
        })
    }

    /// The peer resets the connection when it is told something, which it does not read.
    pub(crate) fn resets() -> Self {
        Self::opens(async |stream: UnixStream| stream.readable().await.unwrap())
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("Silent"),
            Self::Fails(number) => write!(f, "Fails({number})"),
            Self::Opens(_) => f.write_str("Opens"),
        }
    }
}

/// What is known of a name: addresses, or what the system says instead; nothing if the resolver is silent.
type Answer = Option<Result<Vec<IpAddr>, &'static str>>;

/// The script, and what was asked of it.
#[derive(Debug)]
pub(crate) struct Network {
    names: HashMap<&'static str, (Duration, Answer)>,
    /// Those of one address follow one another; the last one stays.
    doors: HashMap<&'static str, VecDeque<(Duration, Door)>>,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    journal: Vec<String>,
    /// How often each door was asked for.
    asked: HashMap<String, usize>,
    opened: u16,
}

impl Network {
    /// A network in which there is nobody; its clock begins now.
    pub(crate) fn new() -> Self {
        Self {
            names: HashMap::new(),
            doors: HashMap::new(),
            began: clock::now(),
            state: Mutex::default(),
        }
    }

    /// The resolver answers so, after this time.
    pub(crate) fn name(
        mut self,
        host: &'static str,
        after: Duration,
        answer: Result<&[&str], &'static str>,
    ) -> Self {
        let parsed = |ips: &[&str]| ips.iter().map(|ip| ip.parse().unwrap()).collect();
        self.names.insert(host, (after, Some(answer.map(parsed))));
        self
    }

    /// The resolver never answers for this name.
    pub(crate) fn silent_name(mut self, host: &'static str) -> Self {
        self.names.insert(host, (Duration::ZERO, None));
        self
    }

    /// Who asks for this address, or path, finds this after that time; asked again, what was said next.
    pub(crate) fn at(mut self, place: &'static str, after: Duration, door: Door) -> Self {
        self.doors
            .entry(place)
            .or_default()
            .push_back((after, door));
        self
    }

    /// What was asked, each with the time since the beginning: `30 ms: connect [::1]:80`.
    pub(crate) fn journal(&self) -> Vec<String> {
        self.state.lock().unwrap().journal.clone()
    }

    fn note(&self, what: &str) {
        let after = (clock::now() - self.began).as_millis();
        let mut state = self.state.lock().unwrap();
        state.journal.push(format!("{after} ms: {what}"));
    }

    pub(super) async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut asked = Asked::new(self, format!("lookup {host}"));
        let known = self.names.get(host);
        let (after, answer) = known.unwrap_or_else(|| panic!("the script has no name {host}"));
        tokio::time::sleep(*after).await;
        let answer = match answer {
            Some(answer) => answer.clone().map_err(io::Error::other),
            None => std::future::pending().await,
        };
        asked.is_over = true;
        answer
    }

    /// Whether connections may come from this address of ours: not if the script says what stands there instead.
    pub(super) fn bind(&self, local: IpAddr) -> io::Result<()> {
        let doors = self.doors.get(local.to_string().as_str());
        match doors.and_then(VecDeque::front) {
            Some((_, Door::Fails(number))) => Err(io::Error::from_raw_os_error(*number)),
            _ => Ok(()),
        }
    }

    pub(super) async fn connect(
        &self,
        address: SocketAddr,
        local: Option<IpAddr>,
    ) -> io::Result<Wire> {
        let from = local.map(|local| format!(" from {local}"));
        let what = format!("connect {address}{}", from.unwrap_or_default());
        let stream = self.pass(&address.to_string(), what).await?;
        let ours = OURS[usize::from(address.is_ipv6())].parse().unwrap();
        let mut state = self.state.lock().unwrap();
        let ours = SocketAddr::new(local.unwrap_or(ours), FIRST_PORT + state.opened);
        state.opened += 1;
        Ok(Wire::Scripted(stream, Box::new([ours, address])))
    }

    pub(super) async fn connect_unix(&self, place: &str) -> io::Result<Wire> {
        let what = format!("connect {}", place.escape_default());
        self.pass(place, what).await.map(Wire::Unix)
    }

    /// What the door at `place` leads to: our end of a connection whose other end the peer has, who begins now.
    async fn pass(&self, place: &str, what: String) -> io::Result<UnixStream> {
        let mut asked = Asked::new(self, what);
        let (after, door) = self.door(place);
        if !after.is_zero() {
            tokio::time::sleep(after).await;
        }
        let passed = match door {
            Door::Silent => std::future::pending().await,
            Door::Fails(number) => Err(io::Error::from_raw_os_error(number)),
            Door::Opens(peer) => {
                let (ours, theirs) = UnixStream::pair()?;
                tokio::spawn(peer(theirs));
                Ok(ours)
            }
        };
        asked.is_over = true;
        passed
    }

    /// What stands there this time.
    fn door(&self, place: &str) -> (Duration, Door) {
        let doors = self.doors.get(place);
        let doors = doors.unwrap_or_else(|| panic!("the script has nothing at {place}"));
        let mut state = self.state.lock().unwrap();
        let asked = state.asked.entry(place.into()).or_default();
        let turn = (*asked).min(doors.len() - 1);
        *asked += 1;
        doors[turn].clone()
    }
}

/// A question; noted, and noted again if nobody waits for its end.
struct Asked<'a> {
    network: &'a Network,
    what: String,
    is_over: bool,
}

impl<'a> Asked<'a> {
    fn new(network: &'a Network, what: String) -> Self {
        network.note(&what);
        Self {
            network,
            what,
            is_over: false,
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.network.note(&format!("no longer {}", self.what));
        }
    }
}
