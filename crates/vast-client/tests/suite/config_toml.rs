//! Configurations that are written as TOML.

use vast_client::{ClientConfig, ConfigKey};

/// A file that sets every key to something else than its default.
const EVERYTHING: &str = r#"
mode = "race"
fallback_mode = "sequential"
order = "weighted"
timeout = "1234ms"
fallback_reserve = "100ms"
source_timeout = "2s"
attempt_timeout = "700ms"
hop_timeout = "800ms"
connect_timeout = "300ms"
idle_timeout = "400ms"
min_useful = "60ms"
retries = 3
retry_delay = "10ms"
retry_max_delay = "2s"
retry_timeouts = true
patience = "150ms"
stagger = "1.5ms"
resolve_ahead = 9
allow_multiple_ads = true
max_exchanges = 11
max_redirects = 2
max_source_bytes = 1000
max_request_bytes = 2000
max_breaks = 3
params = { a = "1", b = ["2", "3"] }
headers = { X-A = "1" }
macros = { zone = "a b" }
foreign_macros = { "${PRICE}" = "1.5" }
track = true
report_errors = false
report_not_used = true
max_beacons = 5
raw = true
user_agent = "me/1"
ca_file = "/ca.pem"
proxy = "http://proxy.internal:3128"
allow_private = true
device_ip = "203.0.113.7"
device_ua = "TV"
device_referer = "https://page"
device_language = "de"
device_requested_with = "app"
device_ifa = "id"
device_ifa_type = "tifa"
device_headers = { DNT = "1" }
gdpr = true
coppa = false
gdpr_consent = "C"
gpp = "G"
gpp_sections = [2, 6]
limit_ad_tracking = true
api_frameworks = ["omid"]
mime_types = ["video/x"]
device_profile = "mine"
companion_sizes = ["300x250"]
non_linear_size = "640x80"
variable_duration = true
accept_pods = false
split_key = "viewer"
seed = 7

[record]
dir = "/recordings"
sample = 0.5
always = ["failed", "no_ad"]
max_bytes = 1000
max_files = 7

[profile.mine]
max_width = 640
max_height = 360
max_bitrate = 900
mime_types = ["video/mp4"]
codecs = ["h264"]
delivery = ["progressive"]
api_frameworks = ["simid"]
languages = ["en"]

[break]
min = "10s"
max = "60s"
max_ads = 4
tolerance = "2s"
rank = ["price", "order"]
dedup = "off"
separate = ["advertiser"]
currency = "USD"
rates = { EUR = 1.08 }

[breaker]
enabled = false
failures = 9
eject = "9s"
eject_max = "99s"
simulate_only = true

[filter]
media_types = ["video"]
min_duration = "5s"
max_duration = "30s"
min_bitrate = 100
max_bitrate = 5000
required_dimensions = "640x360"
accept_unknown = true
check_categories = false
require_category = true
blocked_categories = ["IAB1"]
blocked = { creative_ids = ["c"], media_hosts = ["cdn.example"] }
skippable = "required"
accept_conditional = false
require_secure = true
require_mezzanine = true
versions = ["4"]
accept_wrappers = false
max_wrapper_depth = 2

[[source]]
name = "east"
url = "https://east.example/v?x=[CACHEBUSTING]"
params = { c = "4" }
raw_params = ["c"]
headers = { X-B = "2" }
source_timeout = "900ms"
weight = 3
breaker = { failures = 2 }
max_concurrent = 7
max_rate = 1.5
ip = "truncate"
ua = "generalise"
ifa = "hash"
ifa_salt = "salt"
require_consent = true
forward_for = true
cache_ttl = "30s"
cache_negative = "1s"
cache_shared = true
cache_wrappers = true
client_certificate = "/a.pem"
client_key = "/a.key"

[[source]]
file = "/house.xml"

[[fallback]]
xml = "<VAST/>"

[[arm]]
name = "a"
share = 33.5
sources = ["east"]
order = "listed"
mode = "collect"
timeout = "1s"
filter = { max_duration = "15s" }
"#;

#[test]
fn a_configuration_is_written_and_read_again() {
    let config = ClientConfig::try_from(EVERYTHING).expect("a configuration");
    let written = config.to_toml();
    let again = ClientConfig::try_from(&*written).unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(again, config, "{written}");
    let missing = |key: &&ConfigKey| !written.contains(key.as_str());
    // The length of a break is written as `max` of its table.
    let missing: Vec<_> = ConfigKey::ALL.iter().filter(missing).map(|key| key.as_str()).collect();
    assert_eq!(missing, ["break_duration"]);
    assert_eq!(ClientConfig::default().to_toml(), "");
}
