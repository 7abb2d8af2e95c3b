//! One template of any size. Start at [`Large`].

use crate::chance::Chance;
use crate::resources::{GROUP, Group, Planned, resource};
use crate::template::{HEAD, TAIL};

/// How far back an edge reaches that no nature of things gives, in resources.
const REACH: usize = 1_000;
/// On how many resources the size of one is estimated.
const SAMPLE: usize = 7_000;

/// A template with this much in it.
#[derive(Clone, Copy, Debug)]
pub struct Large {
    /// Resources, the extensions among them.
    pub resources: usize,
    /// Entries of `dependsOn` in all.
    pub edges: usize,
    /// How many have the extension, each on a machine of its own with a script that waits for it; at most
    /// an eighth of the resources.
    pub extensions: usize,
    /// What it is made from.
    pub seed: u64,
}

impl Large {
    /// One of about this many bytes, to a hundredth, with one extension and an edge for each resource.
    pub fn of_bytes(bytes: usize, seed: u64) -> Self {
        let of = |resources| Self {
            resources,
            edges: resources,
            extensions: 1,
            seed,
        };
        let sample = of(SAMPLE).text().len();
        of((bytes * SAMPLE).div_ceil(sample))
    }

    /// Its text.
    pub fn text(self) -> String {
        let mut chance = Chance::new(self.seed);
        let planned = self.planned();
        let mut text = HEAD.to_owned();
        let mut due = 0;
        for (at, one) in planned.iter().enumerate() {
            due += self.edges;
            let mut edges = one.natural_edges();
            edges.truncate(due / planned.len());
            let reach = at.min(REACH);
            while edges.len() < (due / planned.len()).min(reach) {
                let other = planned[at - 1 - chance.below(reach)].id();
                if !edges.contains(&other) {
                    edges.push(other);
                }
            }
            due -= edges.len() * planned.len();
            text.push_str(&resource(one, edges));
            text.push_str(if at + 1 < planned.len() { ",\n" } else { "\n" });
        }
        text.push_str(TAIL);
        text
    }

    /// The resources, in their order.
    fn planned(self) -> Vec<Planned> {
        let groups = self.resources.saturating_sub(self.extensions) / GROUP;
        let extensions = self.extensions.min(groups);
        // One group more, without the extension, for the remainder.
        let resources = (0..=groups).flat_map(|number| {
            // The first is half a step in: what looks for one must not find it at once.
            let until = |number: usize| (number * extensions + groups / 2) / groups.max(1);
            let group = Group {
                number,
                with_extension: number < groups && until(number + 1) > until(number),
            };
            group.resources()
        });
        resources.take(self.resources).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str, word: &str) -> usize {
        text.matches(word).count()
    }

    #[test]
    fn it_has_as_much_as_was_asked_for() {
        for (resources, edges, extensions) in
            [(8, 8, 1), (800, 800, 100), (1_000, 3_000, 1), (100, 0, 0)]
        {
            let text = Large {
                resources,
                edges,
                extensions,
                seed: 1,
            }
            .text();
            assert_eq!(counts(&text, "\"apiVersion\""), resources);
            assert_eq!(counts(&text, "\"Microsoft.ManagedIdentity\""), extensions);
            assert!(
                counts(&text, "        \"[resourceId(").abs_diff(edges) <= 3,
                "{edges}"
            );
        }
    }

    #[test]
    fn the_size_is_right_to_a_hundredth() {
        let size = Large::of_bytes(3_000_000, 1).text().len();
        assert!(size.abs_diff(3_000_000) < 30_000, "{size}");
    }
}
