//! Which of the newest requests are shown.

use std::borrow::Cow;

use url::form_urlencoded;

use crate::recent::RecentRequest;

/// Which requests are shown: those that fulfil every condition. An empty text is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::admin) struct RequestFilter {
    pub(in crate::admin) placement: String,
    pub(in crate::admin) outcome: String,
    /// A source of the request.
    pub(in crate::admin) source: String,
    /// The id of the request, or the group of its beacons.
    pub(in crate::admin) id: String,
}

impl RequestFilter {
    /// Reads the query of the page. Other parameters have no effect.
    pub(in crate::admin) fn of(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let field = match &*name {
                "placement" => &mut filter.placement,
                "outcome" => &mut filter.outcome,
                "source" => &mut filter.source,
                "id" => &mut filter.id,
                _ => continue,
            };
            value.trim().clone_into(field);
        }
        filter
    }

    pub(in crate::admin) fn matches(&self, request: &RecentRequest) -> bool {
        let Some(served) = request.served.get() else { return false };
        let is = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
        let session = served.session.map(|session| Cow::Owned(session.to_string())).unwrap_or_default();
        is(&self.placement, &served.placement)
            && is(&self.outcome, served.outcome.as_str())
            && (is(&self.id, &request.id) || is(&self.id, &session))
            && (self.source.is_empty() || request.lanes.iter().any(|lane| *lane.source == *self.source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_a_form_sends_it() {
        let filter = RequestFilter::of("placement=pre+roll&outcome=&source=%3Ca%3E&id=&other=1");
        let expected =
            RequestFilter { placement: "pre roll".to_owned(), source: "<a>".to_owned(), ..RequestFilter::default() };
        assert_eq!(filter, expected);
    }
}
