//! VPAID: executable ads, deprecated since VAST 4.1.

use crate::drafts::{Drafts, clipped};
use crate::outline::Outline;
use crate::rule::Rule;

/// Reports `apiFramework="VPAID"` on any element.
pub(super) fn vpaid(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, element) in outline.within(0..outline.elements.len()) {
        let framework = element.attribute("apiFramework");
        let is_vpaid = |value: &str| value.trim().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("VPAID"));
        if let Some(framework) = framework.filter(|framework| is_vpaid(&framework.value)) {
            let message = format!("<{}> only runs in a player with VPAID", clipped(element.name));
            drafts.add(Rule::Vpaid, framework.range.clone(), message);
        }
    }
}
