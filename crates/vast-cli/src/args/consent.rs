//! The viewer's consent, and the privacy rules that apply.

use clap::Args;
use vast_client::config::ClientConfig;

use super::value::set;

/// The viewer's consent, and the privacy rules that apply.
#[derive(Debug, Args)]
#[command(next_help_heading = "Consent and privacy")]
pub(crate) struct ConsentArgs {
    /// The GDPR applies: `gdpr` in `[REGULATIONS]`. Sources that require consent are asked only with --gdpr-consent.
    #[arg(long)]
    gdpr: bool,
    /// The TCF consent string: `[GDPRCONSENT]`.
    #[arg(long, value_name = "TEXT")]
    gdpr_consent: Option<String>,
    /// The GPP string: `[GPPSTRING]`.
    #[arg(long, value_name = "TEXT")]
    gpp: Option<String>,
    /// The sections of the GPP string that apply, separated by commas: `[GPPSECTIONID]`.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    gpp_sections: Vec<u16>,
    /// COPPA applies: `coppa` in `[REGULATIONS]`. The advertising id is not sent.
    #[arg(long)]
    coppa: bool,
    /// The viewer limits ad tracking: 1 for `[LIMITADTRACKING]`. The advertising id is not sent.
    #[arg(long)]
    limit_ad_tracking: bool,
}

impl ConsentArgs {
    /// Overrides the settings of `file` by the arguments that are present.
    pub(super) fn apply(&self, file: &mut ClientConfig) {
        let consent = &mut file.request.consent;
        set(&mut consent.gdpr, self.gdpr.then_some(Some(true)));
        set(&mut consent.gdpr_consent, self.gdpr_consent.clone().map(Some));
        set(&mut consent.gpp, self.gpp.clone().map(Some));
        set(&mut consent.gpp_sections, (!self.gpp_sections.is_empty()).then(|| self.gpp_sections.clone()));
        set(&mut consent.coppa, self.coppa.then_some(Some(true)));
        set(&mut consent.limit_ad_tracking, self.limit_ad_tracking.then_some(Some(true)));
    }
}
