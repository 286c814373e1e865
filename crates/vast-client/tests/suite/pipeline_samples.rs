//! Sample documents that a mock server sends as ads: those of `fixtures/samples`, and those of the directory that
//! `VAST_SAMPLES` names (samples of the IAB, whose licence grants no right to copy them here). The expected numbers are
//! counted in the text of each document and not with our reader.

use std::path::{Path, PathBuf};

use crate::pipeline::{client_with, start, within};
use vast_client::{FetchConfig, FetchResult, Outcome, SourceConfig};
use vast_mock::Script;

#[tokio::test]
async fn every_inline_linear_sample_of_2_0_and_later_gives_its_ad() {
    check_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/samples")).await;
    if let Some(folder) = std::env::var_os("VAST_SAMPLES") {
        check_folder(Path::new(&folder)).await;
    }
}

/// Checks every document in the subfolders of this folder.
async fn check_folder(folder: &Path) {
    let mut cases = 0;
    for folder in entries(folder).filter(|path| path.is_dir()) {
        let script = Script::builder().server("samples").directory(&folder).build().expect("a script");
        let mock = start(script).await;
        for file in entries(&folder).filter(|path| path.extension().is_some_and(|suffix| suffix == "xml")) {
            let text = std::fs::read_to_string(&file).expect("a sample");
            check(&file, &text, &ask(mock.url("samples"), &file).await);
            cases += 1;
        }
        mock.shutdown().await;
    }
    assert!(cases >= 40, "only {cases} samples found in {}", folder.display());
}

/// Compares the result with the text of the document.
fn check(file: &Path, text: &str, result: &FetchResult) {
    let name = file.display();
    let is_old = text.contains("<VideoAdServingTemplate");
    let is_wrapper = text.contains("<Wrapper");
    let files = text.matches("<MediaFile ").count();
    let report = result.sources.first().expect("one source");
    if text.contains("apiFramework=\"VPAID\"") && files == 1 && !is_old {
        let codes: Vec<_> = result.errors.iter().map(|error| error.failure.vast_error_code).collect();
        assert_eq!((report.outcome, codes), (Outcome::Rejected, vec![Some(403)]), "{name}");
    } else if files > 0 && !is_wrapper && !is_old {
        assert!(result.success, "{name}: {:?}", report.reason);
        let ad = result.ads.first().expect("an ad");
        let linear = ad.linear().expect("a linear creative");
        assert_eq!(linear.media_files.len(), files, "{name}: media files");
        assert!(text.contains(&*ad.media_file().expect("a media file").url), "{name}: the chosen file is in the text");
        assert_eq!(ad.ad.impressions().count(), text.matches("<Impression").count(), "{name}: impressions");
        if !text.contains("<NonLinearAds") && !text.contains("<Companion ") && !text.contains("<Verification") {
            let trackers = ad.ad.tracking(ad.media.creative).count();
            assert_eq!(trackers, text.matches("<Tracking ").count(), "{name}: trackers");
        }
    }
}

async fn ask(base: &str, file: &Path) -> FetchResult {
    let name = file.file_name().expect("a name").to_string_lossy().replace(' ', "%20");
    let mut config = FetchConfig::new([SourceConfig::url(format!("{base}/{name}"))]);
    // The wrappers of the samples name servers on the internet, which must not be requested.
    config.parse_filter.accept_wrappers = false;
    within(client_with(config, |builder| builder).request_ad()).await
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of samples");
    entries.map(|entry| entry.expect("an entry").path())
}
