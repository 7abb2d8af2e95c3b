//! Moves Azure template repositories off the managed identity VM extension and onto IMDS.

pub mod arm;
pub mod json;
pub mod migrate;
pub mod report;
pub mod rules;
pub mod text;
pub mod workspace;
