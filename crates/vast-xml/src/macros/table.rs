//! The registry: which macros there are, where each has a meaning and whether it may be left out.

use crate::name_table::NameTable;

/// What a URL is about to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// A request for a document: the first tag, a `VASTAdTagURI`, a VMAP `AdTagURI`.
    AdRequest,
    /// A tracker of any kind but those below; also a landing page.
    Tracking,
    /// A `ClickTracking` of any kind.
    Click,
    /// An `Error`.
    Error,
    /// A `verificationNotExecuted`.
    Verification,
}

/// Where a macro has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In requests for documents.
    Request,
    /// In trackers of every kind.
    Tracking,
    /// In both.
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

/// Whether a macro may be left without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Support {
    /// It needs a value.
    Required,
    /// It needs one in some cases only, such as with Open Measurement.
    Conditional,
    /// It may be left out.
    Optional,
    /// It may be left out and should not be used any more.
    Deprecated,
}

/// Builds the enum and its questions from one table: variant, name, scope, support.
macro_rules! registry {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $scope:ident, $support:ident;)*) => {
        /// The macros of the registry, and `BREAKMINDURATION`, which the IAB's quick guide adds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Macro {
            $($(#[$doc])* $variant,)*
        }

        impl Macro {
            /// All of them, in the registry's order.
            pub const ALL: &'static [Macro] = &[$(Macro::$variant,)*];

            /// The name between the brackets.
            pub fn name(self) -> &'static str {
                match self {
                    $(Macro::$variant => $name,)*
                }
            }

            /// Where it has a meaning.
            pub fn scope(self) -> Scope {
                match self {
                    $(Macro::$variant => Scope::$scope,)*
                }
            }

            /// Whether it may be left without a value.
            pub fn support(self) -> Support {
                match self {
                    $(Macro::$variant => Support::$support,)*
                }
            }
        }

        static NAMES: NameTable = NameTable::new(&[$($name,)*]);
    };
}

impl Macro {
    /// The macro of this name; names are upper case.
    pub fn from_name(name: &str) -> Option<Macro> {
        let found = NAMES.find(name).filter(|found| found.exact)?;
        Macro::ALL.get(found.index).copied()
    }

