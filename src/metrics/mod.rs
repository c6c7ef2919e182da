//! Numbers and what they mean.
