//! The one place where the stages are joined; counts every outcome.
