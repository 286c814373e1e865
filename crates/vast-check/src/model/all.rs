//! The list of our rules.

use super::{contents, flags, identity, macros, mime_types, namespaces, offsets, prolog, trackers, urls, vpaid};
use crate::drafts::{Draft, Drafts};
use crate::outline::Outline;

type Check = fn(&Outline<'_>, &mut Drafts);

const CHECKS: [Check; 18] = [
    prolog::blank_before_declaration,
    macros::unknown_deprecated_or_out_of_place,
    urls::insecure,
    urls::media_scheme,
    urls::placeholders,
    urls::escaped_ampersands,
    mime_types::contradicting_endings,
    namespaces::undeclared_prefixes,
    contents::expired,
    contents::no_ad,
    trackers::duplicates,
    trackers::placeholder_impressions,
    trackers::no_error_url,
    offsets::beyond_end,
    flags::no_fallback_ads,
    flags::contradicting,
    identity::unknown_ad_id,
    vpaid::vpaid,
];

/// The findings of our rules, and whether a rule has reached its limit, so that findings may be missing.
pub(crate) fn check(outline: &Outline<'_>) -> (Vec<Draft>, bool) {
    let mut drafts = Drafts::default();
    CHECKS.iter().for_each(|check| check(outline, &mut drafts));
    let is_cut = drafts.is_cut();
    (drafts.into_vec(), is_cut)
}
