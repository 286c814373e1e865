mod facade;
mod user;
