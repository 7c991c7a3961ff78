//! Social-post sources, one file each.
