//! The macro registry of the IAB as a table: for each macro its name, the URLs in which it has a meaning, whether its
//! value is required, the form of the value, and its source.

use crate::name_table::NameTable;

/// The purpose of a URL. It decides which macros have a meaning in the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// A request for a document: the ad tag of a source, a `VASTAdTagURI`, or a VMAP `AdTagURI`.
    AdRequest,
    /// A tracker that is none of the kinds below, or a landing page.
    Tracking,
    /// A click tracker: `ClickTracking` and its variants for companions, icons and non-linear ads.
    Click,
    /// An `Error` URL.
    Error,
    /// A tracker of the event `verificationNotExecuted`.
    Verification,
}

/// The URLs in which a macro has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In requests for documents.
    Request,
    /// In trackers of every kind.
    Tracking,
    /// In requests for documents and in trackers of every kind.
    Both,
    /// In click trackers only.
    Click,
    /// In error trackers only.
    Error,
    /// In `verificationNotExecuted` trackers only.
    Verification,
}

impl Scope {
    /// Whether the macro has a meaning in one kind of tracker only.
    pub fn is_special(self) -> bool {
        matches!(self, Scope::Click | Scope::Error | Scope::Verification)
    }
}

/// Whether a macro must have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Support {
    /// The macro must have a value.
    Required,
    /// The macro must have a value in some cases, such as with Open Measurement.
    Conditional,
    /// The value may be missing.
    Optional,
    /// The value may be missing. New documents should not use the macro.
    Deprecated,
}

/// The form of a macro's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueForm {
    /// One value.
    Text,
    /// A list: values separated by commas.
    List,
    /// Two numbers separated by a comma, such as width and height.
    Numbers,
}

/// The source from which a VAST client gets the value of a macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueSource {
    /// The clock and a random number, new for each call.
    Moment,
    /// The client: its own properties and the id that it gives to a request.
    Client,
    /// The device that plays the ad.
    Device,
    /// The viewer's consent, and the regulations that apply.
    Consent,
    /// The slot for which ads are requested.
    Slot,
    /// The conditions that an ad must meet.
    Filter,
    /// The wrappers that led to the request.
    Wrappers,
    /// The ad that plays.
    Ad,
    /// The playback of the ad, or the event that is reported.
    Playback,
    /// The host only: facts about the page, the app, the content and the player.
    Host,
}

