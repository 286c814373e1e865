//! A source that is not an ad server: a list of house ads in the program.
//!
//! ```text
//! vast mock crates/vast-client/examples/servers.toml        # in another terminal
//! cargo run -p vast-client --example own_source -- http://127.0.0.1:8080
//! ```

use std::error::Error;

use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
use vast_client::{BoxFuture, ErrorType, Failure, FetchConfig, SourceConfig, VastClient};

/// House ads by the language of the viewer.
struct HouseAds {
    by_language: Vec<(&'static str, String)>,
}

impl Source for HouseAds {
    fn url(&self) -> &str {
        "house-ads"
    }

    fn fetch<'a>(
        &'a self,
        _prepared: &'a Prepared,
        context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        Box::pin(async move {
            let language = context.request().device.accept_language.as_deref().unwrap_or("en");
            let found = self.by_language.iter().find(|(known, _)| *known == language);
            let (_, vast) = found.ok_or_else(|| Failure::new(ErrorType::NoAd, "no house ad in this language"))?;
            Ok(Fetched::local(vast.clone()))
        })
    }
}

/// Returns the lines to print.
pub async fn run(server: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let vast = |ad: &str| {
        format!(
            "<VAST version=\"4.2\"><Ad id=\"{ad}\"><InLine><AdSystem>house</AdSystem><AdTitle>{ad}</AdTitle>\
             <Impression>{server}/impression?ad={ad}</Impression><Creatives><Creative><Linear><Duration>00:00:10</Duration>\
             <MediaFiles><MediaFile delivery=\"progressive\" type=\"video/mp4\" width=\"640\" height=\"360\">\
             https://cdn.example/{ad}.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"
        )
    };
    let house = HouseAds { by_language: vec![("en", vast("tea")), ("de", vast("tee"))] };
    let client = VastClient::from_config(FetchConfig::new([SourceConfig::custom(house).named("house")]))?;

    let mut lines = Vec::new();
    for language in ["de", "fr"] {
        let mut request = vast_client::AdRequest::default();
        request.device.accept_language = Some(language.to_owned());
        let result = client.request_ad_for(&request).await;
        let id = result.ads.first().and_then(|ad| ad.ad.id.as_deref()).unwrap_or("no ad");
        lines.push(format!("{language}: {id}"));
    }
    Ok(lines)
}

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::print_stdout, reason = "an example shows what it found")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args().nth(1).ok_or("the address of the ad server is missing")?;
    for line in run(&server).await? {
        println!("{line}");
    }
    Ok(())
}
