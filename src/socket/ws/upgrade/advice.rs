//! What a refusal with an HTTP status usually means to who asked for a WebSocket.

/// The hint for an answer with this status.
pub(super) fn of_status(status: u16) -> String {
    let meaning = match status {
        200..=299 => "there is a web page at this path, no WebSocket",
        300..=399 => "it sends elsewhere, see the header Location: connect there, or use wss://",
        400 => "it did not understand the request: is a header or a subprotocol missing?",
        401 => "it wants to know who asks: give an Authorization header, a cookie or a token",
        403 => "it does not let us in: are the credentials, a cookie and the Origin header right?",
        404 => "there is nothing at this path",
        405 => "this path takes no WebSocket",
        408 => "it was tired of waiting for the request",
        426 => "it wants another protocol, see the headers Upgrade and Sec-WebSocket-Version",
        429 => "these are too many connections for it: start them more slowly, or raise its limit",
        502..=504 => "a proxy in front has no server, or none that answers in time",
        500..=599 => "the server failed: see its log",
        _ => return format!("the server answered {status}"),
    };
    format!("the server answered {status}: {meaning}")
}
