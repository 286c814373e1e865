//! The viewer of a request: from the plain values that Python gives to an `AdRequest`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vast_client::{AdRequest, Consent, Device};

/// The viewer as Python gives it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct ViewerItem {
    ip: Option<String>,
    user_agent: Option<String>,
    referer: Option<String>,
    language: Option<String>,
    ifa: Option<String>,
    ifa_type: Option<String>,
    gdpr: Option<bool>,
    coppa: Option<bool>,
    consent: Option<String>,
    gpp: Option<String>,
    limit_ad_tracking: Option<bool>,
    macros: Vec<(String, String)>,
}

impl TryFrom<ViewerItem> for AdRequest {
    type Error = PyErr;

    fn try_from(item: ViewerItem) -> PyResult<Self> {
        let ip = item.ip.map(|text| {
            text.parse()
                .map_err(|_| PyValueError::new_err(format!("ip is {text:?}; an IPv4 or IPv6 address would be right")))
        });
        let device = Device {
            ip: ip.transpose()?,
            user_agent: item.user_agent,
            referer: item.referer,
            accept_language: item.language,
            ifa: item.ifa,
            ifa_type: item.ifa_type,
            ..Device::default()
        };
        let consent = Consent {
            gdpr: item.gdpr,
            coppa: item.coppa,
            gdpr_consent: item.consent,
            gpp: item.gpp,
            limit_ad_tracking: item.limit_ad_tracking,
            ..Consent::default()
        };
        Ok(Self { device, consent, macros: item.macros, ..Self::default() })
    }
}
