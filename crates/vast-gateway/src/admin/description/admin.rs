//! The routes of the admin port.

use super::operation::{Media, Operation, Takes};

const OTHER_METHOD: (u16, &str, Media) = (405, "the route has another method", Media::Json("AdminError"));
const NO_KEY: (u16, &str, Media) = (401, "a key is needed", Media::Json("AdminError"));
const TO_PAGE: (u16, &str, Media) = (303, "to a browser: the page that shows the effect", Media::Text);
const DENIED: (u16, &str, Media) = (
    403,
    "a key is needed; the page of another site has sent the request; or there are no keys and `Host` names another machine",
    Media::Json("AdminError"),
);

const GONE: (u16, &str, Media) =
    (404, "the gateway does not keep this request, or not any more", Media::Json("AdminError"));
const PAGE: &[(u16, &str, Media)] = &[(200, "the page", Media::Html), NO_KEY, DENIED];
const PAGE_OF_ONE: &[(u16, &str, Media)] =
    &[(200, "the page", Media::Html), NO_KEY, DENIED, (404, "it is not kept any more", Media::Html)];

const BLOCKED: (u16, &str, Media) = (200, "the ad is blocked, or is not blocked any more", Media::Json("BlockChange"));
const BAD_RULE: (u16, &str, Media) = (422, "the body or the value is wrong", Media::Json("AdminError"));
const EJECTED: (u16, &str, Media) =
    (200, "the source is ejected, or is not ejected any more", Media::Json("EjectionChange"));

