//! Which members of a gathering belong together, as disjoint sets.
//!
//! Knows indices only. Start at [`Unions`].

/// The most files that are migrated together. Links that would join more are not followed, and nothing is
/// removed in what they would join.
pub(crate) const MOST_FILES: usize = 1_000;

/// Sets of members, which are known by their indices.
#[derive(Default)]
pub(super) struct Unions {
    /// A smaller member of the same set, or itself.
    up: Vec<usize>,
    /// By the smallest member of a set.
    sets: Vec<Set>,
}

#[derive(Clone, Copy, Default)]
struct Set {
    size: usize,
    /// Whether files were left out that belong to it.
    is_cut: bool,
}

impl Unions {
    /// Adds a member that belongs to nothing yet.
    pub(super) fn add(&mut self) {
        self.up.push(self.up.len());
        self.sets.push(Set {
            size: 1,
            is_cut: false,
        });
    }

    /// The smallest member of the set.
    pub(super) fn of(&mut self, index: usize) -> usize {
        let mut at = index;
        while let Some(up) = self.up.get(at).copied().filter(|up| *up != at) {
            // Halving the path keeps long chains short.
            let above = self.up.get(up).copied().unwrap_or(up);
            if let Some(up) = self.up.get_mut(at) {
                *up = above;
            }
            at = above;
        }
        at
    }

    /// Whether files were left out that belong to the set with this smallest member.
    pub(super) fn is_cut(&self, smallest: usize) -> bool {
        self.sets.get(smallest).is_some_and(|set| set.is_cut)
    }

    /// Joins the sets of two members; if they would be too many together, both are cut.
    pub(super) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        let (smaller, larger) = (one.min(other), one.max(other));
        if smaller == larger {
            return;
        }
        let set = |index: usize| self.sets.get(index).copied().unwrap_or_default();
        let (first, second) = (set(smaller), set(larger));
        let size = first.size + second.size;
        if size > MOST_FILES {
            for set in [smaller, larger] {
                if let Some(set) = self.sets.get_mut(set) {
                    set.is_cut = true;
                }
            }
            return;
        }
        if let Some(up) = self.up.get_mut(larger) {
            *up = smaller;
        }
        if let Some(set) = self.sets.get_mut(smaller) {
            *set = Set {
                size,
                is_cut: first.is_cut || second.is_cut,
            };
        }
    }
}
