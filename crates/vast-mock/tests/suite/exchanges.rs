//! Exchanges as lines of the log.

use std::time::Duration;

use vast_mock::{Answered, Exchange, ExchangeEnding, Fault, Request};

fn exchange() -> Exchange {
    Exchange {
        server: "east".into(),
        connection: 4,
        request: Request::get("/vast?cb=1"),
        started: Duration::from_millis(1203),
        answered: Answered::Status(200),
        bytes_sent: 3037,
        ending: ExchangeEnding::Completed,
        ended: Some(Duration::from_micros(1_215_100)),
    }
}

#[test]
fn an_exchange_is_one_line() {
    let line = "   1.203s east#4 GET /vast?cb=1 -> 200, 3037 bytes, completed after 12.1ms";
    assert_eq!(exchange().to_string(), line);
    let hanging = Exchange {
        answered: Answered::Fault(Fault::Hang),
        bytes_sent: 0,
        ending: ExchangeEnding::Running,
        ended: None,
        ..exchange()
    };
    assert_eq!(hanging.to_string(), "   1.203s east#4 GET /vast?cb=1 -> hang, 0 bytes, running");
}

#[test]
fn text_from_outside_cannot_break_the_line() {
    let hostile = Exchange { request: Request::get("/\u{1b}[2J\r\nfake"), ..exchange() };
    assert!(hostile.to_string().contains("/\\u{1b}[2J\\r\\nfake"));
}
