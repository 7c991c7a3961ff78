//! Reads a whole database and tells whether it is what it says.

use crate::engine::Engine;
use crate::keys::Kind;
use crate::state::State;
use crate::{StoreError, values};

/// What the database holds, once every entry was read, understood, counted and summed up, and all
/// that agrees with its own account. It is then exactly what the last batch that it knows of left.
pub(crate) fn prove(engine: &Engine) -> Result<State, StoreError> {
    let said = engine.state()?;
    let mut found = State::default();
    let mut any = false;
    engine.with(|db| {
        for entry in db.iter() {
            let (key, value) = entry.map_err(|error| engine.error(error))?;
            if !values::is_readable(&key, &value) {
                return Err(engine.damaged(format!(
                    "the entry {} does not read back",
                    domain::hex(&key[..key.len().min(16)])
                )));
            }
            if Kind::of(&key) != Some(Kind::State) {
                any = true;
                found.account(&key, None, Some(&value));
            }
        }
        Ok(())
    })?;
    match said {
        Some(said) if said.same_content(&found) => Ok(said),
        None if !any => Ok(State::default()),
        Some(_) => Err(engine.damaged("its entries are not those that it counts")),
        None => Err(engine.damaged("it has entries and no account of them")),
    }
}
