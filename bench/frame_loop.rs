//! The product's core without Python: our frame loop, its engine, and a consumer in Rust.
//!
//! ```text
//! cargo bench --no-default-features --bench frame_loop -- URL CONNS IN_FLIGHT SECONDS [WARMUP]
//! ```
//!
//! The same work as `spike.rs`, which does it with tokio-tungstenite: the two together say what the
//! choice of the frame loop costs or gains, and the product beside them what Python adds.

#[path = "load.rs"]
mod load;

use std::io::Write as _;
use std::time::Duration;

use k6ws::engine::Runtime;
use k6ws::engine::runtime::mailbox::{Event, EventKind};
use k6ws::engine::ws::connection::{Connect, Connection};
use k6ws::socket::dial::options::SocketOptions;
use k6ws::socket::dial::target::Target;
use k6ws::socket::tls::TlsSettings;
use k6ws::socket::ws::request::Request;
use k6ws::socket::ws::session::{PaceConfig, WsConfig};
use load::{Failure, Load, Window};

const PAYLOAD: &[u8] = &[b'x'; 64];
const PATIENCE: Duration = Duration::from_secs(10);
const BOUND: usize = 16 << 20;

fn main() -> Result<(), Failure> {
    let Some(load) = Load::from_command_line()? else {
        return Ok(());
    };
    let runtime = Runtime::new()?;
    let connections: Vec<Connection> = (0..load.conns)
        .map(|id| {
            Ok(Connection::open(
                &runtime,
                u32::try_from(id)?,
                connect(&load)?,
            ))
        })
        .collect::<Result<_, Failure>>()?;
    let mut window = Window::after(load.warmup);
    let mut received = 0;
    let mut in_flight = load.in_flight * load.conns as u64;
    while in_flight > 0 {
        runtime.poll(Some(PATIENCE));
        window.advance(load.seconds, received)?;
        runtime.hand_out(|event: &Event, bytes| {
            let connection = &connections[event.receiver as usize];
            let send = |bytes| {
                let sent = connection.send(&runtime, false, bytes);
                sent.map(|_| ()).map_err(|error| format!("{error:?}"))
            };
            match event.kind {
                EventKind::Opened => {
                    for _ in 0..load.in_flight {
                        send(PAYLOAD)?;
                    }
                }
                EventKind::Binary => {
                    received += 1;
                    if window.closed() {
                        in_flight -= 1;
                    } else {
                        send(bytes)?;
                    }
                }
                other => return Err(format!("unexpected event {other:?}")),
            }
            Ok::<(), String>(())
        })?;
    }
    writeln!(std::io::stdout(), "{}", window.report(received))?;
    Ok(())
}

fn connect(load: &Load) -> Result<Connect, Failure> {
    let (host, port) = load
        .address()?
        .rsplit_once(':')
        .ok_or("no port in the URL")?;
    Ok(Connect {
        framing: None,
        conversation: None,
        socket: SocketOptions::default(),
        target: Target {
            is_tls: false,
            host: host.into(),
            port: port.parse()?,
        },
        request: Request {
            path: "/".into(),
            host: load.address()?.into(),
            user_agent: "k6ws-bench".into(),
            headers: Vec::new(),
            compression: None,
        },
        tls: TlsSettings::default(),
        timeout: PATIENCE,
        config: WsConfig {
            max_message_size: BOUND,
            send_timeout: PATIENCE,
            close_timeout: PATIENCE,
            pace: PaceConfig::default(),
            inflate: None,
        },
        compression: (1, 0),
        max_buffered: BOUND,
        context: None,
        labels: None,
    })
}
