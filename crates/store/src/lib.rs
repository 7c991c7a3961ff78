//! The rebuildable index of a desk: leads, queue order, seen keys, checkpoints.
