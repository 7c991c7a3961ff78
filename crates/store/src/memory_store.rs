use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::StoreError;
use crate::index::{Index, Records, Writes};

/// An index in memory, with the same contract; for tests and for trying things out.
pub type MemoryStore = Index<MemoryRecords>;

/// Records in memory.
#[derive(Default)]
pub struct MemoryRecords(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl MemoryRecords {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records for MemoryRecords {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().get(key).cloned())
    }

    fn scan(
        &self,
        prefix: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let records = self.lock().clone();
        for (key, value) in records.range(prefix.to_vec()..) {
            if !key.starts_with(prefix) || !visit(key, value)? {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, writes: Writes) -> Result<(), StoreError> {
        let mut records = self.lock();
        for (key, value) in writes {
            match value {
                Some(value) => records.insert(key, value),
                None => records.remove(&key),
            };
        }
        Ok(())
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
