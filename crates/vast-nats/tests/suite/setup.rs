//! The setup of streams, and the errors of servers that cannot be used.

use vast_client::env::Env;
use vast_nats::{Credentials, NatsError, NatsServer, SetupChange, StreamNames, StreamSizes};

use super::server::{TestServer, seal};

async fn error_of(server: &TestServer, credentials: Credentials) -> String {
    let mut settings = server.settings();
    settings.credentials = credentials;
    let connected = NatsServer::connect(settings).await;
    let checked = match connected {
        Ok(nats) => nats.outbox(seal(), Env::system()).await.map(drop),
        Err(error) => Err(error),
    };
    let error = checked.expect_err("it cannot be used").to_string();
    error.replace(&server.port.to_string(), "PORT")
}

#[tokio::test]
async fn setup_creates_what_is_missing_and_then_changes_nothing() {
    let Some(server) = TestServer::start().await else { return };
    let nats = server.connect().await;
    let sizes = StreamSizes::default();
    let steps = nats.setup(&sizes).await.expect("it answers");
    assert_eq!(steps.len(), 12, "seven streams and five consumers");
    assert!(steps.iter().all(|step| step.change == SetupChange::Create));
    assert_eq!(nats.apply_setup(&sizes).await.expect("created").len(), 12);
    assert_eq!(nats.apply_setup(&sizes).await.expect("nothing to do"), []);
    let status = nats.status().await.expect("it answers");
    let names: Vec<_> = status.iter().map(|stream| (stream.name.as_str(), stream.messages)).collect();
    assert_eq!(names[0], ("VAST_BEACONS", 0));
    assert_eq!((names.len(), status[0].received, status[6].received), (7, Some(0), None));
}

#[tokio::test]
async fn setup_shows_what_differs_and_keeps_sizes_that_nobody_asked_for() {
    let Some(server) = TestServer::start().await else { return };
    let nats = server.connect().await;
    let mut sizes = StreamSizes::default();
    sizes.bytes = Some(5_000_000);
    nats.apply_setup(&sizes).await.expect("created");
    let client = async_nats::connect(server.url()).await.expect("it answers");
    let context = async_nats::jetstream::new(client);
    let mut config = context.get_stream("VAST_DEAD").await.expect("it exists").cached_info().config.clone();
    config.max_age = std::time::Duration::from_secs(60 * 60);
    context.update_stream(&config).await.expect("changed");
    let steps = nats.setup(&StreamSizes::default()).await.expect("it answers");
    let shown: Vec<_> = steps.iter().filter(|step| !step.is_done()).map(ToString::to_string).collect();
    assert_eq!(shown, ["VAST_DEAD differs: max_age is 3600s and must be 604800s"]);
    let error = error_of(&server, Credentials::None).await;
    assert!(error.contains("VAST_DEAD differs") && error.contains("run `vast nats init`"), "{error}");
    assert_eq!(nats.apply_setup(&StreamSizes::default()).await.expect("changed").len(), 1);
    assert_eq!(nats.status().await.expect("it answers")[0].max_bytes, Some(5_000_000));
}

#[tokio::test]
async fn prefixes_separate_installations() {
    let Some(server) = TestServer::start().await else { return };
    let mut settings = server.settings();
    for prefix in ["east", "west"] {
        settings.names = StreamNames::new(prefix).expect("a prefix");
        let nats = NatsServer::connect(settings.clone()).await.expect("it answers");
        assert_eq!(nats.apply_setup(&StreamSizes::default()).await.expect("created").len(), 12, "{prefix}");
    }
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let Some(server) = TestServer::start().await else { return };
    let error = error_of(&server, Credentials::None).await;
    let start = "nats://127.0.0.1:PORT: VAST_BEACONS does not exist; VAST_BEACONS/gateways does not exist; ";
    assert!(error.starts_with(start), "{error}");
    assert!(error.ends_with(": run `vast nats init` to see what differs, and with --apply to change it"), "{error}");

    let Some(plain) = TestServer::with("", Credentials::None).await else { return };
    let error = error_of(&plain, Credentials::None).await;
    let expected = "nats://127.0.0.1:PORT: JetStream is off: start nats-server with -js, or enable it for this account";
    assert_eq!(error, expected);

    let gone = plain.settings();
    drop(plain);
    let error = NatsServer::connect(gone).await.err().expect("nobody answers");
    assert!(matches!(error, NatsError::Unreachable { .. }), "{error:?}");

    for wrong in ["", "nats://a b", "http://127.0.0.1:1"] {
        let settings = vast_nats::NatsSettings::new([wrong], StreamNames::new("vast").expect("a prefix"));
        let error = NatsServer::connect(settings).await.err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("write nats://HOST:4222")), "{wrong}");
    }
}

#[tokio::test]
async fn passwords_and_nkeys_log_in() {
    let users = "authorization { users: [{ user: east, password: secret }] }\njetstream {}";
    let password = |password: &str| Credentials::Password { user: "east".to_owned(), password: password.to_owned() };
    let Some(server) = TestServer::with(users, password("secret")).await else { return };
    for wrong in [Credentials::None, password("guess")] {
        let error = error_of(&server, wrong).await;
        assert!(error.starts_with("nats://127.0.0.1:PORT: the NATS server does not accept the credentials"), "{error}");
    }
    assert!(error_of(&server, password("secret")).await.contains("VAST_BEACONS does not exist"));

    // A key pair of the documentation of NATS.
    let seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
    let public = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
    let users = format!("authorization {{ users: [{{ nkey: {public} }}] }}\njetstream {{}}");
    let nkey = Credentials::Nkey(seed.to_owned());
    let Some(server) = TestServer::with(&users, nkey.clone()).await else { return };
    let error = error_of(&server, nkey).await;
    assert!(error.contains("VAST_BEACONS does not exist"), "{error}");
}
