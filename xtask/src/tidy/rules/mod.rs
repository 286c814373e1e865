//! One rule per file. Each returns its findings and does not depend on other rules.

pub mod architecture;
pub mod banned_name;
pub mod broken_link;
pub mod crate_edge;
pub mod doubled_name;
pub mod folder_cycle;
pub mod long_file;
pub mod machine_path;
pub mod module_cycle;
pub mod root_import;
