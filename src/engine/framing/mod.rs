//! Connections whose bytes are cut into messages before anybody is told of them.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`framed`] | the framing of a connection: its driver cuts by it, the script's side may change it |
//! | `cutting` | what its observer has of it: it cuts, until what comes is no message |
//! | `broken` | why such a connection cannot go on, as everything that ends connections says it |

mod broken;
pub(super) mod cutting;
pub mod framed;
