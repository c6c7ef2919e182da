//! When iterations start and stop.