/// The routes of the admin port.
pub(super) const OPERATIONS: &[Operation] = &[
    admin(
        "/healthz",
        "whether the process runs its tasks",
        &[(200, "it does", Media::Json("Health")), OTHER_METHOD, (503, "it does not", Media::Json("Health"))],
    ),
    admin(
        "/readyz",
        "whether the gateway is ready",
        &[
            (200, "it is", Media::Json("Ready")),
            OTHER_METHOD,
            (503, "it is not, with the reasons", Media::Json("Ready")),
        ],
    ),
    admin("/metrics", "all numbers, for Prometheus", &[(200, "the numbers", Media::Text), OTHER_METHOD]),
    admin("/openapi.json", "this description", &[(200, "the description", Media::Json("Description")), DENIED]),
    admin(
        "/api/state",
        "the state of the gateway and its placements",
        &[(200, "the state", Media::Json("State")), DENIED],
    ),
    admin("/api/sources", "the numbers of the sources", &[(200, "the numbers", Media::Json("Sources")), DENIED]),
    admin("/", "the overview for a browser", PAGE),
    admin("/sources", "the sources for a browser", PAGE),
    admin("/outbox", "the outbox for a browser", PAGE),
    admin(
        "/api/outbox",
        "the beacons that wait by their hosts, and the oldest dead letters",
        &[(200, "the outbox", Media::Json("Outbox")), DENIED],
    ),
    admin("/gateways", "all gateways of the cluster and what each of them sees, for a browser", PAGE),
    admin(
        "/api/gateways",
        "all gateways of the cluster, and what each of them sees of its sources",
        &[(200, "the gateways", Media::Json("Gateways")), DENIED],
    ),
    Operation { takes: Takes::Filter, ..admin("/requests", "the newest requests for a browser", PAGE) },
    admin("/requests/{id}", "why a request got its ad, or none, for a browser", PAGE_OF_ONE),
    admin(
        "/requests/{id}/recording",
        "the recording of a request, for `vast explain` and `vast replay`",
        &[(200, "the recording", Media::File), NO_KEY, DENIED, GONE],
    ),
    Operation {
        takes: Takes::Filter,
        ..admin("/api/requests", "the newest requests", &[(200, "the requests", Media::Json("Requests")), DENIED])
    },
    admin(
        "/api/requests/{id}",
        "a request with its result and its beacons",
        &[(200, "the request", Media::Json("Request")), DENIED, GONE],
    ),
    Operation {
        method: "post",
        ..admin(
            "/api/outbox/requeue",
            "makes all dead letters due again",
            &[
                (200, "how many are due again", Media::Json("Requeued")),
                TO_PAGE,
                DENIED,
                (503, "the outbox does not work", Media::Json("AdminError")),
            ],
        )
    },
    admin("/test", "the form of the tag tester for a browser", PAGE),
    Operation {
        method: "post",
        body: Media::FormOrJson("TagTest"),
        ..admin(
            "/test/run",
            "asks a placement as a player would, and explains the answer; for a browser",
            &[(200, "the page", Media::Html), NO_KEY, DENIED, (422, "the form with its mistake", Media::Html)],
        )
    },
    Operation {
        method: "post",
        body: Media::FormOrJson("TagTest"),
        ..admin(
            "/api/test",
            "asks a placement as a player would; calls no tracker and counts nothing",
            &[
                (200, "the answer", Media::Json("TagTested")),
                DENIED,
                (422, "the test cannot run", Media::Json("AdminError")),
            ],
        )
    },
    admin("/config", "the configuration, and what a reload would change, for a browser", PAGE),
    admin(
        "/api/config",
        "the configuration in use, and what a reload would change now",
        &[(200, "the configuration", Media::Json("Config")), DENIED],
    ),
    admin("/blocked", "what operators have changed by hand, for a browser", PAGE),
    admin("/api/blocked", "the ads that operators have blocked", &[(200, "the ads", Media::Json("Blocked")), DENIED]),
    Operation {
        method: "post",
        body: Media::FormOrJson("BlockRule"),
        ..admin("/api/block", "blocks an ad in all placements", &[BLOCKED, TO_PAGE, DENIED, BAD_RULE])
    },
    Operation {
        method: "post",
        body: Media::FormOrJson("BlockRule"),
        ..admin(
            "/api/unblock",
            "uses a blocked ad again",
            &[BLOCKED, TO_PAGE, DENIED, (409, "no operator has blocked the ad", Media::Json("AdminError")), BAD_RULE],
        )
    },
    Operation {
        method: "post",
        ..admin(
            "/api/sources/{placement}/{source}/eject",
            "ejects a source: no request asks it",
            &[EJECTED, TO_PAGE, DENIED, (404, "there is no such source", Media::Json("AdminError"))],
        )
    },
    Operation {
        method: "post",
        ..admin(
            "/api/sources/{placement}/{source}/restore",
            "ends the ejection of a source: requests ask it again",
            &[EJECTED, TO_PAGE, DENIED, (409, "no operator has ejected the source", Media::Json("AdminError"))],
        )
    },
    Operation {
        method: "post",
        ..admin(
            "/api/drain",
            "begins the end of the gateway, as SIGTERM does",
            &[(200, "it has begun", Media::Json("Draining")), TO_PAGE, DENIED],
        )
    },
    admin(
        "/api/live",
        "the numbers of the overview once per second, as server-sent events; at most 32 readers",
        &[
            (200, "the events of 30 seconds; the browser then asks again", Media::Events),
            NO_KEY,
            DENIED,
            (503, "there are 32 readers", Media::Json("AdminError")),
        ],
    ),
    Operation {
        method: "post",
        ..admin(
            "/api/config/reload",
            "reads the configuration file again",
            &[
                (200, "the file is in use, or has not changed", Media::Json("Reloaded")),
                TO_PAGE,
                DENIED,
                (409, "there is no file", Media::Json("AdminError")),
                (422, "the file is wrong: the older configuration stays in use", Media::Json("AdminError")),
            ],
        )
    },
];

const fn admin(path: &'static str, about: &'static str, answers: &'static [(u16, &'static str, Media)]) -> Operation {
    Operation {
        path,
        method: "get",
        about,
        is_admin: true,
        needs_key: false,
        takes: Takes::Nothing,
        body: Media::None,
        answers,
    }
}
