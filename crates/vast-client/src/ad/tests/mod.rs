mod fixture;
mod flatten;
mod levels;
mod limit;
mod linear;
mod parts;
mod property;
mod urls;
