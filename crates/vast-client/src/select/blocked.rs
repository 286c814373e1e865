//! Ads and media hosts that the operator blocks.

use vast_xml::model::Creative;

use crate::ad::ResolvedAd;
use crate::error::{Rejection, RejectionReason};

/// The ads and media hosts that the operator blocks for all sources: `[filter] blocked`. A blocked ad is not usable, so
/// the next ad or source is tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields, default))]
pub struct Blocked {
    /// Values of `Creative@id` and `Creative@adId`.
    pub creative_ids: Vec<String>,
    /// Values of `UniversalAdId`: the id alone, or `registry:id`.
    pub universal_ad_ids: Vec<String>,
    /// Names and ids of `Advertiser`, compared without regard to case.
    pub advertisers: Vec<String>,
    /// Hosts of media files, without scheme, port or path; their subdomains are blocked, too. Files of other hosts are still used.
    pub media_hosts: Vec<String>,
}

impl Blocked {
    /// The lists with the names of their fields.
    pub(crate) fn lists(&self) -> [(&'static str, &[String]); 4] {
        let Self { creative_ids, universal_ad_ids, advertisers, media_hosts } = self;
        [
            ("creative_ids", creative_ids),
            ("universal_ad_ids", universal_ad_ids),
            ("advertisers", advertisers),
            ("media_hosts", media_hosts),
        ]
    }

    /// Checks that neither the advertiser of `ad` nor one of its creatives is blocked.
    pub(super) fn check_ad(&self, ad: &ResolvedAd) -> Result<(), Rejection> {
        let blocked = |what: String| Err(Rejection::new(RejectionReason::Blocked, format!("{what} is blocked")));
        if let Some(advertiser) = &ad.inline.advertiser {
            let mut names = [Some(&advertiser.name), advertiser.id.as_ref()].into_iter().flatten();
            let is_blocked =
                |name: &str| self.advertisers.iter().any(|one| one.trim().eq_ignore_ascii_case(name.trim()));
            if let Some(name) = names.find(|name| is_blocked(name)) {
                return blocked(format!("advertiser {name}"));
            }
        }
        match ad.inline.creatives.iter().find_map(|creative| self.creative(creative)) {
            Some(id) => blocked(format!("creative {id}")),
            None => Ok(()),
        }
    }

    /// The id by which the creative is blocked.
    fn creative<'a>(&self, creative: &'a Creative) -> Option<&'a str> {
        let mut own = [creative.id.as_deref(), creative.ad_id.as_deref()].into_iter().flatten();
        let by_own = own.find(|id| self.creative_ids.iter().any(|blocked| blocked == id));
        let is_named = |blocked: &str, registry: Option<&str>, id: &str| {
            let of_registry = registry.and_then(|registry| blocked.strip_prefix(registry)?.strip_prefix(':'));
            blocked == id || of_registry == Some(id)
        };
        let mut universal = creative.universal_ad_ids.iter().filter(|id| !id.is_unknown());
        let mut by_universal = || {
            let blocked = &self.universal_ad_ids;
            universal.find(|id| blocked.iter().any(|one| is_named(one, id.registry.as_deref(), &id.value)))
        };
        by_own.or_else(|| by_universal().map(|id| &*id.value))
    }

    /// What is wrong with the first entry of `media_hosts` that no host of a URL can equal. Such an entry would block nothing.
    pub(crate) fn wrong_host(&self) -> Option<String> {
        self.media_hosts.iter().find_map(|entry| {
            let name = entry.trim().trim_start_matches("*.").trim_start_matches('.');
            let url = if name.contains("//") { name.to_owned() } else { format!("//{name}") };
            let host = host(&url).unwrap_or_else(|| "cdn.example".to_owned());
            let is_host = !entry.contains('*') && host.eq_ignore_ascii_case(name);
            (!is_host).then(|| format!("`{entry}` is not a host: write \"{host}\""))
        })
    }

    /// Checks that the host of a media file is not blocked.
    pub(super) fn check_url(&self, url: &str) -> Result<(), Rejection> {
        if self.media_hosts.is_empty() {
            return Ok(());
        }
        let host = host(url).unwrap_or_default();
        let is_blocked = |blocked: &str| {
            let blocked = blocked.trim().trim_start_matches('.').to_ascii_lowercase();
            host.strip_suffix(&*blocked)
                .is_some_and(|rest| !blocked.is_empty() && (rest.is_empty() || rest.ends_with('.')))
        };
        match self.media_hosts.iter().any(|blocked| is_blocked(blocked)) {
            true => Err(Rejection::new(RejectionReason::BlockedHost, format!("host {host} is blocked"))),
            false => Ok(()),
        }
    }
}

