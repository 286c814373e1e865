mod inner {
    mod types {}
}
mod helpers;
