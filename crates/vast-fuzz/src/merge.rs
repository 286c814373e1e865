//! Joining an ad with its wrappers.

use vast_client::Bytes;
use vast_xml::{ParseOptions, parse};

use crate::pipeline::GOOD;
use crate::request::{Servers, request};

/// Every URL of the input leads to one ad. The ad of each wrapper then has the impressions and error URLs of all its levels, and the answer
/// as one document has them, too.
///
/// # Panics
/// If that does not hold.
pub fn merge(data: &[u8]) {
    let has_wrapper =
        parse(data, &ParseOptions::default()).is_ok_and(|read| read.vast.ads.iter().any(|ad| ad.wrapper().is_some()));
    if !has_wrapper {
        return;
    }
    let input = Bytes::copy_from_slice(data);
    let servers = Servers::new(move |path| if path == "/own" { input.clone() } else { GOOD.into() });
    let result = request(&servers, &["/own"]);
    let answer = result.flatten();
    assert_eq!(answer.ads.len(), result.ads.len());
    for (candidate, written) in result.ads.iter().zip(&answer.ads) {
        let ad = &candidate.ad;
        let written = written.inline().expect("the answer has no wrapper");
        // An ad without an impression gets this one, because a document needs one.
        let is_real = |text: &&str| *text != "about:blank";
        let own = |texts: Vec<&str>| {
            let mut texts: Vec<String> = texts.into_iter().filter(is_real).map(str::to_owned).collect();
            texts.sort();
            texts
        };
        let of_levels = ad.wrappers.iter().map(|level| level.wrapper.impressions.len()).sum::<usize>();
        assert_eq!(ad.impressions().count(), of_levels + ad.inline.impressions.len());
        assert_eq!(
            own(written.impressions.iter().map(|impression| impression.url.as_str()).collect()),
            own(ad.impressions().map(|impression| impression.item.url.as_str()).collect()),
        );
        assert_eq!(
            own(written.errors.iter().map(|url| url.as_str()).collect()),
            own(ad.errors().map(|url| url.item.as_str()).collect()),
        );
    }
}