/// Builds the enum and its methods from one table: variant, name, scope, support, form and source of the value.
macro_rules! registry {
    ($(
        $(#[$doc:meta])*
        $variant:ident = $name:literal, $scope:ident, $support:ident, $form:ident, $source:ident;
    )*) => {
        /// The macros of the registry, and `BREAKMINDURATION`, which is only in the IAB's quick guide.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Macro {
            $($(#[$doc])* $variant,)*
        }

        impl Macro {
            /// All macros, in the registry's order.
            pub const ALL: &'static [Macro] = &[$(Macro::$variant,)*];

            /// The name without the brackets.
            pub fn name(self) -> &'static str {
                match self {
                    $(Macro::$variant => $name,)*
                }
            }

            /// The URLs in which the macro has a meaning.
            pub fn scope(self) -> Scope {
                match self {
                    $(Macro::$variant => Scope::$scope,)*
                }
            }

            /// Whether the macro must have a value.
            pub fn support(self) -> Support {
                match self {
                    $(Macro::$variant => Support::$support,)*
                }
            }

            /// The form of the value.
            pub fn form(self) -> ValueForm {
                match self {
                    $(Macro::$variant => ValueForm::$form,)*
                }
            }

            /// The source of the value. A host may always set another value.
            pub fn source(self) -> ValueSource {
                match self {
                    $(Macro::$variant => ValueSource::$source,)*
                }
            }
        }

        static NAMES: NameTable = NameTable::new(&[$($name,)*]);
    };
}

impl Macro {
    /// The macro with this name. Names are in upper case.
    pub fn from_name(name: &str) -> Option<Macro> {
        let found = NAMES.find(name).filter(|found| found.exact)?;
        Macro::ALL.get(found.index).copied()
    }

    /// Whether the macro has a meaning in a URL with this purpose.
    pub fn applies_to(self, context: Context) -> bool {
        match self.scope() {
            Scope::Both => true,
            Scope::Request => context == Context::AdRequest,
            Scope::Tracking => context != Context::AdRequest,
            Scope::Click => context == Context::Click,
            Scope::Error => context == Context::Error,
            Scope::Verification => context == Context::Verification,
        }
    }
}

registry! {
    /// The time of the request, in ISO 8601 with milliseconds and time zone.
    Timestamp = "TIMESTAMP", Both, Required, Text, Moment;
    /// Eight random digits, which are new for every request.
    Cachebusting = "CACHEBUSTING", Both, Required, Text, Moment;
    /// The old name of `MEDIAPLAYHEAD`.
    ContentPlayhead = "CONTENTPLAYHEAD", Both, Deprecated, Text, Playback;
    /// Position in the content, `HH:MM:SS.mmm`.
    MediaPlayhead = "MEDIAPLAYHEAD", Both, Optional, Text, Playback;
    /// Position in the ad, `HH:MM:SS.mmm`.
    AdPlayhead = "ADPLAYHEAD", Tracking, Optional, Text, Playback;
    /// The position of the break: 1 pre-roll, 2 mid-roll, 3 post-roll, 4 stand-alone, 0 other.
    BreakPosition = "BREAKPOSITION", Both, Optional, Text, Host;
    /// The longest duration of the break, in seconds.
    BreakMaxDuration = "BREAKMAXDURATION", Both, Optional, Text, Slot;
    /// The shortest duration of the break, in seconds.
    BreakMinDuration = "BREAKMINDURATION", Both, Optional, Text, Slot;
    /// The largest number of ads in the break.
    BreakMaxAds = "BREAKMAXADS", Both, Optional, Text, Slot;
    /// The shortest duration of an ad in the break, in seconds.
    BreakMinAdLength = "BREAKMINADLENGTH", Both, Optional, Text, Filter;
    /// The longest duration of an ad in the break, in seconds.
    BreakMaxAdLength = "BREAKMAXADLENGTH", Both, Optional, Text, Filter;
    /// The categories that the wrappers have blocked; a list.
    BlockedAdCategories = "BLOCKEDADCATEGORIES", Request, Optional, List, Wrappers;
    /// Wanted categories; a list.
    AdCategories = "ADCATEGORIES", Request, Optional, List, Host;
    /// In a request: the number of ads that are expected. In a tracker: the number of this ad among all ads, from 1.
    AdCount = "ADCOUNT", Both, Optional, Text, Playback;
    /// A UUID that is the same for the first request and all requests and trackers that follow from it.
    TransactionId = "TRANSACTIONID", Both, Optional, Text, Client;
    /// AdCOM's placement subtype.
    PlacementType = "PLACEMENTTYPE", Both, Optional, Text, Host;
    /// The type of the ad: `video`, `audio` or `hybrid`.
    AdType = "ADTYPE", Both, Optional, Text, Ad;
    /// The universal ad ids, as pairs `registry id`; a list.
    UniversalAdId = "UNIVERSALADID", Tracking, Optional, List, Ad;
    /// The device's resettable advertising id.
    Ifa = "IFA", Both, Optional, Text, Device;
    /// The kind of the advertising id.
    IfaType = "IFATYPE", Both, Optional, Text, Device;
    /// The player and its version.
    ClientUa = "CLIENTUA", Both, Optional, Text, Host;
    /// The server that acts for the player, with its version.
    ServerUa = "SERVERUA", Both, Optional, Text, Client;
    /// The User-Agent of the device, if a server acts for it.
    DeviceUa = "DEVICEUA", Both, Optional, Text, Device;
    /// The IP address of the device, if a server acts for it.
    DeviceIp = "DEVICEIP", Both, Optional, Text, Device;
    /// The sender of the request or call: 0 the device, 1 a server on behalf of the device, 2 a server on its own
    /// behalf.
    ServerSide = "SERVERSIDE", Both, Optional, Text, Client;
    /// Latitude and longitude.
    LatLong = "LATLONG", Both, Optional, Numbers, Host;
    /// Domain of the page.
    Domain = "DOMAIN", Both, Optional, Text, Host;
    /// URL of the page; 0 in an app.
    PageUrl = "PAGEURL", Both, Conditional, Text, Host;
    /// The app's bundle id; 0 on the web.
    AppBundle = "APPBUNDLE", Both, Conditional, Text, Host;
    /// The app's id in its store.
    StoreId = "STOREID", Both, Optional, Text, Host;
    /// The app's page in its store.
    StoreUrl = "STOREURL", Both, Optional, Text, Host;
    /// Supported versions of VAST, numbers from AdCOM's list of creative subtypes; a list.
    VastVersions = "VASTVERSIONS", Request, Optional, List, Host;
    /// Supported interfaces, numbers from AdCOM's list; a list.
    ApiFrameworks = "APIFRAMEWORKS", Request, Optional, List, Slot;
    /// Supported types of extensions; a list.
    Extensions = "EXTENSIONS", Request, Optional, List, Host;
    /// Supported verification vendors; a list.
    VerificationVendors = "VERIFICATIONVENDORS", Request, Optional, List, Host;
    /// The Open Measurement partner and its version; required if Open Measurement is supported.
    OmidPartner = "OMIDPARTNER", Both, Conditional, Text, Host;
    /// Supported MIME types; a list.
    MediaMime = "MEDIAMIME", Request, Optional, List, Host;
    /// The functions of the player: `skip`, `mute`, `autoplay`, `mautoplay`, `fullscreen`, `icon`; a list.
    PlayerCapabilities = "PLAYERCAPABILITIES", Both, Optional, List, Host;
    /// The clickable part of the ad: 0 none, 1 the whole ad, 2 a button or link, 3 the whole ad with a confirmation.
    ClickType = "CLICKTYPE", Both, Optional, Text, Host;
    /// The state of the player: `muted`, `fullscreen`; a list.
    PlayerState = "PLAYERSTATE", Tracking, Optional, List, Host;
    /// The properties of the inventory: `skippable`, `autoplayed`, `mautoplayed`, `optin`; a list.
    InventoryState = "INVENTORYSTATE", Both, Optional, List, Host;
    /// Width and height of the player.
    PlayerSize = "PLAYERSIZE", Both, Optional, Numbers, Host;
    /// The way in which playback began, a number from AdCOM's list.
    PlaybackMethods = "PLAYBACKMETHODS", Both, Optional, List, Host;
    /// URL of the file that plays.
    AssetUri = "ASSETURI", Tracking, Optional, Text, Playback;
    /// The id of the content with its registry, as `registry id`.
    ContentId = "CONTENTID", Both, Optional, Text, Host;
    /// URL of the content.
    ContentUri = "CONTENTURI", Both, Optional, Text, Host;
    /// Categories of the content; a list.
    ContentCat = "CONTENTCAT", Request, Optional, List, Host;
    /// The playing ad's `sequence`.
    PodSequence = "PODSEQUENCE", Tracking, Optional, Text, Ad;
    /// The `AdServingId` of the ad, also in the trackers of its wrappers.
    AdServingId = "ADSERVINGID", Tracking, Optional, Text, Ad;
    /// The position of the click.
    ClickPos = "CLICKPOS", Click, Optional, Numbers, Playback;
    /// The error code (VAST 4.3, section 2.3.6.3).
    ErrorCode = "ERRORCODE", Error, Required, Text, Playback;
    /// Why a verification was not run: 1 rejected, 2 not supported, 3 not loaded.
    Reason = "REASON", Verification, Required, Text, Playback;
    /// 1 if the viewer limits tracking, otherwise 0.
    LimitAdTracking = "LIMITADTRACKING", Both, Required, Text, Consent;
    /// Regulations that apply, such as `gdpr`; a list.
    Regulations = "REGULATIONS", Both, Optional, List, Consent;
    /// The TCF consent string.
    GdprConsent = "GDPRCONSENT", Both, Optional, Text, Consent;
    /// The GPP consent string.
    GppString = "GPPSTRING", Both, Optional, Text, Consent;
    /// The sections of the GPP string that apply; a list.
    GppSectionId = "GPPSECTIONID", Both, Optional, List, Consent;
    /// Whether the Digital Services Act requires transparency information, 0 to 3.
    DsaRequired = "DSAREQUIRED", Request, Optional, Text, Host;
    /// The parameters by which the ad was selected (Digital Services Act); a list.
    DsaParams = "DSAPARAMS", Request, Optional, List, Host;
    /// Whether the publisher can show the transparency information, 1 to 3.
    DsaPubRender = "DSAPUBRENDER", Request, Optional, Text, Host;
}
