//! A request from its beginning until its answer was taken whole.

use std::sync::Arc;

use http::{Method, Version};

use super::activity::Activity;

/// A request whose answer was not taken whole. Dropping it means that it never will be.
#[derive(Debug)]
pub(super) struct OpenRequest {
    activity: Arc<Activity>,
    pub(super) is_http2: bool,
    pub(super) is_head: bool,
    is_whole: bool,
}

impl OpenRequest {
    pub(super) fn begin(activity: &Arc<Activity>, version: Version, method: &Method) -> Self {
        activity.begin();
        Self {
            activity: Arc::clone(activity),
            is_http2: version == Version::HTTP_2,
            is_head: method == Method::HEAD,
            is_whole: false,
        }
    }

    /// What happens on its connection.
    pub(super) fn activity(&self) -> &Activity {
        &self.activity
    }

    /// The stream has the whole answer.
    pub(super) fn finish(mut self) {
        self.is_whole = true;
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if self.is_whole {
            self.activity.handed_over();
        } else {
            self.activity.torn();
        }
    }
}
