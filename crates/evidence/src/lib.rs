//! Captures, snapshots, the custody log, and their verification.
