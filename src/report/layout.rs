//! Where the nodes and edges of a picture are drawn: in columns, what is deployed first on the left.
//!
//! One layout serves both sides, so that a node has one place before and after. Knows a graph; never knows a
//! format. Start at [`PictureLayout`].

use crate::migrate::{Fate, Picture};

/// The size of a node, and the gaps between columns and rows.
pub(super) const WIDTH: usize = 216;
pub(super) const HEIGHT: usize = 46;
const GAP: usize = 64;
const ROW: usize = 18;
/// The room around all.
const MARGIN: usize = 16;
/// How often the rows are put in the order of their neighbours.
const SWEEPS: usize = 4;

/// A picture with its places, in pixels.
pub(super) struct PictureLayout {
    pub(super) width: usize,
    pub(super) height: usize,
    /// The upper left corner of each node.
    pub(super) nodes: Vec<(usize, usize)>,
    /// The path of each edge, and its middle.
    pub(super) edges: Vec<(String, usize, usize)>,
}

impl PictureLayout {
    pub(super) fn new(picture: &Picture) -> Self {
        let columns = columns(picture);
        let mut rows: Vec<Vec<usize>> = Vec::new();
        for (node, column) in columns.iter().enumerate() {
            rows.resize(rows.len().max(column + 1), Vec::new());
            if let Some(row) = rows.get_mut(*column) {
                row.push(node);
            }
        }
        rows.retain(|column| !column.is_empty());
        for _ in 0..SWEEPS {
            sort_rows(picture, &mut rows);
        }
        let mut nodes = vec![(0, 0); picture.nodes.len()];
        let tallest = rows.iter().map(Vec::len).max().unwrap_or_default();
        for (column, row) in rows.iter().enumerate() {
            // Short columns are centred.
            let top = (tallest - row.len()) * (HEIGHT + ROW) / 2;
            for (place, node) in row.iter().enumerate() {
                let corner = (
                    MARGIN + column * (WIDTH + GAP),
                    MARGIN + top + place * (HEIGHT + ROW),
                );
                if let Some(node) = nodes.get_mut(*node) {
                    *node = corner;
                }
            }
        }
        let corner = |node: usize| nodes.get(node).copied().unwrap_or_default();
        let edges = picture.edges.iter();
        let edges = edges
            .map(|edge| path(corner(edge.from), corner(edge.to)))
            .collect();
        Self {
            width: 2 * MARGIN + rows.len() * (WIDTH + GAP) - GAP.min(rows.len() * GAP),
            height: 2 * MARGIN + tallest * (HEIGHT + ROW) - ROW.min(tallest * ROW),
            nodes,
            edges,
        }
    }
}

/// The column of each node: one behind the last of what it is deployed after.
fn columns(picture: &Picture) -> Vec<usize> {
    let mut columns = vec![0; picture.nodes.len()];
    // In a circle there is no last column: as many rounds as there are nodes are enough for the rest.
    for _ in 0..picture.nodes.len().min(Picture::MOST_NODES) {
        let mut is_settled = true;
        for edge in &picture.edges {
            let least = columns.get(edge.to).map_or(0, |column: &usize| column + 1);
            let least = least.min(picture.nodes.len().saturating_sub(1));
            if let Some(column) = columns.get_mut(edge.from).filter(|column| **column < least) {
                *column = least;
                is_settled = false;
            }
        }
        if is_settled {
            break;
        }
    }
    columns
}

/// Puts the nodes of each column in the order of the middle of their neighbours.
fn sort_rows(picture: &Picture, rows: &mut [Vec<usize>]) {
    let mut places = vec![0; picture.nodes.len()];
    for row in rows.iter() {
        for (place, node) in row.iter().enumerate() {
            if let Some(known) = places.get_mut(*node) {
                *known = place * 1000 / row.len();
            }
        }
    }
    let place = |node: usize| places.get(node).copied().unwrap_or_default();
    for row in rows {
        row.sort_by_cached_key(|node| {
            let edges = picture.edges.iter();
            let neighbours: Vec<usize> = edges
                .filter_map(|edge| match *node {
                    node if node == edge.from => Some(place(edge.to)),
                    node if node == edge.to => Some(place(edge.from)),
                    _ => None,
                })
                .collect();
            match neighbours.len() {
                0 => place(*node),
                number => neighbours.iter().sum::<usize>() / number,
            }
        });
    }
}

