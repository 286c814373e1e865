mod fixture;
mod levels;
mod limit;
mod linear;
mod parts;
mod property;