    /// Whether it has a meaning in a URL that is used for this.
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
    /// When the request is made, ISO 8601 with milliseconds and zone.
    Timestamp = "TIMESTAMP", Both, Required;
    /// Eight random digits, new for every request.
    Cachebusting = "CACHEBUSTING", Both, Required;
    /// The old name of `MEDIAPLAYHEAD`.
    ContentPlayhead = "CONTENTPLAYHEAD", Both, Deprecated;
    /// Position in the content, `HH:MM:SS.mmm`.
    MediaPlayhead = "MEDIAPLAYHEAD", Both, Optional;
    /// Position in the ad, `HH:MM:SS.mmm`.
    AdPlayhead = "ADPLAYHEAD", Tracking, Optional;
    /// 1 pre-roll, 2 mid-roll, 3 post-roll, 4 stand-alone, 0 other.
    BreakPosition = "BREAKPOSITION", Both, Optional;
    /// Longest break, in seconds.
    BreakMaxDuration = "BREAKMAXDURATION", Both, Optional;
    /// Shortest break, in seconds.
    BreakMinDuration = "BREAKMINDURATION", Both, Optional;
    /// Most ads in the break.
    BreakMaxAds = "BREAKMAXADS", Both, Optional;
    /// Shortest ad in the break, in seconds.
    BreakMinAdLength = "BREAKMINADLENGTH", Both, Optional;
    /// Longest ad in the break, in seconds.
    BreakMaxAdLength = "BREAKMAXADLENGTH", Both, Optional;
    /// Categories that wrappers above have blocked; a list.
    BlockedAdCategories = "BLOCKEDADCATEGORIES", Request, Optional;
    /// Wanted categories; a list.
    AdCategories = "ADCATEGORIES", Request, Optional;
    /// In a request the ads expected, in a tracker the number of this ad in the tree, from 1.
    AdCount = "ADCOUNT", Both, Optional;
    /// A UUID that stays the same for everything that the first request leads to.
    TransactionId = "TRANSACTIONID", Both, Optional;
    /// AdCOM's placement subtype.
    PlacementType = "PLACEMENTTYPE", Both, Optional;
    /// `video`, `audio` or `hybrid`.
    AdType = "ADTYPE", Both, Optional;
    /// `registry id` pairs; a list.
    UniversalAdId = "UNIVERSALADID", Tracking, Optional;
    /// The device's resettable advertising id.
    Ifa = "IFA", Both, Optional;
    /// What kind of id that is.
    IfaType = "IFATYPE", Both, Optional;
    /// The player and its version.
    ClientUa = "CLIENTUA", Both, Optional;
    /// The server that acts for the player, and its version.
    ServerUa = "SERVERUA", Both, Optional;
    /// The device's User-Agent, when a server acts for it.
    DeviceUa = "DEVICEUA", Both, Optional;
    /// The device's address, when a server acts for it.
    DeviceIp = "DEVICEIP", Both, Optional;
    /// 0 from the device, 1 from a server that it asked, 2 from a server on its own.
    ServerSide = "SERVERSIDE", Both, Optional;
    /// Latitude and longitude.
    LatLong = "LATLONG", Both, Optional;
    /// Domain of the page.
    Domain = "DOMAIN", Both, Optional;
    /// URL of the page; 0 in an app.
    PageUrl = "PAGEURL", Both, Conditional;
    /// The app's bundle id; 0 on the web.
    AppBundle = "APPBUNDLE", Both, Conditional;
    /// The app's id in its store.
    StoreId = "STOREID", Both, Optional;
    /// The app's page in its store.
    StoreUrl = "STOREURL", Both, Optional;
    /// Supported versions by AdCOM's list of creative subtypes; a list.
    VastVersions = "VASTVERSIONS", Request, Optional;
    /// Supported interfaces by AdCOM's list; a list.
    ApiFrameworks = "APIFRAMEWORKS", Request, Optional;
    /// Supported types of extensions; a list.
    Extensions = "EXTENSIONS", Request, Optional;
    /// Supported verification vendors; a list.
    VerificationVendors = "VERIFICATIONVENDORS", Request, Optional;
    /// The Open Measurement partner and its version; needed where it is supported.
    OmidPartner = "OMIDPARTNER", Both, Conditional;
    /// Supported MIME types; a list.
    MediaMime = "MEDIAMIME", Request, Optional;
    /// `skip`, `mute`, `autoplay`, `mautoplay`, `fullscreen`, `icon`; a list.
    PlayerCapabilities = "PLAYERCAPABILITIES", Both, Optional;
    /// 0 not clickable, 1 on the whole ad, 2 on a button or link, 3 with confirmation.
    ClickType = "CLICKTYPE", Both, Optional;
    /// `muted`, `fullscreen`; a list.
    PlayerState = "PLAYERSTATE", Tracking, Optional;
    /// `skippable`, `autoplayed`, `mautoplayed`, `optin`; a list.
    InventoryState = "INVENTORYSTATE", Both, Optional;
    /// Width and height of the player.
    PlayerSize = "PLAYERSIZE", Both, Optional;
    /// How playback began, by AdCOM's list.
    PlaybackMethods = "PLAYBACKMETHODS", Both, Optional;
    /// URL of the file that plays.
    AssetUri = "ASSETURI", Tracking, Optional;
    /// `registry id` of the content.
    ContentId = "CONTENTID", Both, Optional;
    /// URL of the content.
    ContentUri = "CONTENTURI", Both, Optional;
    /// Categories of the content; a list.
    ContentCat = "CONTENTCAT", Request, Optional;
    /// The playing ad's `sequence`.
    PodSequence = "PODSEQUENCE", Tracking, Optional;
    /// The `AdServingId` of the ad, in wrappers' trackers too.
    AdServingId = "ADSERVINGID", Tracking, Optional;
    /// Where the viewer clicked.
    ClickPos = "CLICKPOS", Click, Optional;
    /// What went wrong.
    ErrorCode = "ERRORCODE", Error, Required;
    /// Why a verification was not run: 1 rejected, 2 not supported, 3 not loaded.
    Reason = "REASON", Verification, Required;
    /// 1 if the viewer limits tracking, else 0.
    LimitAdTracking = "LIMITADTRACKING", Both, Required;
    /// Regulations that apply, such as `gdpr`; a list.
    Regulations = "REGULATIONS", Both, Optional;
    /// The TCF consent string.
    GdprConsent = "GDPRCONSENT", Both, Optional;
    /// The GPP consent string.
    GppString = "GPPSTRING", Both, Optional;
    /// The sections of it that apply; a list.
    GppSectionId = "GPPSECTIONID", Both, Optional;
    /// Whether the Digital Services Act asks for transparency, 0 to 3.
    DsaRequired = "DSAREQUIRED", Request, Optional;
    /// How the ad was chosen, by the same act; a list.
    DsaParams = "DSAPARAMS", Request, Optional;
    /// Whether the publisher can show that, 1 to 3.
    DsaPubRender = "DSAPUBRENDER", Request, Optional;
}
