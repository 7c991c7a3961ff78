//! The contract of a collector, the polite client that is the only code which dials out, and the
//! collectors that read files.

mod contract;

pub use contract::{
    CaptureSink, Collector, FetchRefusal, Fetched, KeepError, Page, Reading, Request, Scan,
    ScanError, Validators, Web,
};
