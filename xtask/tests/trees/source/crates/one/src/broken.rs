/// A function without a name.
fn () {}
