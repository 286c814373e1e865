use http::Method;

use super::*;
use crate::admin::route::{AdminRoute, AdminScope, RouteKind};
use crate::route::Route;

#[test]
fn every_route_of_the_public_port_is_described_with_its_methods() {
    for operation in OPERATIONS.iter().filter(|operation| !operation.is_admin) {
        let path = operation.path.replace("{placement}", "preroll").replace("{token}", "1Aabc");
        let route = Route::of(&path).unwrap_or_else(|| panic!("{path} is no route"));
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).expect("a method");
        assert!(route.check_method(&method).is_ok(), "{method} {path}");
        for method in route.methods().split(", ").filter(|method| *method != "OPTIONS") {
            let is_it = |one: &Operation| one.path == operation.path && one.method.eq_ignore_ascii_case(method);
            assert!(OPERATIONS.iter().any(is_it), "{method} {path} is not described");
        }
    }
}

#[test]
fn the_routes_of_pages_ask_for_a_key_with_401() {
    for operation in admin::OPERATIONS {
        let route = AdminRoute::of(operation.path, AdminScope::All).unwrap_or_else(|| panic!("{}", operation.path));
        let is_described = operation.answers.iter().any(|(status, ..)| *status == 401);
        assert_eq!(is_described, route.kind() == RouteKind::Page, "{} {}", operation.method, operation.path);
    }
}

#[test]
fn every_reference_leads_to_a_schema() {
    let description = openapi();
    let text = description.to_string();
    let references = text.split("\"$ref\":\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    let schemas = description["components"]["schemas"].as_object().expect("schemas");
    let missing: Vec<_> = references.filter(|name| !schemas.contains_key(*name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
    assert!(!text.contains("#/$defs/"), "definitions stand in the components");
}

#[test]
fn the_description_is_checked_in() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let current = serde_json::to_string_pretty(&openapi()).expect("JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &current).expect("the file can be written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == current,
        "docs/openapi.json is out of date: `UPDATE_SCHEMA=1 cargo test -p vast-gateway description`"
    );
}
