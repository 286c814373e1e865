//! What the configuration of a gateway means: its placements, tenants and addresses.

use vast_client::FetchConfig;
use vast_gateway::config::{Access, GatewayConfig, PlacementConfig};

use super::units::count;
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The configuration of the file `origin`. Keys are shown by their names only.
pub(crate) fn gateway(config: &GatewayConfig, origin: &str, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    let mut parts = vec![count(config.placements.len(), "placement")];
    if !config.tenants.is_empty() {
        parts.push(count(config.tenants.len(), "tenant"));
    }
    page.line(&StyledText::new(&format!("✓ {origin}: {}", parts.join(", ")), TextStyle::Success));
    page.section("server", server(config));
    page.section("tenants", tenants(config));
    page.section("placements", placements(config));
    page.finish()
}

fn server(config: &GatewayConfig) -> TextTable {
    let mut table = TextTable::new([("", Align::Left), ("", Align::Left)]);
    let listen = config.server.listen.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    for (label, value) in [("listen", listen), ("admin", config.server.admin.to_string())] {
        table.row([StyledText::new(label, TextStyle::Secondary), StyledText::plain(&value)]);
    }
    table
}

fn tenants(config: &GatewayConfig) -> TextTable {
    let columns = [("tenant", Align::Left), ("rate", Align::Right), ("in flight", Align::Right), ("keys", Align::Left)];
    let mut table = TextTable::new(columns);
    for (name, tenant) in &config.tenants {
        let keys: Vec<&str> = tenant.keys.iter().map(|key| key.name.as_str()).collect();
        let rate = tenant.rate.map_or_else(String::new, |rate| format!("{rate}/s"));
        let in_flight = tenant.max_in_flight.map_or_else(String::new, |most| most.to_string());
        table.row([name.as_str(), &rate, &in_flight, &keys.join(", ")].map(StyledText::plain));
    }
    table
}

fn placements(config: &GatewayConfig) -> TextTable {
    let columns = [
        ("placement", Align::Left),
        ("tenant", Align::Left),
        ("access", Align::Left),
        ("mode", Align::Left),
        ("sources", Align::Left),
    ];
    let mut table = TextTable::new(columns);
    for (name, placement) in &config.placements {
        let PlacementConfig { tenant, access, client, .. } = placement;
        let FetchConfig { sources, fallbacks, strategy, .. } = &client.fetch;
        let access = match access {
            Access::Open => "open",
            Access::Key => "key",
            Access::Signed => "signed",
        };
        let sources = format!("{}, {}", count(sources.len(), "source"), count(fallbacks.len(), "fallback"));
        let mode = strategy.mode.to_string();
        table.row(
            [name.as_str(), tenant.as_deref().unwrap_or_default(), access, &mode, &sources].map(StyledText::plain),
        );
    }
    table
}
