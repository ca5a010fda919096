//! What passes the gate: each write by its own method to its own address, and nothing else.

use herald_core::shadow::DutyOf;

use super::*;

/// A permit for an update, as the core gives it to somebody on duty.
fn given() -> Permit {
    crate::routes::tests::permitted().1
}

fn kept(gate: &Gate, method: Method, url: &str) {
    let route = Route::new(method, url).map(|route| (given().write(), route));
    gate.keep(route.into_iter().collect(), |_| true);
}

#[test]
fn a_write_leaves_by_its_own_method_to_its_own_address_alone() {
    let gate = Gate::default();
    let passes = |method: Method, url: &str| gate.check_write(&given(), &method, url).is_ok();
    let own = "https://api.status.example/v2/incident/update";
    assert!(!passes(Method::POST, own), "shut at first");
    kept(&gate, Method::POST, own);
    for (method, url, expected) in [
        (Method::POST, own, true),
        (Method::POST, "https://api.status.example:443/v2/incident/update", true),
        (Method::PUT, own, false),
        (Method::PATCH, own, false),
        (Method::DELETE, own, false),
        (Method::POST, "https://api.status.example/v2/incident/resolve", false),
        (Method::POST, "https://api.status.example/v2/incident/create", false),
        (Method::POST, "https://api.status.example/v2/incident/delete", false),
        (Method::POST, "https://api.status.example/v2/component/status/update", false),
        (Method::POST, "https://api.status.example/v2/incident/update/", false),
        (Method::POST, "https://api.status.example/v2/incident/update?all=1", false),
        (Method::POST, "https://api.status.example/v2/incident/x/../update", true),
        (Method::POST, "https://api.status.example/v2/incident/%75pdate", false),
        (Method::POST, "http://api.status.example/v2/incident/update", false),
        (Method::POST, "https://api.status.example:8443/v2/incident/update", false),
        (Method::POST, "https://api.status.example.evil.example/v2/incident/update", false),
        (Method::POST, "https://me:key@api.status.example/v2/incident/update", false),
        (Method::POST, "not an address", false),
    ] {
        assert_eq!(passes(method.clone(), url), expected, "{method} {url}");
    }
    gate.keep(BTreeMap::new(), |_| true);
    assert!(!passes(Method::POST, own), "shut again");
}

#[test]
fn a_permit_opens_nothing_that_is_open_for_another_write() {
    let (gate, own) = (Gate::default(), "https://api.status.example/v2/incident/update");
    let route = Route::new(Method::POST, own).expect("an address");
    for other in [Write::Update(99), Write::Errand(1), Write::Job(1), Write::Intention(1)] {
        gate.keep([(other, route.clone())].into(), |_| true);
        assert!(gate.check_write(&given(), &Method::POST, own).is_err(), "{other:?}");
    }
}

#[test]
fn practice_reaches_its_own_world_and_nothing_else() {
    let world = Url::parse("http://127.0.0.1:4711").expect("an address").origin();
    let gate = Gate::within(Some(world));
    for (url, expected) in [
        ("http://127.0.0.1:4711/statusio/v2/create", true),
        ("https://api.status.example/v2/create", false),
        ("http://127.0.0.1:4712/statusio/v2/create", false),
        ("no address", false),
    ] {
        assert_eq!(gate.check(url).is_ok(), expected, "asked: {url}");
        kept(&gate, Method::POST, url);
        assert_eq!(gate.check_write(&given(), &Method::POST, url).is_ok(), expected, "written: {url}");
    }
    let nowhere = Gate::within(Some(Origin::new_opaque()));
    assert!(nowhere.check("http://127.0.0.1:4711/").is_err(), "a world that is not known is none");
}

#[test]
fn an_opening_lasts_as_long_as_it_is_held_and_may_be() {
    let (gate, hook) = (Gate::default(), "https://hooks.chat.example/services/T/B/x");
    let write = given().write();
    let route = || Route::new(Method::POST, hook);
    let passes = |url: &str| gate.check_write(&given(), &Method::POST, url).is_ok();
    let opening = gate.open_while(write, route());
    assert!(passes(hook), "open");
    assert!(!passes("https://hooks.chat.example/services/T/B/y"), "for this one webhook");
    gate.keep(BTreeMap::new(), |_| true);
    assert!(passes(hook), "what shuts the rest leaves it open");
    gate.keep(BTreeMap::new(), |it| it != write);
    assert!(!passes(hook), "but not when it may not be any more");
    drop(opening);
    let opening = gate.open_while(write, route());
    assert!(passes(hook), "open again");
    drop(opening);
    assert!(!passes(hook), "shut again");
    let _opening = gate.open_while(write, None);
    assert!(!passes(hook), "no route opens nothing");
}

/// The tests of the gate lean on it.
#[test]
fn the_permit_of_these_tests_is_a_real_one() {
    let (state, _) = crate::routes::tests::permitted();
    let standing = herald_core::shadow::duty(&state, DutyOf::Incident(1), crate::routes::tests::now());
    assert_eq!(standing, herald_core::Standing::Mine);
}
