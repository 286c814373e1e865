pub struct Second(Option<super::first::First>);
