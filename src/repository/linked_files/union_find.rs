//! Which members of a gathering belong together, as disjoint sets.
//!
//! Knows indices only. Start at [`Unions`].

/// The most files that are migrated together; links that would join more are not followed.
const MOST_FILES: usize = 1_000;

/// Sets of members, which are known by their indices.
#[derive(Default)]
pub(super) struct Unions {
    /// A smaller member of the same set, or itself.
    up: Vec<usize>,
    /// The size of the set, where it is its smallest member.
    sizes: Vec<usize>,
}

impl Unions {
    /// Adds a member that belongs to nothing yet.
    pub(super) fn add(&mut self) {
        self.up.push(self.up.len());
        self.sizes.push(1);
    }

    /// The smallest member of the set.
    pub(super) fn of(&self, index: usize) -> usize {
        let mut at = index;
        while let Some(up) = self.up.get(at).copied().filter(|up| *up != at) {
            at = up;
        }
        at
    }

    /// Joins the sets of two members, unless they would be too many together.
    pub(super) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        let (smaller, larger) = (one.min(other), one.max(other));
        let size = |index: usize| self.sizes.get(index).copied().unwrap_or_default();
        let together = size(smaller) + size(larger);
        if smaller == larger || together > MOST_FILES {
            return;
        }
        if let Some(up) = self.up.get_mut(larger) {
            *up = smaller;
        }
        if let Some(size) = self.sizes.get_mut(smaller) {
            *size = together;
        }
    }
}
