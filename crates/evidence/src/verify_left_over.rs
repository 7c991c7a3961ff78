//! The last part of verification: files and bytes that the custody log does not speak of.

use crate::captures::UNACKNOWLEDGED;
use crate::custody::{HEAD, TORN};
use crate::custody_read::segment_number;
use crate::inventory::is_part;
use crate::signed_head::{KEY, NEXT, SIGNED};
use crate::verify::Verification;

impl Verification<'_> {
    /// What no entry lists.
    pub(crate) fn left_over(&mut self) {
        const CRASH: &str =
            "if a crash left it, the next command that writes completes it or sets it aside";
        let files = self.files;
        for (file, size) in files.of_folder("captures", UNACKNOWLEDGED) {
            match self.ends.get(file) {
                None if is_part(file) => {}
                None => {
                    let what = format!("no custody entry lists the file; {CRASH}");
                    self.fault("captures", file, "its start", what);
                }
                Some(end) if size > *end => {
                    let what = format!("{} bytes that no custody entry lists; {CRASH}", size - end);
                    self.fault("captures", file, format!("byte {end}"), what);
                }
                Some(_) => {}
            }
            if files.torn(file) > 0 {
                let what = format!(
                    "its last {} bytes are nothing that was encrypted whole; {CRASH}",
                    files.torn(file)
                );
                self.fault("captures", file, "its end", what);
            }
        }
        for (file, _) in files.of_folder("snapshots", "") {
            if !self.snapshots.contains_key(file) && !is_part(file) {
                let what = format!("no custody entry lists it; {CRASH}");
                self.fault("snapshots", file, "the whole file", what);
            }
        }
        for (file, _) in files.of_folder("time", "") {
            if !self.times.contains(file) && !is_part(file) {
                let what = format!("no custody entry lists it; {CRASH}");
                self.fault("time", file, "the whole file", what);
            }
        }
        for (file, _) in files.of_folder("custody", TORN) {
            if segment_number(file).is_none()
                && ![HEAD, SIGNED, NEXT, KEY].contains(&file)
                && !is_part(file)
            {
                self.fault("custody", file, "the whole file", "it does not belong to the log");
            }
        }
    }
}
