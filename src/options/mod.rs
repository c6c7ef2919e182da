//! What the user asked for, made valid once.
