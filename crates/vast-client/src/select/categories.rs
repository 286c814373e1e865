//! Blocked and required categories of the content.

use vast_xml::model::{BlockedAdCategories, Category};

use super::filter::ParseFilter;
use crate::ad::ResolvedAd;
use crate::error::{Rejection, RejectionReason};

/// Checks that `ad` has a category if the filter requires one, and has no blocked category.
pub(super) fn check(ad: &ResolvedAd, filter: &ParseFilter) -> Result<(), Rejection> {
    let categories = &ad.inline.categories;
    if filter.require_category && categories.is_empty() {
        return Err(Rejection::new(RejectionReason::CategoryMissing, "the ad has no category"));
    }
    let is_unwanted = |category: &&Category| {
        let with_authority = category.authority.as_ref().map(|authority| format!("{authority}:{}", category.value));
        let is_listed = |listed: &String| *listed == *category.value || Some(listed) == with_authority.as_ref();
        filter.blocked_categories.iter().any(is_listed)
    };
    if let Some(category) = categories.iter().find(is_unwanted) {
        let message = format!("category {} is not wanted", category.value);
        return Err(Rejection::new(RejectionReason::CategoryBlocked, message));
    }
    if !filter.check_categories {
        return Ok(());
    }
    for level in &ad.wrappers {
        for blocked in &level.wrapper.blocked_ad_categories {
            if let Some(category) = categories.iter().find(|category| is_blocked(category, blocked)) {
                let by = level.document.hop;
                let message = format!("category {} is blocked by the wrapper in document {by}", category.value);
                return Err(Rejection::new(RejectionReason::CategoryBlocked, message));
            }
        }
    }
    Ok(())
}

/// Whether the category is blocked. A code that is blocked without an authority is blocked for all authorities.
fn is_blocked(category: &Category, blocked: &BlockedAdCategories) -> bool {
    let same_list = match (&blocked.authority, &category.authority) {
        (Some(blocked), Some(own)) => blocked.eq_ignore_ascii_case(own),
        (Some(_), None) => false,
        (None, _) => true,
    };
    same_list && blocked.categories.contains(&category.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error code of an ad with these categories below wrappers with these blocked lists.
    fn code(blocked: &[&str], categories: &str, filter: &ParseFilter) -> Option<u16> {
        let wrapper =
            |parts: &&str| format!("<VAST><Ad><Wrapper><VASTAdTagURI>u</VASTAdTagURI>{parts}</Wrapper></Ad></VAST>");
        let wrappers: Vec<String> = blocked.iter().map(wrapper).collect();
        let wrappers: Vec<&str> = wrappers.iter().map(String::as_str).collect();
        let ad = ResolvedAd::read(1, &format!("<VAST><Ad><InLine>{categories}</InLine></Ad></VAST>"), &wrappers);
        check(&ad, filter).err().map(|rejection| rejection.reason.vast_error_code())
    }

    const IAB25: &str = "<Category authority='iabtechlab.com'>IAB25</Category>";
    const BLOCKS_25: &str = "<BlockedAdCategories authority='iabtechlab.com'>IAB24,IAB25</BlockedAdCategories>";

    #[test]
    fn r097_an_ad_in_a_category_that_a_wrapper_blocks_is_205() {
        let on = ParseFilter::default();
        assert_eq!(code(&["", BLOCKS_25], IAB25, &on), Some(205));
        assert_eq!(code(&[BLOCKS_25, ""], IAB25, &on), Some(205), "whichever wrapper it is");
        let others = [
            ("<BlockedAdCategories authority='iabtechlab.com'>IAB2,IAB251</BlockedAdCategories>", None),
            ("<BlockedAdCategories authority='else.example'>IAB25</BlockedAdCategories>", None),
            ("<BlockedAdCategories>IAB25</BlockedAdCategories>", Some(205)),
            ("", None),
        ];
        for (blocked, expected) in others {
            assert_eq!(code(&[blocked], IAB25, &on), expected, "{blocked}");
        }
        assert_eq!(code(&[BLOCKS_25], "<Category>IAB25</Category>", &on), None, "a code without an authority");
        assert_eq!(code(&[BLOCKS_25], IAB25, &ParseFilter { check_categories: false, ..on }), None);
    }

    #[test]
    fn a_category_that_the_filter_blocks_is_205() {
        let blocked = |name: &str| ParseFilter {
            blocked_categories: vec![name.to_owned()],
            check_categories: false,
            ..ParseFilter::default()
        };
        for (name, expected) in
            [("IAB25", Some(205)), ("iabtechlab.com:IAB25", Some(205)), ("other.example:IAB25", None), ("IAB2", None)]
        {
            assert_eq!(code(&[], IAB25, &blocked(name)), expected, "{name}");
        }
    }

    #[test]
    fn r098_an_ad_without_a_category_is_204_if_a_category_is_required() {
        let demanded = ParseFilter { require_category: true, ..ParseFilter::default() };
        assert_eq!(code(&[], "", &demanded), Some(204));
        assert_eq!(code(&[], "<Category authority='iabtechlab.com'> </Category>", &demanded), Some(204));
        assert_eq!(code(&[], IAB25, &demanded), None);
        assert_eq!(code(&[], "", &ParseFilter::default()), None);
    }
}
