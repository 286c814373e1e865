use crate::user;

pub struct Hidden(Option<Box<user::User>>);
