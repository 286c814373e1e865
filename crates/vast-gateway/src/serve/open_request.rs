//! A request from its beginning until its answer was taken whole.

use std::sync::Arc;

use http::{Method, Version};

use super::activity::Activity;

/// A request whose answer was not taken whole. Dropping it means that its answer will never be taken whole.
#[derive(Debug)]
pub(super) struct OpenRequest {
    activity: Arc<Activity>,
    pub(super) is_http2: bool,
    pub(super) is_head: bool,
    is_ready: bool,
    is_whole: bool,
    /// The bytes of its answer that are in memory. A `u32`, so that a request that waits takes little room.
    bytes: u32,
}

impl OpenRequest {
    pub(super) fn begin(activity: &Arc<Activity>, version: Version, method: &Method) -> Self {
        activity.begin();
        Self {
            activity: Arc::clone(activity),
            is_http2: version == Version::HTTP_2,
            is_head: method == Method::HEAD,
            is_ready: false,
            is_whole: false,
            bytes: 0,
        }
    }

    /// Its answer is ready and has a body of this many bytes.
    pub(super) fn ready(&mut self, bytes: u64) {
        self.is_ready = true;
        self.bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.activity.ready(self.bytes, self.is_http2);
    }

    /// The stream has the whole answer.
    pub(super) fn finish(mut self) {
        self.is_whole = true;
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if self.is_ready {
            self.activity.dropped(self.bytes);
        } else {
            self.activity.cancelled();
        }
        if self.is_whole {
            self.activity.handed_over();
        } else {
            self.activity.torn();
        }
    }
}
