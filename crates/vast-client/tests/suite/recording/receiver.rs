//! Recordings that code of the host gets instead of a file.

use std::sync::Mutex;

use vast_client::recording::RecordingReceiver;

use super::*;

/// Keeps the id of each recording that it gets, and whether its bytes are those of a file.
#[derive(Default)]
struct Failures(Mutex<Vec<(String, bool)>>);

impl RecordingReceiver for Failures {
    fn wants(&self, result: &FetchResult) -> bool {
        !result.success
    }

    fn receive(&self, recording: &Recording, file: &[u8]) {
        let read = RecordingReader::new(file).next().is_some_and(|read| read.is_ok_and(|read| read == *recording));
        self.0.lock().expect("no panic").push((recording.request.id.clone(), read));
    }
}

#[tokio::test]
async fn a_receiver_gets_the_requests_that_it_wants_and_that_the_call_records() {
    let receiver = Arc::new(Failures::default());
    let recorder = Recorder::to_receiver(Arc::<Failures>::clone(&receiver), RecorderSettings::default());
    let recorder = recorder.expect("a thread");
    let config = |text: &str| FetchConfig::new([SourceConfig::inline(text.to_owned()).named("one")]);
    let client = VastClient::from_config(config(&inline("x=1"))).expect("a client");
    let empty = client.orchestrator().plan(&config("<VAST version=\"4.2\"/>")).expect("a plan");
    let (orchestrator, request) = (client.orchestrator(), AdRequest::default());
    orchestrator.run_recorded(client.plan(), &request, RunOptions::NONE, &recorder).await;
    let wanted = orchestrator.run_recorded(&empty, &request, RunOptions::NONE, &recorder).await;
    orchestrator.run(&empty, &request, RunOptions::NONE).await;
    assert!(recorder.flush(LONG).await);
    assert_eq!(*receiver.0.lock().expect("no panic"), [(wanted.metadata.request_id, true)]);
    assert_eq!((recorder.stats().kept, recorder.stats().written), (1, 1));
}