/// A curve from the left side of the later node to the right side of the earlier one.
fn path(from: (usize, usize), to: (usize, usize)) -> (String, usize, usize) {
    let (start, end) = (from.0, to.0 + WIDTH);
    let (first, last) = (from.1 + HEIGHT / 2, to.1 + HEIGHT / 2);
    let bend = (start.abs_diff(end) / 2).max(GAP / 2);
    // In a circle an edge goes back: its bends are beside the nodes.
    let (near, far) = (start as i64 - bend as i64, end + bend);
    // What passes another column bows around the nodes there.
    let bow = if start > end + GAP { HEIGHT } else { 0 };
    let (above, below) = (first + bow, last + bow);
    let tip = end + 7;
    let path = format!("M{start},{first} C{near},{above} {far},{below} {tip},{last}");
    (path, (start + end) / 2, (first + last) / 2 + bow * 3 / 4)
}

/// The sides of a picture, and whether each is after the change: one alone where nothing changes.
pub(super) fn sides(picture: &Picture) -> &'static [(&'static str, bool)] {
    let fates = picture.nodes.iter().map(|node| node.fate);
    let mut fates = fates.chain(picture.edges.iter().map(|edge| edge.fate));
    match fates.any(|fate| fate != Fate::Kept) {
        true => &[("Before", false), ("After", true)],
        false => &[("Unchanged", false)],
    }
}

/// Whether a part of a picture is there on one of the sides.
pub(super) fn is_drawn(fate: Fate, is_after: bool) -> bool {
    fate != if is_after { Fate::Removed } else { Fate::Added }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::{PictureEdge, PictureNode};
    use crate::rules::{Machine, MachineKind, Place};

    fn picture(nodes: usize, edges: &[(usize, usize)]) -> Picture {
        Picture {
            machine: Machine {
                kind: MachineKind::VirtualMachine,
                name: "vm".to_owned(),
                place: Place {
                    source: 0,
                    span: 0..0,
                    path: String::new(),
                },
            },
            nodes: (0..nodes)
                .map(|number| PictureNode {
                    name: number.to_string(),
                    kind: String::new(),
                    fate: Fate::Kept,
                })
                .collect(),
            edges: edges
                .iter()
                .map(|(from, to)| PictureEdge {
                    from: *from,
                    to: *to,
                    fate: Fate::Kept,
                })
                .collect(),
        }
    }

    #[test]
    fn what_is_deployed_later_is_further_right_and_no_two_nodes_share_a_place() {
        let edges = [(1, 0), (2, 1), (3, 1), (3, 2), (4, 0)];
        let layout = PictureLayout::new(&picture(5, &edges));
        for (from, to) in edges {
            assert!(layout.nodes[from].0 > layout.nodes[to].0, "{from} {to}");
        }
        let distinct: std::collections::BTreeSet<_> = layout.nodes.iter().collect();
        assert_eq!(distinct.len(), 5);
        let fits = |node: &(usize, usize)| {
            node.0 + WIDTH <= layout.width && node.1 + HEIGHT <= layout.height
        };
        assert!(layout.nodes.iter().all(fits));
    }

    #[test]
    fn a_circle_and_no_node_at_all_have_a_layout_too() {
        let circle = PictureLayout::new(&picture(3, &[(0, 1), (1, 2), (2, 0)]));
        assert_eq!((circle.nodes.len(), circle.edges.len()), (3, 3));
        assert_eq!(PictureLayout::new(&picture(0, &[])).nodes.len(), 0);
    }
}
