//! The registry: which macros exist, where each has a meaning, whether it may be left out, and where its value comes from.

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

/// The form of a macro's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueForm {
    /// One value.
    Text,
    /// Values with commas between them.
    List,
    /// Two numbers with a comma between them, such as a width and a height.
    Numbers,
}

/// Where a program that asks for ads and calls trackers gets the value of a macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueSource {
    /// The moment of the call: the clock and a random number.
    Moment,
    /// The program itself and the id that it gives to a request.
    Client,
    /// The device that plays the ad.
    Device,
    /// What the viewer agreed to, and the regulations that apply.
    Consent,
    /// The slot that is to be filled.
    Slot,
    /// The conditions that an ad must meet.
    Filter,
    /// The wrappers above the request.
    Wrappers,
    /// The ad that plays.
    Ad,
    /// The playback of the ad, or the event that is reported.
    Playback,
    /// Only the host knows it: the page, the app, the content, the player.
    Host,
}

/// Builds the enum and its questions from one table: variant, name, scope, support, form and source of the value.
macro_rules! registry {
    ($(
        $(#[$doc:meta])*
        $variant:ident = $name:literal, $scope:ident, $support:ident, $form:ident, $source:ident;
    )*) => {
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

            /// The form of its value.
            pub fn form(self) -> ValueForm {
                match self {
                    $(Macro::$variant => ValueForm::$form,)*
                }
            }

            /// Where its value comes from. A host may always give another value.
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
    Timestamp = "TIMESTAMP", Both, Required, Text, Moment;
    /// Eight random digits, new for every request.
    Cachebusting = "CACHEBUSTING", Both, Required, Text, Moment;
    /// The old name of `MEDIAPLAYHEAD`.
    ContentPlayhead = "CONTENTPLAYHEAD", Both, Deprecated, Text, Playback;
    /// Position in the content, `HH:MM:SS.mmm`.
    MediaPlayhead = "MEDIAPLAYHEAD", Both, Optional, Text, Playback;
    /// Position in the ad, `HH:MM:SS.mmm`.
    AdPlayhead = "ADPLAYHEAD", Tracking, Optional, Text, Playback;
    /// 1 pre-roll, 2 mid-roll, 3 post-roll, 4 stand-alone, 0 other.
    BreakPosition = "BREAKPOSITION", Both, Optional, Text, Host;
    /// Longest break, in seconds.
    BreakMaxDuration = "BREAKMAXDURATION", Both, Optional, Text, Slot;
    /// Shortest break, in seconds.
    BreakMinDuration = "BREAKMINDURATION", Both, Optional, Text, Slot;
    /// Most ads in the break.
    BreakMaxAds = "BREAKMAXADS", Both, Optional, Text, Slot;
    /// Shortest ad in the break, in seconds.
    BreakMinAdLength = "BREAKMINADLENGTH", Both, Optional, Text, Filter;
    /// Longest ad in the break, in seconds.
    BreakMaxAdLength = "BREAKMAXADLENGTH", Both, Optional, Text, Filter;
    /// Categories that wrappers above have blocked; a list.
    BlockedAdCategories = "BLOCKEDADCATEGORIES", Request, Optional, List, Wrappers;
    /// Wanted categories; a list.
    AdCategories = "ADCATEGORIES", Request, Optional, List, Host;
    /// In a request the ads expected, in a tracker the number of this ad in the tree, from 1.
    AdCount = "ADCOUNT", Both, Optional, Text, Playback;
    /// A UUID that stays the same for everything that the first request leads to.
    TransactionId = "TRANSACTIONID", Both, Optional, Text, Client;
    /// AdCOM's placement subtype.
    PlacementType = "PLACEMENTTYPE", Both, Optional, Text, Host;
    /// `video`, `audio` or `hybrid`.
    AdType = "ADTYPE", Both, Optional, Text, Ad;
    /// `registry id` pairs; a list.
    UniversalAdId = "UNIVERSALADID", Tracking, Optional, List, Ad;
    /// The device's resettable advertising id.
    Ifa = "IFA", Both, Optional, Text, Device;
    /// What kind of id that is.
    IfaType = "IFATYPE", Both, Optional, Text, Device;
    /// The player and its version.
    ClientUa = "CLIENTUA", Both, Optional, Text, Host;
    /// The server that acts for the player, and its version.
    ServerUa = "SERVERUA", Both, Optional, Text, Client;
    /// The device's User-Agent, when a server acts for it.
    DeviceUa = "DEVICEUA", Both, Optional, Text, Device;
    /// The device's address, when a server acts for it.
    DeviceIp = "DEVICEIP", Both, Optional, Text, Device;
    /// 0 from the device, 1 from a server that it asked, 2 from a server on its own.
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
    /// Supported versions by AdCOM's list of creative subtypes; a list.
    VastVersions = "VASTVERSIONS", Request, Optional, List, Host;
    /// Supported interfaces by AdCOM's list; a list.
    ApiFrameworks = "APIFRAMEWORKS", Request, Optional, List, Slot;
    /// Supported types of extensions; a list.
    Extensions = "EXTENSIONS", Request, Optional, List, Host;
    /// Supported verification vendors; a list.
    VerificationVendors = "VERIFICATIONVENDORS", Request, Optional, List, Host;
    /// The Open Measurement partner and its version; needed where it is supported.
    OmidPartner = "OMIDPARTNER", Both, Conditional, Text, Host;
    /// Supported MIME types; a list.
    MediaMime = "MEDIAMIME", Request, Optional, List, Host;
    /// `skip`, `mute`, `autoplay`, `mautoplay`, `fullscreen`, `icon`; a list.
    PlayerCapabilities = "PLAYERCAPABILITIES", Both, Optional, List, Host;
    /// 0 not clickable, 1 on the whole ad, 2 on a button or link, 3 with confirmation.
    ClickType = "CLICKTYPE", Both, Optional, Text, Host;
    /// `muted`, `fullscreen`; a list.
    PlayerState = "PLAYERSTATE", Tracking, Optional, List, Host;
    /// `skippable`, `autoplayed`, `mautoplayed`, `optin`; a list.
    InventoryState = "INVENTORYSTATE", Both, Optional, List, Host;
    /// Width and height of the player.
    PlayerSize = "PLAYERSIZE", Both, Optional, Numbers, Host;
    /// How playback began, by AdCOM's list.
    PlaybackMethods = "PLAYBACKMETHODS", Both, Optional, List, Host;
    /// URL of the file that plays.
    AssetUri = "ASSETURI", Tracking, Optional, Text, Playback;
    /// `registry id` of the content.
    ContentId = "CONTENTID", Both, Optional, Text, Host;
    /// URL of the content.
    ContentUri = "CONTENTURI", Both, Optional, Text, Host;
    /// Categories of the content; a list.
    ContentCat = "CONTENTCAT", Request, Optional, List, Host;
    /// The playing ad's `sequence`.
    PodSequence = "PODSEQUENCE", Tracking, Optional, Text, Ad;
    /// The `AdServingId` of the ad, in wrappers' trackers too.
    AdServingId = "ADSERVINGID", Tracking, Optional, Text, Ad;
    /// Where the viewer clicked.
    ClickPos = "CLICKPOS", Click, Optional, Numbers, Playback;
    /// What went wrong.
    ErrorCode = "ERRORCODE", Error, Required, Text, Playback;
    /// Why a verification was not run: 1 rejected, 2 not supported, 3 not loaded.
    Reason = "REASON", Verification, Required, Text, Playback;
    /// 1 if the viewer limits tracking, else 0.
    LimitAdTracking = "LIMITADTRACKING", Both, Required, Text, Consent;
    /// Regulations that apply, such as `gdpr`; a list.
    Regulations = "REGULATIONS", Both, Optional, List, Consent;
    /// The TCF consent string.
    GdprConsent = "GDPRCONSENT", Both, Optional, Text, Consent;
    /// The GPP consent string.
    GppString = "GPPSTRING", Both, Optional, Text, Consent;
    /// The sections of it that apply; a list.
    GppSectionId = "GPPSECTIONID", Both, Optional, List, Consent;
    /// Whether the Digital Services Act asks for transparency, 0 to 3.
    DsaRequired = "DSAREQUIRED", Request, Optional, Text, Host;
    /// How the ad was chosen, by the same act; a list.
    DsaParams = "DSAPARAMS", Request, Optional, List, Host;
    /// Whether the publisher can show that, 1 to 3.
    DsaPubRender = "DSAPUBRENDER", Request, Optional, Text, Host;
}
