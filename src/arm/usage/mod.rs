//! Who uses which parameter or variable, and what is left without a use.
//!
//! What one string uses, [`super::uses`] says. Never knows why something is taken out. Start at [`orphans()`].

mod declarations;
mod mentions;
mod orphans;
mod use_sites;

pub(super) use declarations::{Declarations, Key, Place};
pub(super) use mentions::Used;
pub use orphans::{Orphan, lost_declaration, orphans};
pub(super) use use_sites::{Changes, visit_uses};
