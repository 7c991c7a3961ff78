//! A decided lead and its evidence to a packet that others can check.
