pub struct Request;
