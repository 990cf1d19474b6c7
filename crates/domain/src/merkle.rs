//! One signature over many decisions: a Merkle tree as RFC 9162 (Certificate Transparency, section 2.1) builds it.
//! Leaves and nodes are hashed under different prefixes, so that neither can pass for the other.

use crate::journal::Hash;
use sha2::{Digest, Sha256};

/// Before what is hashed. A single decision is hashed without one: its first byte is `{`.
const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];
const BATCH: [u8; 1] = [2];

/// The most decisions under one signature.
pub const MOST_BATCH: usize = 1000;

/// Where one decision stands in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 0.
    pub index: u64,
    /// How many decisions were signed together: 2 to [`MOST_BATCH`].
    pub size: u64,
    /// The hashes that lead from the decision to the root, the nearest first (RFC 9162, section 2.1.3).
    pub path: Vec<Hash>,
}

/// Decisions that one signature covers, by the SHA-256 of their canonical bytes.
#[derive(Debug, Clone)]
pub struct Batch {
    leaves: Vec<Hash>,
}

impl Batch {
    /// None for fewer than two (one decision is signed by itself) and for more than [`MOST_BATCH`].
    pub fn of(decisions: &[Hash]) -> Option<Self> {
        (2..=MOST_BATCH).contains(&decisions.len()).then(|| Self { leaves: decisions.iter().map(leaf).collect() })
    }

    /// What the passkey signs.
    pub fn challenge(&self) -> Hash {
        challenge(&root(&self.leaves), self.leaves.len() as u64)
    }

    /// The place of the decision at `index`, from 0.
    pub fn place(&self, index: usize) -> Option<Place> {
        let mut path = Vec::new();
        let (mut part, mut at) = (self.leaves.get(..)?, index);
        if index >= part.len() {
            return None;
        }
        while part.len() > 1 {
            let (left, right) = part.split_at(split(part.len()));
            let is_left = at < left.len();
            path.push(root(if is_left { right } else { left }));
            at -= if is_left { 0 } else { left.len() };
            part = if is_left { left } else { right };
        }
        path.reverse();
        Some(Place { index: index as u64, size: self.leaves.len() as u64, path })
    }
}

impl Place {
    /// The challenge that was signed if the decision with the hash `decision` stands here. None where there can be no
    /// such place: the steps are those of RFC 9162, section 2.1.3.2.
    pub fn challenge(&self, decision: &Hash) -> Option<Hash> {
        if !(2..=MOST_BATCH as u64).contains(&self.size) || self.index >= self.size {
            return None;
        }
        let (mut index, mut last, mut hash) = (self.index, self.size - 1, leaf(decision));
        for step in &self.path {
            if last == 0 {
                return None;
            }
            if index % 2 == 1 || index == last {
                hash = node(step, &hash);
                while index % 2 == 0 && index != 0 {
                    index /= 2;
                    last /= 2;
                }
            } else {
                hash = node(&hash, step);
            }
            index /= 2;
            last /= 2;
        }
        (last == 0).then(|| challenge(&hash, self.size))
    }
}

fn leaf(decision: &Hash) -> Hash {
    Sha256::new().chain_update(LEAF).chain_update(decision).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update(NODE).chain_update(left).chain_update(right).finalize().into()
}

/// The root alone does not tell how many leaves there are: a path may be read in trees of two sizes.
fn challenge(root: &Hash, size: u64) -> Hash {
    Sha256::new().chain_update(BATCH).chain_update(size.to_be_bytes()).chain_update(root).finalize().into()
}

/// The largest power of two smaller than `count`, which is at least 2.
fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(split(many.len()));
            node(&root(left), &root(right))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions(count: u8) -> Vec<Hash> {
        (0..count).map(|one| [one; 32]).collect()
    }

    #[test]
    fn every_decision_of_every_batch_leads_to_what_was_signed() {
        for size in 2..=40_u8 {
            let all = decisions(size);
            let batch = Batch::of(&all).unwrap();
            for (index, decision) in all.iter().enumerate() {
                let place = batch.place(index).unwrap();
                assert_eq!(place.challenge(decision), Some(batch.challenge()), "{index} of {size}");
            }
            assert_eq!(batch.place(all.len()), None);
        }
    }

    #[test]
    fn another_decision_place_size_or_path_leads_elsewhere() {
        for size in 2..=20_u8 {
            let all = decisions(size);
            let batch = Batch::of(&all).unwrap();
            let signed = Some(batch.challenge());
            for (index, decision) in all.iter().enumerate() {
                let right = batch.place(index).unwrap();
                assert_ne!(right.challenge(&[99; 32]), signed);
                for wrong in (0..=u64::from(size) + 1).filter(|wrong| *wrong != right.index) {
                    assert_ne!(Place { index: wrong, ..right.clone() }.challenge(decision), signed);
                }
                for wrong in (0..=u64::from(size) * 2).filter(|wrong| *wrong != right.size) {
                    assert_ne!(Place { size: wrong, ..right.clone() }.challenge(decision), signed);
                }
                for at in 0..right.path.len() {
                    let mut wrong = right.clone();
                    wrong.path[at][31] ^= 1;
                    assert_ne!(wrong.challenge(decision), signed);
                    wrong.path.remove(at);
                    assert_ne!(wrong.challenge(decision), signed);
                }
                let mut longer = right.clone();
                longer.path.push([0; 32]);
                assert_eq!(longer.challenge(decision), None);
            }
        }
    }

    #[test]
    fn a_batch_is_of_two_or_more() {
        assert!(Batch::of(&decisions(0)).is_none());
        assert!(Batch::of(&decisions(1)).is_none());
        assert!(Batch::of(&vec![[0; 32]; MOST_BATCH + 1]).is_none());
    }
}
