//! From contacts and text fingerprints to links between postings; pure.
