//! Room in memory for answers that are not small. Hundreds of hosts are asked at once, and a hostile
//! one answers as much as it may: what all of them together hold must not grow with their number.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// An answer up to this size, as received and unpacked, needs no room: so much every host may have.
pub(crate) const SMALL: usize = 128 * 1024;

/// The rooms of a client.
#[derive(Clone, Debug)]
pub(crate) struct Rooms(Arc<Semaphore>);

impl Rooms {
    /// So many answers that are not small are held at once; others wait for them to be done with.
    pub(crate) fn new(large_answers: usize) -> Self {
        Self(Arc::new(Semaphore::new(large_answers.max(1))))
    }

    /// Waits for room, if there is none yet.
    pub(crate) async fn enter(&self, room: &mut Option<Room>) {
        if room.is_none()
            && let Ok(permit) = self.0.clone().acquire_owned().await
        {
            *room = Some(Room { _permit: permit });
        }
    }
}

/// The room that a large answer takes up until it is dropped.
#[derive(Debug)]
pub struct Room {
    _permit: OwnedSemaphorePermit,
}

/// Which one it is makes no difference.
impl PartialEq for Room {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}
