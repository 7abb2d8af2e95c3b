//! The order of what depends on each other. Start at [`in_order`].

use std::collections::{BTreeSet, HashMap, VecDeque};

/// The nodes, each behind those that it has edges to; without those on a circle, and those with a way to one.
pub(super) fn in_order(
    nodes: &BTreeSet<usize>,
    edges: impl Iterator<Item = (usize, usize)>,
) -> Vec<usize> {
    let mut count: HashMap<usize, usize> = HashMap::new();
    let mut back: HashMap<usize, Vec<usize>> = HashMap::new();
    for (from, to) in edges.filter(|(from, to)| nodes.contains(from) && nodes.contains(to)) {
        *count.entry(from).or_default() += 1;
        back.entry(to).or_default().push(from);
    }
    let free = nodes.iter().filter(|node| !count.contains_key(node));
    let mut open: VecDeque<usize> = free.copied().collect();
    let mut order = Vec::new();
    while let Some(at) = open.pop_front() {
        order.push(at);
        for from in back.remove(&at).unwrap_or_default() {
            let left = count.entry(from).or_default();
            *left -= 1;
            open.extend((*left == 0).then_some(from));
        }
    }
    order
}
