pub use late::Late;

use super::queue::Queue;

pub struct Event(pub Queue);

pub mod late {
    pub struct Late;
}
