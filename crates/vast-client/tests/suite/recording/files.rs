//! The files of recordings, and which requests are kept.

use super::privacy::*;
use super::*;

async fn a_recording() -> Recording {
    let (_, recording, _) = recorded(tag(Privacy::default()), &viewer(), echo, PersonalValues::Replaced).await;
    recording
}

#[tokio::test(start_paused = true)]
async fn a_file_gives_back_the_recordings_that_were_written() {
    let recording = a_recording().await;
    let file = [to_bytes(&recording), to_bytes(&recording)].concat();
    let read: Vec<Recording> = RecordingReader::new(&file[..]).collect::<Result<_, _>>().expect("two recordings");
    assert_eq!(read, [recording.clone(), recording.clone()]);
    let config = ClientConfig::try_from(&*recording.request.config).expect("a configuration");
    assert_eq!(config.fetch.sources[0].name.as_deref(), Some("east"));
    assert!(config.request.device.ip.is_some_and(|ip| Some(ip) != viewer().device.ip));
}

#[tokio::test(start_paused = true)]
async fn a_damaged_file_gives_what_is_whole_and_an_error_with_a_position() {
    let one = to_bytes(&a_recording().await);
    let start = one.len() as u64;
    let two = [one.clone(), one.clone()].concat();
    let with = |at: usize, byte: u8| {
        let mut bytes = two.clone();
        bytes[one.len() + at] = byte;
        bytes
    };
    let newer = with(4, 2);
    let too_large = with(15, 0x7f);
    let flipped = with(24 + 50, two[one.len() + 24 + 50] ^ 1);
    let cases = [
        ("cut in the header", two[..one.len() + 10].to_vec()),
        ("cut in the content", two[..two.len() - 5].to_vec()),
        ("newer", newer),
        ("too large", too_large),
        ("flipped", flipped),
        ("foreign", [&one[..], b"<VAST/>"].concat()),
    ];
    for (what, bytes) in cases {
        let mut reader = RecordingReader::new(&bytes[..]);
        assert!(reader.next().is_some_and(|first| first.is_ok()), "{what}");
        let error = reader.next().expect("an error").expect_err(what);
        assert_eq!((error.number, error.position), (2, start), "{what}");
        let is_expected = match what {
            "cut in the header" => matches!(error.kind, RecordingErrorKind::Truncated { expected: 24, found: 10 }),
            "cut in the content" => {
                matches!(error.kind, RecordingErrorKind::Truncated { .. }) && error.partial.is_some()
            }
            "newer" => matches!(error.kind, RecordingErrorKind::Version(2)),
            "too large" => matches!(error.kind, RecordingErrorKind::TooLarge { part: "JSON", .. }),
            "flipped" => matches!(error.kind, RecordingErrorKind::Damaged),
            _ => matches!(error.kind, RecordingErrorKind::Foreign),
        };
        assert!(is_expected, "{what}: {error}");
        assert!(reader.next().is_none(), "{what}: nothing follows an error");
    }
}

#[tokio::test(start_paused = true)]
async fn no_byte_of_a_file_makes_the_reader_panic() {
    let one = to_bytes(&a_recording().await);
    for at in 0..one.len() {
        let mut bytes = one.clone();
        bytes[at] ^= 0x55;
        assert!(RecordingReader::new(&bytes[..]).all(|read| read.is_err()) || at == 6 || at == 7, "byte {at}");
        RecordingReader::new(&one[..at]).for_each(drop);
    }
}

/// Runs this number of requests of which every second one has no ad, and waits until their recordings are written.
async fn run(recorder: &Recorder, requests: usize) {
    let number = std::sync::atomic::AtomicUsize::new(0);
    let servers = move |_: &HttpRequest| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if number.is_multiple_of(2) { body(inline("x=1")) } else { body("<VAST version=\"3.0\"/>") }
    };
    let client = client(config(&[("east", "https://east.example/")]), servers, recorder);
    for _ in 0..requests {
        client.request_ad().await;
    }
    client.shutdown(LONG).await;
}

#[tokio::test(start_paused = true)]
async fn a_folder_keeps_the_newest_recordings_within_its_limits() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("other.txt"), "x").expect("a file");
    let limits = DirectoryLimits { max_files: 3, ..DirectoryLimits::default() };
    let recorder = Recorder::to_directory(folder.path(), limits, RecorderSettings::default()).expect("a folder");
    run(&recorder, 5).await;
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    names.sort();
    let recordings: Vec<_> = names.iter().filter(|path| path.extension().is_some_and(|one| one == EXTENSION)).collect();
    assert_eq!((recordings.len(), names.len()), (3, 4));
    let stats = recorder.stats();
    assert_eq!((stats.kept, stats.written, stats.failed, stats.overrun), (5, 5, 0, 0));
    for path in recordings {
        let read: Vec<_> = read_file(path).expect("a file").collect::<Result<_, _>>().expect("a recording");
        assert_eq!(read.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorder_keeps_its_sample_and_what_it_always_keeps() {
    for (sample, always, expected) in [
        (1.0, vec![], 8),
        (0.25, vec![], 2),
        (0.0, vec![RecordingReason::NoAd], 4),
        (0.0, vec![RecordingReason::Failed], 0),
        (0.25, vec![RecordingReason::NoAd], 4),
        (0.0, vec![], 0),
    ] {
        let settings = RecorderSettings::default().with_sample(sample).with_always(always.clone());
        let recorder = Recorder::in_memory(100, settings);
        run(&recorder, 8).await;
        assert_eq!(recorder.recordings().len(), expected, "{sample} {always:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_full_disk_is_counted_and_slows_no_answer() {
    let recorder = Recorder::to_file("/dev/full", RecorderSettings::default()).expect("a device that is full");
    run(&recorder, 3).await;
    let stats = recorder.stats();
    assert_eq!((stats.kept, stats.written, stats.failed), (3, 0, 3));
}
