use crate::{House, Town};

pub struct Street(Vec<House>, Town);

fn first(street: &Street) -> &crate::House {
    street.0.first().unwrap_or(&crate::house::House)
}
