mod entry;
pub use entry::Entry;

pub struct Queue(pub u8);
