//! One root over many digests, and the way from each of them to it, so that one token proves each
//! file alone. A step is the SHA-256 of the byte 01, the left digest and the right one; a digest
//! without a partner goes up as it is.

use domain::Sha256;
use serde::{Deserialize, Serialize};

/// What stands beside a digest on its way to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Beside {
    /// It stands left of what one has.
    Left(Sha256),
    /// It stands right of it.
    Right(Sha256),
}

fn joined(left: &Sha256, right: &Sha256) -> Sha256 {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    Sha256::of(&bytes)
}

/// The root over these digests, in their order, and the way of each. `None` of none.
pub(crate) fn tree(leaves: &[Sha256]) -> Option<(Sha256, Vec<Vec<Beside>>)> {
    let mut ways = vec![Vec::new(); leaves.len()];
    let mut row: Vec<(Sha256, Vec<usize>)> =
        leaves.iter().enumerate().map(|(index, leaf)| (*leaf, vec![index])).collect();
    while row.len() > 1 {
        let mut above = Vec::with_capacity(row.len().div_ceil(2));
        let mut pairs = row.into_iter();
        while let Some((left, mut below)) = pairs.next() {
            let Some((right, of_right)) = pairs.next() else {
                above.push((left, below));
                break;
            };
            below.iter().for_each(|leaf| ways[*leaf].push(Beside::Right(right)));
            of_right.iter().for_each(|leaf| ways[*leaf].push(Beside::Left(left)));
            below.extend(of_right);
            above.push((joined(&left, &right), below));
        }
        row = above;
    }
    row.pop().map(|(root, _)| (root, ways))
}

/// Where the way leads.
pub(crate) fn root_of(leaf: Sha256, way: &[Beside]) -> Sha256 {
    way.iter().fold(leaf, |at, beside| match beside {
        Beside::Left(left) => joined(left, &at),
        Beside::Right(right) => joined(&at, right),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_leads_to_the_root_and_no_other_digest_does() {
        for count in [1_usize, 2, 3, 4, 5, 8, 13, 100] {
            let leaves: Vec<Sha256> = (0..count).map(|n| Sha256::of(&n.to_le_bytes())).collect();
            let (root, ways) = tree(&leaves).unwrap();
            for (leaf, way) in leaves.iter().zip(&ways) {
                assert_eq!(root_of(*leaf, way), root, "of {count}");
                assert_ne!(root_of(Sha256::of(b"another"), way), root);
            }
        }
        assert_eq!(tree(&[]), None);
    }
}
