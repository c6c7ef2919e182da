//! What an open TLS connection costs rustls itself, with nothing around it.
//!
//! ```text
//! cargo bench --no-default-features --bench rustls_idle -- HOST:PORT CONNS CA.pem
//! ```
//!
//! One blocking socket and one `ClientConnection` each, upgraded to a WebSocket and then left. Prints the
//! resident KiB of one; `bench/connections.py` shows them beside those of the product.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

type Failure = Box<dyn std::error::Error>;
type Tls = StreamOwned<ClientConnection, TcpStream>;

const WARM: usize = 10;
const UPGRADE: &[u8] =
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let (Some(address), Some(conns), Some(ca)) = (words.next(), words.next(), words.next()) else {
        // `cargo bench` without arguments builds it and asks for nothing.
        return Ok(());
    };
    let conns: usize = conns.parse()?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca)?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    let mut held = connect(&address, &config, WARM)?;
    let before = resident_kib()?;
    held.extend(connect(&address, &config, conns)?);
    let kib = (resident_kib()? - before) / conns as f64;
    writeln!(std::io::stdout(), "{kib:.2}")?;
    drop(held);
    Ok(())
}

fn connect(address: &str, config: &Arc<ClientConfig>, conns: usize) -> Result<Vec<Tls>, Failure> {
    (0..conns)
        .map(|_| {
            let session = ClientConnection::new(config.clone(), "127.0.0.1".try_into()?)?;
            let mut stream = StreamOwned::new(session, TcpStream::connect(address)?);
            stream.write_all(UPGRADE)?;
            let mut answer = [0; 1024];
            let read = stream.read(&mut answer)?;
            if !answer[..read].starts_with(b"HTTP/1.1 101") {
                return Err("the target did not upgrade".into());
            }
            Ok(stream)
        })
        .collect()
}

fn resident_kib() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kib.ok_or("no VmRSS line")?.parse()?)
}
