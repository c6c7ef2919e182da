//! A dial from its name to its stream over a scripted network: who is asked for what, and what is said first. How its
//! phases follow and end is in `phases`. The clock is paused.

use std::net::IpAddr;

use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::socket::dial::dns::{DnsOptions, Policy, Select};
use crate::socket::dial::options::Patience;
use crate::socket::dial::phases::Spans;
use crate::socket::dial::proxy::header::ProxyProtocol;
use crate::socket::dial::routes::NetworkOptions;
use crate::socket::dial::system::System;
use crate::socket::dial::system::scripted::{Door, Network};
use crate::socket::tls::Roots;

mod given_up;
mod phases;
mod proxied;

const MS: Duration = Duration::from_millis(1);
const NOW: Duration = Duration::ZERO;
/// Longer than anything here takes: no time at all, with the clock paused.
const FOREVER: Duration = Duration::from_secs(3600);

/// Where `a.example` leads in most of these tests, and both ends of the first connection to it.
const PEER: &str = "192.0.2.1:80";
const ENDS: &str = "192.0.2.100:50000->192.0.2.1:80";

const BLOCKED: &str = "blockHostnames of this run forbids it";

/// A dial that is about to be made.
struct Dial {
    target: Target,
    options: SocketOptions,
    network: NetworkOptions,
    tls: TlsSettings,
    traffic: Arc<Traffic>,
}

/// What it came to.
struct Dialled {
    result: Result<Stream, SocketError>,
    reached: Reached,
    spans: Spans,
}

fn target(host: &str, port: u16) -> Target {
    Target {
        is_tls: false,
        host: host.into(),
        port,
    }
}

impl Dial {
    /// Of `a.example`, plain, in a run that takes addresses as they come.
    fn new() -> Self {
        let dns = DnsOptions {
            select: Select::First,
            policy: Policy::Any,
            ..DnsOptions::default()
        };
        Self {
            target: target("a.example", 80),
            options: SocketOptions::default(),
            network: NetworkOptions {
                dns,
                ..NetworkOptions::default()
            },
            tls: TlsSettings::default(),
            traffic: Arc::default(),
        }
    }

    /// With TLS, where this certificate is trusted.
    fn trusting(mut self, certificate: &Certificate) -> Self {
        self.target.is_tls = true;
        let roots = Roots::read(std::slice::from_ref(&certificate.pem)).unwrap();
        self.tls.roots = Some(Arc::new(roots));
        self
    }

    fn within(mut self, patience: Patience) -> Self {
        self.options.patience = patience;
        self
    }

    fn through(mut self, proxy: &str) -> Self {
        let proxy = Arc::new(Proxy::parse(proxy).unwrap());
        self.options.proxy = ProxyChoice::Through(proxy);
        self
    }

    async fn over(self, network: &Arc<Network>) -> Dialled {
        let mut reached = Reached::new(&self.target);
        let routes = routes(network, &self.network);
        let dialer = Dialer::default();
        let dialling = dialer.dial(
            &self.target,
            Some(&routes),
            &self.tls,
            &self.options,
            self.traffic.clone(),
            &mut reached,
        );
        let result = tokio::time::timeout(FOREVER, dialling).await;
        let result = result.expect("a dial that has no end");
        let spans = reached.spans();
        Dialled {
            result,
            reached,
            spans,
        }
    }

    /// The error that it fails with.
    async fn refused_by(self, network: &Arc<Network>) -> SocketError {
        self.over(network).await.result.unwrap_err()
    }
}

fn routes(network: &Arc<Network>, options: &NetworkOptions) -> Routes {
    Routes::over(System::Scripted(network.clone()), options.clone())
}

fn error(phase: Phase, cause: Cause, text: &str, hint: &'static str) -> SocketError {
    SocketError::new(phase, cause, text).with_hint(hint)
}

/// A certificate of `a.example` that signs itself.
struct Certificate {
    pem: String,
    config: Arc<ServerConfig>,
}

impl Certificate {
    fn new() -> Self {
        Self::of("a.example")
    }

    fn of(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .unwrap();
        Self {
            pem: made.cert.pem(),
            config: Arc::new(config),
        }
    }

