use super::second::Second;

pub struct First(Box<Second>);
