//! The device that will play the ad, and what the ad servers are told of it.

use std::net::IpAddr;

use clap::Args;
use vast_client::config::ConfigFile;

use super::value::{self, override_pairs, set};

/// The device that will play the ad, and what the ad servers are told of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "What ad servers are told")]
pub(crate) struct DeviceArgs {
    /// Append a query parameter to every source; may be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = value::pair)]
    params: Vec<(String, String)>,
    /// Send a header to every source, but not to what it leads to; may be repeated.
    #[arg(long = "header", value_name = "'NAME: VALUE'", value_parser = value::header)]
    headers: Vec<(String, String)>,
    /// The value of a macro, without brackets; may be repeated. Names of the IAB registry are filled in everywhere, others
    /// only in your own tags.
    #[arg(long = "macro", value_name = "NAME=VALUE", value_parser = value::pair)]
    macros: Vec<(String, String)>,
    /// The address of the device: X-Device-IP and `[DEVICEIP]`.
    #[arg(long, value_name = "ADDRESS")]
    device_ip: Option<IpAddr>,
    /// The User-Agent of the device: X-Device-User-Agent and `[DEVICEUA]`.
    #[arg(long, value_name = "TEXT")]
    device_ua: Option<String>,
    /// What the device would send as Referer: X-Device-Referer.
    #[arg(long, value_name = "URL")]
    device_referer: Option<String>,
    /// The Accept-Language of the device: X-Device-Accept-Language.
    #[arg(long, value_name = "LANGUAGES")]
    device_language: Option<String>,
    /// The advertising id of the device: `[IFA]`. Not told where COPPA applies or ad tracking is limited.
    #[arg(long, value_name = "ID")]
    device_ifa: Option<String>,
    /// What kind of id that is: `[IFATYPE]`.
    #[arg(long, value_name = "TYPE")]
    device_ifa_type: Option<String>,
}

impl DeviceArgs {
    /// Takes what is given over what stands in `file`.
    pub(super) fn apply(&self, file: &mut ConfigFile) {
        override_pairs(&mut file.fetch.params, &self.params, false);
        override_pairs(&mut file.fetch.headers, &self.headers, true);
        override_pairs(&mut file.request.macros, &self.macros, false);
        let device = &mut file.request.device;
        set(&mut device.ip, self.device_ip.map(Some));
        set(&mut device.user_agent, self.device_ua.clone().map(Some));
        set(&mut device.referer, self.device_referer.clone().map(Some));
        set(&mut device.accept_language, self.device_language.clone().map(Some));
        set(&mut device.ifa, self.device_ifa.clone().map(Some));
        set(&mut device.ifa_type, self.device_ifa_type.clone().map(Some));
    }
}