    /// A server that shows it, after this time; then it stays.
    fn shown_after(&self, after: Duration) -> Door {
        let config = self.config.clone();
        Door::opens(move |stream| {
            let acceptor = TlsAcceptor::from(config.clone());
            async move {
                tokio::time::sleep(after).await;
                let stream = acceptor.accept(stream).await;
                std::future::pending::<()>().await;
                drop(stream);
            }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_blocked_is_not_asked_for_and_a_forbidden_address_not_connected_to() {
    use crate::socket::hosts::{HostPattern, Network as Range};

    let network = Arc::new(Network::new().name("a.example", NOW, Ok(&["192.0.2.1"])));
    let mut dial = Dial::new();
    let pattern = HostPattern::parse("*.example").unwrap();
    dial.network.hosts.blocked = vec![pattern];
    let refused = dial.refused_by(&network).await;
    let text = "hostname (a.example) is in a blocked pattern (*.example)";
    assert_eq!(
        refused,
        error(Phase::Resolve, Cause::BlockedHost, text, BLOCKED)
    );
    assert!(network.journal().is_empty(), "nobody was asked");

    let mut dial = Dial::new();
    let range = Range::parse("192.0.2.0/24").unwrap();
    dial.network.hosts.blacklisted = vec![range];
    let refused = dial.refused_by(&network).await;
    let text = "IP (192.0.2.1) is in a blacklisted range (192.0.2.0/24)";
    let hint = "blacklistIPs of this run forbids it";
    assert_eq!(
        refused,
        error(Phase::Resolve, Cause::BlacklistedIp, text, hint)
    );
    assert_eq!(network.journal(), ["0 ms: lookup a.example"]);
}

#[tokio::test(start_paused = true)]
async fn a_host_of_the_options_needs_no_resolver() {
    use crate::socket::hosts::{HostPattern, HostTarget};

    let network = Arc::new(Network::new().at("192.0.2.9:90", NOW, Door::says(b"")));
    let mut dial = Dial::new();
    dial.network.hosts.hosts = vec![(
        HostPattern::parse("a.example").unwrap(),
        HostTarget::parse("192.0.2.9:90").unwrap(),
    )];
    let dialled = dial.over(&network).await;
    assert!(dialled.result.is_ok());
    assert_eq!(network.journal(), ["0 ms: connect 192.0.2.9:90"]);
    assert_eq!(dialled.reached.ends, "192.0.2.100:50000->192.0.2.9:90");
}

#[tokio::test(start_paused = true)]
async fn the_addresses_of_a_connection_come_before_those_of_the_run() {
    let network = Network::new()
        .name("a.example", NOW, Ok(&["192.0.2.1"]))
        .at(PEER, NOW, Door::says(b""));
    let network = Arc::new(network);
    for own in [None, Some("10.0.0.9")] {
        let mut dial = Dial::new();
        dial.network.local = LocalAddresses::parse("10.0.0.1").ok();
        dial.options.local_addresses = own.map(Into::into);
        assert!(dial.over(&network).await.result.is_ok());
    }
    let mut journal = network.journal();
    journal.retain(|line| line.contains("connect"));
    assert_eq!(
        journal,
        [
            "0 ms: connect 192.0.2.1:80 from 10.0.0.1",
            "0 ms: connect 192.0.2.1:80 from 10.0.0.9",
        ]
    );

    let mut dial = Dial::new();
    dial.options.local_addresses = Some("nonsense".into());
    let refused = dial.refused_by(&network).await;
    let text = "\"nonsense\" is no IP address, range or network";
    assert_eq!(refused, error(Phase::Connect, Cause::Io, text, ""));
}

/// A peer that tells what it was told first, up to so many bytes, and then stays.
fn hears(bytes: usize) -> (Door, tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>) {
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let door = Door::opens(move |mut stream: UnixStream| {
        let tell = tell.clone();
        async move {
            let mut heard = vec![0; bytes];
            stream.read_exact(&mut heard).await.unwrap();
            tell.send(heard).unwrap();
            std::future::pending::<()>().await;
        }
    });
    (door, told)
}

#[tokio::test(start_paused = true)]
async fn the_header_of_the_proxy_protocol_is_the_first_thing_said_and_counts() {
    let header = b"PROXY TCP4 192.0.2.100 192.0.2.1 50000 80\r\n";
    let (door, mut told) = hears(header.len() + 1);
    let network = Network::new()
        .name("a.example", NOW, Ok(&["192.0.2.1"]))
        .at(PEER, NOW, door);
    let mut dial = Dial::new().within(Patience {
        tls: Some(MS),
        ..Patience::default()
    });
    dial.target.is_tls = true;
    dial.tls.insecure_skip_verify = true;
    dial.options.proxy_protocol = Some(ProxyProtocol::V1);
    let traffic = dial.traffic.clone();
    let refused = dial.refused_by(&Arc::new(network)).await;
    assert_eq!(refused.cause, Cause::TlsTimeout);
    let heard = told.recv().await.unwrap();
    let (first, then) = heard.split_at(header.len());
    assert_eq!(
        first.escape_ascii().to_string(),
        header.escape_ascii().to_string()
    );
    assert_eq!(then, [0x16], "then a record of a TLS handshake");
    let (sent, received) = traffic.take();
    assert!(sent > header.len() as u64, "{sent}");
    assert_eq!(received, 0);
}

#[tokio::test(start_paused = true)]
async fn a_unix_socket_is_dialled_without_names_and_its_certificate_is_for_localhost() {
    let certificate = Certificate::of("localhost");
    let network = Network::new().at("/run/a.sock", 20 * MS, certificate.shown_after(5 * MS));
    let network = Arc::new(network);
    let mut dial = Dial::new().trusting(&certificate);
    dial.target.host = "/run/a.sock".into();
    let dialled = dial.over(&network).await;
    assert!(matches!(dialled.result, Ok(Stream::Tls(_))));
    assert_eq!(network.journal(), ["0 ms: connect /run/a.sock"]);
    assert_eq!(dialled.spans.connect, Some(20 * MS));
    assert_eq!(dialled.spans.tls, Some(5 * MS));
    assert_eq!(dialled.reached.resolved, None);
}

#[tokio::test(start_paused = true)]
async fn no_proxy_leads_to_a_unix_socket() {
    let network = Arc::new(Network::new());
    let mut dial = Dial::new().through("http://proxy.example:3128");
    dial.target.host = "/run/a.sock".into();
    let text = "dial unix /run/a.sock: no proxy leads to a unix socket";
    let expected = error(Phase::Connect, Cause::Proxy, text, "");
    assert_eq!(dial.refused_by(&network).await, expected);
    assert!(network.journal().is_empty());
}
