//! The number of files that the process may open.

/// Raises the limit of open files to the largest that the process may set. Many systems start programs with 1,024, because `select` can count no
/// further, and each connection is an open file. A failure is ignored, because the first limit works too, for fewer connections.
#[cfg(unix)]
pub(crate) fn raise_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub(crate) fn raise_limit() {}
