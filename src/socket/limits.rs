//! What this machine has run out of, and the command that gives more of it.

use rustix::process::{Resource, getrlimit};

/// Whether no file can be opened any more.
pub(super) fn is_out_of_files() -> bool {
    let refused = std::fs::File::open("/dev/null").err();
    let code = refused.and_then(|error| error.raw_os_error());
    matches!(code, Some(libc::EMFILE | libc::ENFILE))
}

/// What to do when no file can be opened.
pub(super) fn files_hint() -> String {
    let limit = getrlimit(Resource::Nofile);
    let say = |limit: Option<u64>| limit.map_or_else(|| "unlimited".to_owned(), |n| n.to_string());
    let (soft, hard) = (limit.current, limit.maximum);
    let more = match (soft, hard) {
        (Some(soft), hard) if hard.is_none_or(|hard| soft < hard) => {
            format!("`ulimit -n {}`", say(hard))
        }
        _ => "as root `prlimit --nofile=1048576 k6ws …`".to_owned(),
    };
    format!(
        "no file descriptor is left: this process may have {} (hard limit {}); before the run: {more}",
        say(soft),
        say(hard)
    )
}

/// What to do when no local port is left towards a target.
pub(super) fn ports_hint() -> String {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let range = range.unwrap_or_default();
    let range: Vec<&str> = range.split_whitespace().collect();
    let ports = match range[..] {
        [first, last] => format!("local ports {first} to {last} are"),
        _ => "all local ports are".to_owned(),
    };
    format!(
        "{ports} in use towards this target: `sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"`, or more \
         source addresses with --local-ips"
    )
}
