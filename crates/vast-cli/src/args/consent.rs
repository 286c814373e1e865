//! What the viewer agreed to, and which rules apply.

use clap::Args;
use vast_client::config::ConfigFile;

use super::value::set;

/// What the viewer agreed to, and which rules apply.
#[derive(Debug, Args)]
#[command(next_help_heading = "What the viewer agreed to")]
pub(crate) struct ConsentArgs {
    /// The GDPR applies: `gdpr` in `[REGULATIONS]`. Sources that require consent are not asked without it.
    #[arg(long)]
    gdpr: bool,
    /// The TCF consent string: `[GDPRCONSENT]`.
    #[arg(long, value_name = "TEXT")]
    gdpr_consent: Option<String>,
    /// The GPP string: `[GPPSTRING]`.
    #[arg(long, value_name = "TEXT")]
    gpp: Option<String>,
    /// The sections of the GPP string that apply, with commas: `[GPPSECTIONID]`.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    gpp_sections: Vec<u16>,
    /// COPPA applies: `coppa` in `[REGULATIONS]`. The advertising id is not told.
    #[arg(long)]
    coppa: bool,
    /// The viewer limits ad tracking: 1 for `[LIMITADTRACKING]`. The advertising id is not told.
    #[arg(long)]
    limit_ad_tracking: bool,
}

impl ConsentArgs {
    /// Takes what is given over what stands in `file`.
    pub(super) fn apply(&self, file: &mut ConfigFile) {
        let consent = &mut file.request.consent;
        set(&mut consent.gdpr, self.gdpr.then_some(Some(true)));
        set(&mut consent.gdpr_consent, self.gdpr_consent.clone().map(Some));
        set(&mut consent.gpp, self.gpp.clone().map(Some));
        set(&mut consent.gpp_sections, (!self.gpp_sections.is_empty()).then(|| self.gpp_sections.clone()));
        set(&mut consent.coppa, self.coppa.then_some(Some(true)));
        set(&mut consent.limit_ad_tracking, self.limit_ad_tracking.then_some(Some(true)));
    }
}
