//! Job-ad sources, one file each.
