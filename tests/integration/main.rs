//! The tests of the library and of the program, as one binary: one link, and one run.

mod bounds_in_guide;
mod command_line;
mod embedded;
mod fixtures;
mod formats;
mod house;
mod imds_double;
mod oracles;
mod pages;
mod plan;
mod promises;
mod readme;
mod renditions;
mod semantics;
mod shell_words;
mod standards;
