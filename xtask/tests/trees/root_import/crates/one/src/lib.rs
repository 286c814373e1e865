mod house;
mod street;

pub use house::House;

pub struct Town;
