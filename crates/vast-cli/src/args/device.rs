//! The device that will play the ad, and what is sent to ad servers.

use std::net::IpAddr;

use clap::Args;
use vast_client::ForeignMacros;
use vast_client::config::ClientConfig;

use super::value::{self, override_pairs, set};
use crate::error::CommandError;

/// The device that will play the ad, and what is sent to ad servers.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data for ad servers")]
pub(crate) struct DeviceArgs {
    /// Append a query parameter to the URL of every source; may be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = value::pair)]
    params: Vec<(String, String)>,
    /// Send a header to every source, but not to wrappers and trackers; may be repeated.
    #[arg(long = "header", value_name = "'NAME: VALUE'", value_parser = value::header)]
    headers: Vec<(String, String)>,
    /// Set the value of a macro, written without brackets; may be repeated. Macros of the IAB list are filled in everywhere,
    /// others only in the URLs of your sources.
    #[arg(long = "macro", value_name = "NAME=VALUE", value_parser = value::pair)]
    macros: Vec<(String, String)>,
    /// Set the value of a macro that is not in the IAB list, by its literal token such as '${AUCTION_PRICE}' or '{cb}'; may be
    /// repeated. It is filled in everywhere: in your sources, wrappers and trackers.
    #[arg(long = "foreign-macro", value_name = "TOKEN=VALUE", value_parser = value::foreign_macro)]
    foreign_macros: Vec<(String, String)>,
    /// The IP address of the device: header X-Device-IP and `[DEVICEIP]`.
    #[arg(long, value_name = "ADDRESS")]
    device_ip: Option<IpAddr>,
    /// The User-Agent of the device: header X-Device-User-Agent and `[DEVICEUA]`.
    #[arg(long, value_name = "TEXT")]
    device_ua: Option<String>,
    /// The Referer of the device: header X-Device-Referer.
    #[arg(long, value_name = "URL")]
    device_referer: Option<String>,
    /// The Accept-Language of the device: header X-Device-Accept-Language.
    #[arg(long, value_name = "LANGUAGES")]
    device_language: Option<String>,
    /// The advertising id of the device: `[IFA]`. It is not sent when COPPA applies or ad tracking is limited.
    #[arg(long, value_name = "ID")]
    device_ifa: Option<String>,
    /// The type of the advertising id: `[IFATYPE]`.
    #[arg(long, value_name = "TYPE")]
    device_ifa_type: Option<String>,
}

impl DeviceArgs {
    /// Overrides the settings of `file` by the arguments that are present.
    ///
    /// # Errors
    /// There are too many foreign macros.
    pub(super) fn apply(&self, file: &mut ClientConfig) -> Result<(), CommandError> {
        override_pairs(&mut file.fetch.params, &self.params, false);
        override_pairs(&mut file.fetch.headers, &self.headers, true);
        override_pairs(&mut file.request.macros, &self.macros, false);
        let foreign = ForeignMacros::new(self.foreign_macros.iter().map(|(token, value)| (token, value)));
        let foreign = foreign.map_err(|error| CommandError::usage(format!("--foreign-macro: {error}")))?;
        file.request.foreign_macros = foreign.or(&file.request.foreign_macros);
        let device = &mut file.request.device;
        set(&mut device.ip, self.device_ip.map(Some));
        set(&mut device.user_agent, self.device_ua.clone().map(Some));
        set(&mut device.referer, self.device_referer.clone().map(Some));
        set(&mut device.accept_language, self.device_language.clone().map(Some));
        set(&mut device.ifa, self.device_ifa.clone().map(Some));
        set(&mut device.ifa_type, self.device_ifa_type.clone().map(Some));
        Ok(())
    }
}
