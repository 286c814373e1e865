//! Reading queries to a gateway.

pub use vast_gateway::properties::query;

/// Queries that a gateway understands.
pub(crate) fn inputs() -> Vec<Vec<u8>> {
    let queries = [
        "ip=203.0.113.7&ua=A%2F1.0&w=1280&h=720&dur=30&n=3&cb=1",
        "gdpr=1&gdpr_consent=CO-abc&gpp=DBAA&gpp_sid=7&us_privacy=1YNN&coppa=0",
        "m.shop=a%20b&h.X-Requested-With=x&sid=s&pos=mid&brk=2&tmax=900&v=4.2&url=https%3A%2F%2Fa.example%2F",
    ];
    queries.map(|query| query.as_bytes().to_vec()).to_vec()
}
