//! A gateway that runs, its ad servers, and a client that shows every byte.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use vast_client::VastClient;
use vast_client::policy::TimeLimits;
use vast_gateway::config::{DrainLimits, GatewayConfig};
use vast_gateway::{Gateway, GatewayBuilder, GatewayHandle, GatewayReport};
use vast_mock::{Mock, Script};

/// An ad with all that VAST requires and nothing that has to be repaired.
pub(crate) const AD: &str = r#"<VAST version="4.2"><Ad id="shoes"><InLine><AdSystem>Acme</AdSystem><AdTitle>Shoes</AdTitle>
<AdServingId>serving-1</AdServingId><Impression><![CDATA[https://t.example/seen?cb=[CACHEBUSTING]&s=[SERVERSIDE]]]></Impression>
<Creatives><Creative id="c"><UniversalAdId idRegistry="ad-id.org">CNPA0484000H</UniversalAdId><Linear><Duration>00:00:15</Duration>
<MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1280" height="720" bitrate="2000"><![CDATA[https://cdn.example/shoes.mp4]]></MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>
"#;

/// How long a test waits for something that must happen. The machine that runs the tests is often busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Ad servers with a path for each kind of answer.
pub(crate) async fn ad_servers() -> Mock {
    let relative = AD.replace("https://t.example/seen", "/seen");
    let second = AD.replace("</VAST>", "").replace("\n\n", "\n") + "<Ad id=\"hats\"><InLine/></Ad></VAST>";
    let script = format!(
        r#"
[[server]]
name = "ads"
answer = [
  {{ path = "/ad", body = '''{AD}''' }},
  {{ path = "/relative", body = '''{relative}''' }},
  {{ path = "/two", body = '''{second}''' }},
  {{ path = "/latin", headers = {{ content-type = "text/xml; charset=iso-8859-1" }}, body = '''{AD}''' }},
  {{ path = "/slow", delay = "300ms", body = '''{AD}''' }},
  {{ path = "/wrapper", body = '''<VAST version="3.0"><Ad id="w"><Wrapper><AdSystem>Reseller</AdSystem>
<VASTAdTagURI>{{{{self}}}}/ad</VASTAdTagURI><Impression>https://t.example/wrapper</Impression></Wrapper></Ad></VAST>''' }},
  {{ path = "/empty", body = '<VAST version="4.2"/>' }},
  {{ path = "/broken", status = 500 }},
  {{ path = "/hang", fault = "hang" }},
  {{ path = "/playlist", body = '''<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">
<vmap:AdBreak breakId="pre" timeOffset="start" breakType="linear"><vmap:AdSource><vmap:AdTagURI templateType="vast3">{{{{self}}}}/ad</vmap:AdTagURI></vmap:AdSource></vmap:AdBreak>
<vmap:AdBreak breakId="mid" timeOffset="00:10:00" breakType="linear"><vmap:AdSource><vmap:AdTagURI templateType="vast3">{{{{self}}}}/broken</vmap:AdTagURI></vmap:AdSource></vmap:AdBreak>
</vmap:VMAP>''' }},
]
"#
    );
    let script = Script::parse(&script, Path::new("")).unwrap_or_else(|error| panic!("{error}"));
    Mock::start(script).await.expect("loopback")
}

/// A gateway that runs.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) handle: GatewayHandle,
    stop: oneshot::Sender<()>,
    task: JoinHandle<GatewayReport>,
}

impl Running {
    /// Runs the configuration `text`, in which `ADS/` is the URL of the ad servers.
    pub(crate) async fn start(mock: &Mock, text: &str) -> Self {
        Self::start_with(mock, text, |_| {}).await
    }

    pub(crate) async fn start_with(mock: &Mock, text: &str, change: impl FnOnce(&mut GatewayConfig)) -> Self {
        let mut config = config(mock, text);
        on_free_ports(&mut config);
        change(&mut config);
        // Lookups of the machine would make the tests depend on it; every source here is an address.
        Self::of(Gateway::builder().client(VastClient::builder()).bind(config).await)
    }

    pub(crate) async fn of_file(builder: GatewayBuilder, path: &Path) -> Self {
        Self::of(builder.change(on_free_ports).bind_file(path).await)
    }

    pub(crate) fn of(gateway: Result<Gateway, vast_gateway::GatewayError>) -> Self {
        let gateway = gateway.unwrap_or_else(|error| panic!("{error}"));
        let (address, admin, handle) = (gateway.addresses()[0], gateway.admin_address(), gateway.handle());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(gateway.run(async move { drop(stopped.await) }));
        Self { address, admin, handle, stop, task }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        exchange(self.address, "GET", path, "", "").await
    }

    /// `headers` are lines, each with its end.
    pub(crate) async fn get_with(&self, path: &str, headers: &str) -> Answer {
        exchange(self.address, "GET", path, headers, "").await
    }

    pub(crate) async fn post(&self, path: &str, headers: &str, body: &str) -> Answer {
        exchange(self.address, "POST", path, headers, body).await
    }

    pub(crate) async fn admin(&self, path: &str) -> Answer {
        exchange(self.admin, "GET", path, "", "").await
    }

    /// Waits until the metrics have this line. The gateway counts what a client does at the end of a connection after the client has done it.
    pub(crate) async fn until_metric(&self, line: &str) {
        let began = Instant::now();
        loop {
            let metrics = self.admin("/metrics").await.body;
            if metrics.lines().any(|one| one == line) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{line}\n{metrics}");
        }
    }

    /// Begins the end.
    pub(crate) fn stop(self) -> JoinHandle<GatewayReport> {
        self.stop.send(()).ok();
        self.task
    }
}

/// The configuration `text`, in which `ADS/` is the URL of the ad servers.
pub(crate) fn config(mock: &Mock, text: &str) -> GatewayConfig {
    let text = text.replace("ADS/", &format!("{}/", mock.url("ads").trim_end_matches('/')));
    let mut config = GatewayConfig::parse(&text, Path::new("")).unwrap_or_else(|error| panic!("{error}\n{text}"));
    with_patience(&mut config);
    config
}

/// Makes the time limits of placements long that the test has not set: a busy machine may stand still for longer than the defaults.
fn with_patience(config: &mut GatewayConfig) {
    let default = TimeLimits::default();
    for placement in config.placements.values_mut() {
        let limits = &mut placement.client.fetch.strategy.limits;
        let make_long = |limit: &mut Duration, default| *limit = if *limit == default { PATIENCE } else { *limit };
        make_long(&mut limits.timeout, default.timeout);
        make_long(&mut limits.hop_timeout, default.hop_timeout);
        make_long(&mut limits.connect_timeout, default.connect_timeout);
        make_long(&mut limits.idle_timeout, default.idle_timeout);
        limits.source_timeout.get_or_insert(PATIENCE);
    }
}

pub(crate) fn on_free_ports(config: &mut GatewayConfig) {
    let free = || SocketAddr::from(([127, 0, 0, 1], 0));
    config.server.listen = vec![free().into()];
    config.server.admin = free();
    // The machine that runs the tests is often busy.
    config.server.max_lag = Duration::from_secs(3600);
    config.server.drain = DrainLimits::new(Duration::ZERO, PATIENCE, Duration::from_secs(1));
    with_patience(config);
}

/// A response.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn outcome(&self) -> &str {
        self.header("x-vast-outcome").unwrap_or_default()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn read(bytes: &[u8], method: &str) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("a torn response: {text:?}"));
        let (head, body) = (String::from_utf8_lossy(&bytes[..end]), &bytes[end + 4..]);
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: Vec<_> = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let answer =
            Self { status: status.expect("a status"), headers, body: String::from_utf8_lossy(body).into_owned() };
        if let Some(length) = answer.header("content-length").filter(|_| method != "HEAD") {
            assert_eq!(length, body.len().to_string(), "a torn document");
        }
        answer
    }
}

/// One request on its own connection.
pub(crate) async fn exchange(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{length}{headers}\r\n{body}");
    let mut stream = TcpStream::connect(address).await.expect("the gateway listens");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("it answers");
    Answer::read(&bytes, method)
}
