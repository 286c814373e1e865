pub mod wire;

pub struct Order;

#[cfg(unix)]
pub struct Signal;
#[cfg(not(unix))]
pub struct Signal;

macro_rules! closed {
    (enum $name:ident) => {
        pub enum $name {}
    };
}
closed!(enum Kind);

#[cfg(test)]
mod tests {
    struct Ad;
}