/// The host of a URL as a player parses it, in lower case, without a final dot.
fn host(url: &str) -> Option<String> {
    let base = url::Url::parse("https://media.invalid/").ok()?;
    let url = base.join(url.trim()).ok()?;
    Some(url.host_str()?.trim_end_matches('.').to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_blocked_with_its_subdomains_however_it_is_written() {
        let blocked =
            Blocked { media_hosts: vec!["Bad.example".into(), ".worse.example".into()], ..Blocked::default() };
        let cases = [
            ("https://bad.example/a.mp4", false),
            ("https://cdn.BAD.example:8443/a.mp4", false),
            ("//u:p@bad.example./a.mp4", false),
            ("https://bad.example\\a.mp4", false),
            ("https://cdn.worse.example?a", false),
            ("https:///bad.example/a.mp4", false),
            ("https://notbad.example/a.mp4", true),
            ("https://good.example/bad.example", true),
            ("https://bad.example.good.example/", true),
        ];
        for (url, is_allowed) in cases {
            assert_eq!(blocked.check_url(url).is_ok(), is_allowed, "{url}");
        }
        assert!(Blocked::default().check_url("https://bad.example/").is_ok());
    }

    #[test]
    fn an_entry_that_can_equal_no_host_is_refused_with_the_host_that_is_meant() {
        let cases = [
            ("bad.example", None),
            (" .Bad.example", None),
            ("localhost", None),
            ("192.0.2.1", None),
            ("[2001:db8::1]", None),
            ("https://bad.example/", Some("bad.example")),
            ("bad.example:8443", Some("bad.example")),
            ("bad.example/ads", Some("bad.example")),
            ("*.bad.example", Some("bad.example")),
            ("bad.example.", Some("bad.example")),
            ("b\u{fc}cher.example", Some("xn--bcher-kva.example")),
            ("bad example", Some("cdn.example")),
        ];
        for (entry, meant) in cases {
            let blocked = Blocked { media_hosts: vec![entry.into()], ..Blocked::default() };
            let expected = meant.map(|host| format!("`{entry}` is not a host: write \"{host}\""));
            assert_eq!(blocked.wrong_host(), expected, "{entry}");
        }
    }

    #[test]
    fn an_ad_is_blocked_by_its_advertiser_or_any_name_of_a_creative() {
        let ad = ResolvedAd::read(
            0,
            "<VAST version='4.2'><Ad><InLine><Advertiser id='77'>Shoes.example</Advertiser><Creatives>
             <Creative id='c1' adId='a1'><UniversalAdId idRegistry='ad-id.org'>ABCD</UniversalAdId>
             <UniversalAdId idRegistry='unknown'>unknown</UniversalAdId></Creative></Creatives></InLine></Ad></VAST>",
            &[],
        );
        let list = |name: &str| vec![name.to_owned()];
        let none = Blocked::default;
        let cases = [
            (Blocked { advertisers: list("shoes.example"), ..none() }, Some("advertiser Shoes.example is blocked")),
            (Blocked { advertisers: list("77"), ..none() }, Some("advertiser 77 is blocked")),
            (Blocked { creative_ids: list("a1"), ..none() }, Some("creative a1 is blocked")),
            (Blocked { creative_ids: list("A1"), ..none() }, None),
            (Blocked { universal_ad_ids: list("ABCD"), ..none() }, Some("creative ABCD is blocked")),
            (Blocked { universal_ad_ids: list("ad-id.org:ABCD"), ..none() }, Some("creative ABCD is blocked")),
            (Blocked { universal_ad_ids: list("clearcast:ABCD"), ..none() }, None),
            (Blocked { universal_ad_ids: list("unknown"), ..none() }, None),
        ];
        for (blocked, expected) in cases {
            let found = blocked.check_ad(&ad).err();
            assert_eq!(found.as_ref().map(|rejection| &*rejection.message), expected, "{blocked:?}");
            assert!(found.is_none_or(|rejection| rejection.reason.vast_error_code() == 900));
        }
    }
}
