//! The request that a call is given.

use std::borrow::Cow;
use std::sync::Arc;

use super::ad_request::AdRequest;

/// The [`AdRequest`] of a call: borrowed, owned or shared. A borrowed one is copied. A shared one is neither copied nor moved, which is best for
/// hosts with many requests, because it is large.
#[derive(Debug)]
pub struct GivenRequest<'r>(RequestForm<'r>);

#[derive(Debug)]
enum RequestForm<'r> {
    Borrowed(&'r AdRequest),
    Shared(Arc<AdRequest>),
}

impl GivenRequest<'_> {
    /// The request, completed with `configured` ([`AdRequest::or`]) if that has anything (`is_set`).
    pub(crate) fn completed(self, configured: &Arc<AdRequest>, is_set: bool) -> Arc<AdRequest> {
        if !is_set {
            return self.shared();
        }
        match self.get().or(configured) {
            Cow::Borrowed(chosen) if std::ptr::eq(chosen, &**configured) => Arc::clone(configured),
            Cow::Borrowed(_) => self.shared(),
            Cow::Owned(completed) => Arc::new(completed),
        }
    }

    fn get(&self) -> &AdRequest {
        match &self.0 {
            RequestForm::Borrowed(request) => request,
            RequestForm::Shared(request) => request,
        }
    }

    fn shared(self) -> Arc<AdRequest> {
        match self.0 {
            RequestForm::Borrowed(request) => Arc::new(request.clone()),
            RequestForm::Shared(request) => request,
        }
    }
}

impl<'r> From<&'r AdRequest> for GivenRequest<'r> {
    fn from(request: &'r AdRequest) -> Self {
        Self(RequestForm::Borrowed(request))
    }
}

impl From<AdRequest> for GivenRequest<'_> {
    fn from(request: AdRequest) -> Self {
        Self(RequestForm::Shared(Arc::new(request)))
    }
}

impl From<Arc<AdRequest>> for GivenRequest<'_> {
    fn from(request: Arc<AdRequest>) -> Self {
        Self(RequestForm::Shared(request))
    }
}

impl<'r> From<Cow<'r, AdRequest>> for GivenRequest<'r> {
    fn from(request: Cow<'r, AdRequest>) -> Self {
        match request {
            Cow::Borrowed(request) => request.into(),
            Cow::Owned(request) => request.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_request_is_used_as_it_is_and_completed_with_what_is_configured() {
        let seeded =
            |seed, key: Option<&str>| AdRequest { seed, split_key: key.map(str::to_owned), ..AdRequest::default() };
        let (configured, given) = (Arc::new(seeded(Some(1), None)), Arc::new(seeded(None, Some("k"))));
        let unset = Arc::<AdRequest>::default();
        assert!(Arc::ptr_eq(&GivenRequest::from(Arc::clone(&given)).completed(&unset, false), &given));
        assert!(Arc::ptr_eq(&GivenRequest::from(Arc::clone(&unset)).completed(&configured, true), &configured));
        let both = seeded(Some(1), Some("k"));
        for request in [GivenRequest::from(&*given), (*given).clone().into(), Cow::Borrowed(&*given).into()] {
            assert_eq!(*request.completed(&configured, true), both);
        }
        assert_eq!(*GivenRequest::from(&*given).completed(&unset, false), *given);
    }
}
