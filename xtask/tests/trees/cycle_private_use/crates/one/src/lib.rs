pub mod parent;
