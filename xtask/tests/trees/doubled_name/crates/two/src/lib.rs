pub struct Ad;

enum Kind {}

pub fn sort() {
    struct Order;
}
