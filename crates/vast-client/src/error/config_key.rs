//! The keys of a configuration and their documentation.

use std::fmt;

/// A key of a configuration. Its name in a file is the name of the variant in `snake_case`: `SourceTimeout` is
/// `source_timeout`. `docs/config.md` in the repository is made of the documentation of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray, strum::EnumMessage)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum ConfigKey {
    /// How the sources are asked. Default `parallel`, the fastest mode that keeps the order of the list.
    Mode,
    /// How the fallbacks are asked. Default: the value of `mode`.
    FallbackMode,
    /// The order of the sources in a tier: as listed, drawn by `weight`, the source that needs the least time for a usable
    /// answer first, or a fixed first source for each `split_key`. Default `listed`; in `[[arm]]` the value outside of it, but
    /// `listed` for `split`.
    Order,
    /// The time limit of the whole request up to the answer. Default 3 s, the usual patience of a player.
    Timeout,
    /// The time that is kept for the fallbacks. Default: the smaller of `source_timeout` and a third of `timeout`, so
    /// that sources that hang leave time for the fallbacks.
    FallbackReserve,
    /// The time limit of one source with its retries and wrappers. In `[[source]]` it replaces the value for all
    /// sources. Also `per_source_timeout`, and in `[[source]]` `timeout`. Default 2 s, which leaves time for a fallback; in sequential mode a share of the time left, at least
    /// 300 ms.
    SourceTimeout,
    /// The time limit of one HTTP request for a source's own document. Default: the value of `source_timeout`.
    AttemptTimeout,
    /// The time limit of one HTTP request for a wrapper's document. Default 1 s, so that one slow wrapper does not use
    /// the whole time of its source.
    HopTimeout,
    /// The time limit of one connection: name resolution, TCP and TLS. Default 500 ms, because a server that is slower
    /// will not answer in time either.
    ConnectTimeout,
    /// The longest silence between two reads of a body. Default 500 ms, for the same reason.
    IdleTimeout,
    /// The least time in which a request is begun. Default 100 ms: with less time it costs the ad server an opportunity
    /// and brings no ad.
    MinUseful,
    /// The highest number of retries of a failed HTTP request, for failures that may be temporary. Also `max_retries`.
    /// Default 1, because each ad request costs the seller money.
    Retries,
    /// The longest wait before the first retry; it doubles with each retry. Default 50 ms, which fits into the time
    /// limits above.
    RetryDelay,
    /// The longest wait before any retry. Default 1 s.
    RetryMaxDelay,
    /// Whether a timeout after the request was sent is retried. Default `false`: the ad server may have counted the
    /// first request.
    RetryTimeouts,
    /// How long parallel mode waits for sources ahead of a source that has a usable ad. Default: until `timeout`.
    Patience,
    /// How long staggered mode waits for a source before it starts the next one. Default: the 95th percentile of the
    /// source's last responses, and 400 ms while there are fewer than 100. By default it also starts few sources early:
    /// 35, and then about 7 % of the requests, so that a slow source does not double the load.
    Stagger,
    /// How many alternative ads of one document are resolved at the same time. Default 1, because more would send
    /// requests whose ads are not used.
    ResolveAhead,
    /// Whether the document behind a wrapper may give more than its first stand-alone ad. Default: as the wrapper says
    /// (`allowMultipleAds`).
    AllowMultipleAds,
    /// The highest number of HTTP requests for one source, with retries and redirects. Default 40, more than real
    /// wrapper chains need.
    MaxExchanges,
    /// The highest number of redirects from the URL of one document. Default 5.
    MaxRedirects,
    /// The highest number of bytes of all documents of one source, decoded. Default 8388608 (8 MiB).
    MaxSourceBytes,
    /// The highest number of bytes of all documents of one request, decoded. Default 16777216 (16 MiB), so that one
    /// request cannot use up the memory of a process.
    MaxRequestBytes,
    /// The highest number of breaks of a VMAP that are requested for one source; the others are skipped. Default 50,
    /// because a document of a stranger decides how many there are.
    MaxBreaks,
    /// Query parameters that are added to the source's own first request. A list of values repeats the parameter. Also
    /// `param`. Default: none.
    Params,
    /// Headers of the source's own first request and its same-origin redirects. Also `header`. Default: none.
    Headers,
    /// Values of macros by name, without brackets. Also `macro`. Default: none.
    Macros,
    /// Values of macros that the standard does not define, by their literal tokens. Also `foreign_macro`. Default:
    /// none, and such tokens stay as they are.
    ForeignMacros,
    /// Whether the answer is the moment of play, so that its impressions are called. Also `auto_track`. Default `true`
    /// for `execute_pipeline` and `request_ad_with_fallback`, `false` for the command `vast`; never in `request_ad` and
    /// in collect mode.
    Track,
    /// Whether the `<Error>` URLs of what failed are called. Default `true`; `false` for `vast request` without
    /// `--track`.
    ReportErrors,
    /// Whether the `notUsed` trackers of usable ads that are not in the answer are called. Default `false`, because the
    /// host may still play them.
    ReportNotUsed,
    /// The highest number of trackers that are called for one answer. Default 1000, so that an ad cannot start an
    /// attack on other servers.
    MaxBeacons,
    /// Whether the answer keeps the bytes of the winning document. Default `false`, to save memory.
    Raw,
    /// Which requests are recorded, and where, for `vast replay` and `vast explain`. Personal values are replaced. Default: none.
    Record,
    /// The folder for the recordings. It is created if it does not exist. Default: none; `record` needs it.
    Dir,
    /// The share of the requests that is recorded, from 0 to 1. Default 0.01, which is every hundredth request.
    Sample,
    /// The requests that are recorded besides the sample: `failed` if a source failed, `no_ad` if no ad was found. Default: none.
    Always,
    /// The largest number of bytes of all recordings in the folder; the oldest are removed. Default 1,073,741,824, which is 1 GiB.
    MaxBytes,
    /// The largest number of recordings in the folder; the oldest are removed. Default 10,000, because more files in one folder are
    /// hard to handle.
    MaxFiles,
    /// The `User-Agent` of all requests. Default `vast-client/VERSION`, never that of the device (VAST 4.3 section
    /// 1.1.3).
    UserAgent,
    /// A file of certificate authorities, in PEM, that are trusted besides the usual ones. Default: none.
    CaFile,
    /// The HTTP proxy for all requests, `http://HOST:PORT`. It gets `CONNECT` with the address that was checked, so it has to permit
    /// addresses. Default: none; settings of the environment have no effect.
    Proxy,
    /// Whether redirects, wrappers and trackers may name private addresses and any port. Default `false`, because
    /// strangers write tags; outside of `[[source]]` it is the value for all sources.
    AllowPrivate,
    /// The address of the device. Default: not known.
    DeviceIp,
    /// The `User-Agent` of the device. Default: not known.
    DeviceUa,
    /// The `Referer` that the device would send. Default: not known.
    DeviceReferer,
    /// The `Accept-Language` of the device. Default: not known.
    DeviceLanguage,
    /// The `X-Requested-With` of the device. Default: not known.
    DeviceRequestedWith,
    /// The advertising id of the device. Default: not known.
    DeviceIfa,
    /// The kind of the advertising id, from the IAB's list. Default: not known.
    DeviceIfaType,
    /// Other headers of the device by name; each is sent as `X-Device-NAME`. Default: none.
    DeviceHeaders,
    /// Whether the GDPR applies. Default: not known, and nothing is sent.
    Gdpr,
    /// Whether COPPA applies; the advertising id is then withheld. Default: not known, and nothing is sent.
    Coppa,
    /// The TCF consent string. Default: none.
    GdprConsent,
    /// The GPP string. Default: none.
    Gpp,
    /// The applicable sections of the GPP string. Default: none.
    GppSections,
    /// Whether the viewer limits ad tracking; the advertising id is then withheld. Default: `true` for a source from
    /// which the id is withheld anyway, else `false`.
    LimitAdTracking,
    /// The API frameworks that the player can run, for example `SIMID`. In a profile those that the device adds. Also
    /// `api_framework`. Default: none, so that VPAID files are not played.
    ApiFrameworks,
    /// MIME types that the player can play besides the usual video and audio types. In a profile all that the device
    /// plays, the preferred one first. Also `mime_type`. Default: none besides the usual ones.
    MimeTypes,
    /// The name of the profile by which media files are ranked: `web`, `mobile`, `ctv-1080p`, `ctv-4k`, `audio`, or one
    /// of `[profile.NAME]`. Default: none, which restricts nothing.
    DeviceProfile,
    /// Own profiles of devices by name: `[profile.NAME]`. Default: none.
    Profile,
    /// The largest width of a media file, in pixels. Larger files are ranked last. Default: any.
    MaxWidth,
    /// The largest height of a media file, in pixels. Larger files are ranked last. Default: any.
    MaxHeight,
    /// The codecs that the device can decode. Default: all.
    Codecs,
    /// The kinds of delivery that the device can play. Default: all.
    Delivery,
    /// The languages of captions, the preferred one first, as tags of BCP 47. Default: none preferred.
    Languages,
    /// The sizes of the companions that the host can show, in pixels. Default: not known, and no ad is rejected for its
    /// companions.
    CompanionSizes,
    /// The largest size of a nonlinear ad, in pixels. Default: any.
    NonLinearSize,
    /// Whether an interactive ad may play longer than its duration. Default `false`, because the break would last
    /// longer than planned.
    VariableDuration,
    /// Whether an answer may be a pod. Default `true`.
    AcceptPods,
    /// The largest number of ads in the answer. Default: no limit.
    MaxAds,
    /// The length of the break to fill: the same setting as `max` in `[break]`. Default: none, so the answer has the
    /// ads that the winning source offers.
    BreakDuration,
    /// The break to fill, and the preferences among ads: `[break]`. Default: no break.
    Break,
    /// The shortest running time of all ads of the break together. Default: none.
    Min,
    /// The longest running time of all ads of the break together. Default: none, so the answer has the ads that the
    /// winning source offers.
    Max,
    /// The part of the break that may stay empty while the break counts as full. Default 1 s, because no ad is shorter.
    Tolerance,
    /// The values by which sets of ads are compared, the most important one first. Default `["order"]`.
    Rank,
    /// What two ads have in common when they show the same creative. Default `media`.
    Dedup,
    /// What two ads of a break must not have in common. Default: nothing.
    Separate,
    /// The currency in which prices are compared, for example `USD`. Default: none; `rank` by price needs one.
    Currency,
    /// The value of one unit of other currencies in `currency`, for example `{ EUR = 1.08 }`. Default: none, so prices
    /// in other currencies do not count.
    Rates,
    /// The key that decides the arm, and the first source with `order = "split"`; usually the id of a viewer. Default: none,
    /// and both are drawn.
    SplitKey,
    /// The seed of everything random in the request, to repeat it exactly. Default: a random seed.
    Seed,
    /// The conditions that an ad must meet: `[filter]`. Default: every ad is accepted.
    Filter,
    /// The primary sources, the best first: `[[source]]`. Default: none; a configuration needs at least one.
    Source,
    /// The sources that are asked when the primary ones gave no usable ad: `[[fallback]]`, with the keys of
    /// `[[source]]`. Default: none.
    Fallback,
    /// The arms of a split (A/B test): `[[arm]]`, each with a share of the requests and with its own sources, order, mode,
    /// filter or time limit. The same `split_key` always gives the same arm. When shares change, a key moves only out of an
    /// arm that shrinks or into an arm that grows. Default: none, and every request asks all sources.
    Arm,
    /// The share of the arm in percent, a number from 0 to 100. The shares of all arms must be 100 together, and 0 gives the
    /// arm no request. Default: none; an arm needs a share.
    Share,
    /// The names of the sources that the arm asks, the best first. The fallbacks are the same for all arms. Default: none;
    /// an arm needs at least one.
    Sources,
    /// The kinds of media that are wanted. Also `media_type`. Default: all.
    MediaTypes,
    /// The shortest ad that is wanted. Default: any.
    MinDuration,
    /// The longest ad that is wanted. Default: any.
    MaxDuration,
    /// The lowest bitrate that is wanted, in kbit/s. Default: any.
    MinBitrate,
    /// The highest bitrate that is wanted, in kbit/s. In a profile the highest one that the connection carries.
    /// Default: any.
    MaxBitrate,
    /// The exact width and height that are wanted, in pixels. Also `dimensions`. Default: any.
    RequiredDimensions,
    /// Whether a bound counts as met when the document does not give the value. Default `false`, so that a bound is a
    /// guarantee.
    AcceptUnknown,
    /// Whether an ad is rejected when a wrapper above it blocks one of its categories. Default `true`, as VAST 4.3
    /// section 3.19.2 says.
    CheckCategories,
    /// Whether an ad must have a category. Default `false`, because most ads have none.
    RequireCategory,
    /// Categories that are not wanted: the code alone, or `authority:code`. Default: none.
    BlockedCategories,
    /// Ads and media hosts that are blocked for all sources: `creative_ids`, `universal_ad_ids`, `advertisers`,
    /// `media_hosts`. Default: none.
    Blocked,
    /// The condition on whether the viewer can skip the ad. Default `any`.
    Skippable,
    /// Whether ads that may decide to show nothing (`conditionalAd`) are accepted. Default `true`.
    AcceptConditional,
    /// Whether media files must have an https URL. Default `false`.
    RequireSecure,
    /// Whether an ad must have a mezzanine file: a source file that an ad stitcher transcodes. Default `false`.
    RequireMezzanine,
    /// The VAST versions that are wanted: a major version (`4`) or an exact one (`3.0`). Default: all.
    Versions,
    /// Whether wrappers are followed. Default `true`.
    AcceptWrappers,
    /// The largest number of wrappers above an ad. Default 5, as VAST 4.3 section 2.3.5.1 says.
    MaxWrapperDepth,
    /// The name of the source in results, metrics and circuit breakers, or that of the arm. Default: the host or the name of
    /// the file; an arm needs a name.
    Name,
    /// The ad tag, with macros. Default: none; a source has exactly one of `url`, `file` and `xml`.
    Url,
    /// The path of a VAST file. Default: none; a source has exactly one of `url`, `file` and `xml`.
    File,
    /// A VAST document as text. Default: none; a source has exactly one of `url`, `file` and `xml`.
    Xml,
    /// The names of parameters whose values are not percent-encoded. Default: none.
    RawParams,
    /// The source's share with `order = "weighted"` and `order = "split"`. Default 1.
    Weight,
    /// How the device's address is sent to this source. Default `full`.
    Ip,
    /// How the device's user agent is sent to this source. Default `full`.
    Ua,
    /// How the device's advertising id is sent to this source. Default `pass`.
    Ifa,
    /// The salt of the hash with `ifa = "hash"`. Default: the name of the source, so that two sources cannot compare
    /// ids.
    IfaSalt,
    /// The circuit breakers of the sources: `[breaker]`. In `[[source]]`, the settings that differ for that source, for
    /// example `breaker = { enabled = false }`. Default: a source is ejected after five failures in a row.
    Breaker,
    /// Whether a source that fails is ejected: it is skipped for some time, then asked once as a probe. Default `true`.
    Enabled,
    /// The failures in a row after which a source is ejected. A source is also ejected when 85 % of at least 50 requests
    /// within 10 s failed. "No ad" is no failure. Default 5.
    Failures,
    /// The length of the first ejection; each further one in a row is longer by the same time. Default 30 s, so that a
    /// server has time to recover.
    Eject,
    /// The longest ejection. Default 300 s, so that a source that has recovered is found again.
    EjectMax,
    /// Whether ejections are only logged. Default `false`; `true` shows what the breaker would do.
    SimulateOnly,
    /// The number of requests of this process that may ask the source at the same time. Others skip it. Default: any.
    MaxConcurrent,
    /// The number of requests of this process that may ask the source per second, with bursts of one second. Others skip
    /// it. Default: any.
    MaxRate,
    /// Whether the source is asked only with a consent string where the GDPR applies. Default `false`.
    RequireConsent,
    /// Whether the device's address is also sent as `X-Forwarded-For`. Default `false`, because only old servers need
    /// it.
    ForwardFor,
    /// How long a document of the source with ads is used for further requests; an ad with a shorter `Expires` ends it earlier. Only for
    /// tags (`url`). Default: never, because each answer is an opportunity for one impression.
    CacheTtl,
    /// How long a failure, an empty document or a broken one is used instead of asking the source again, at most 5 s. Only for tags
    /// (`url`). Default: never.
    CacheNegative,
    /// Whether requests with a device or consent use the cache. What the source receives of the viewer is part of the key, so
    /// two viewers share a document only if the source could not tell them apart. Default `false`.
    CacheShared,
    /// Whether the documents that the source's wrappers lead to are cached too. Default `false`.
    CacheWrappers,
    /// The certificate (PEM) that is shown to the source's own origin. Default: none.
    ClientCertificate,
    /// The key (PEM) of `client_certificate`. Default: none.
    ClientKey,
}

impl ConfigKey {
    /// All keys.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name in a configuration file.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What the key sets, with its default, as in the documentation of the variant.
    pub fn documentation(self) -> String {
        let text = strum::EnumMessage::get_documentation(&self).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The key of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.as_str() == name)
    }
}

impl fmt::Display for ConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
