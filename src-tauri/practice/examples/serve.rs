//! Serves a practice world without the app around it, for scripts: says as JSON where it is, as `herald practice --serve`
//! does, and ends when it is killed.
//!
//! `cargo run -p herald-practice --example serve -- [--port N] [SCENARIO]`

use std::path::Path;
use std::process::ExitCode;

use herald_practice::{Options, Scenario, World};

fn main() -> ExitCode {
    let mut options = Options::of(Scenario::quiet());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--port" {
            options.port = args.next().and_then(|port| port.parse().ok());
        } else {
            match scenario(&arg) {
                Ok(scenario) => options.scenario = scenario,
                Err(why) => return complain(&why),
            }
        }
    }
    let world = match World::start_blocking(options) {
        Ok(world) => world,
        Err(error) => return complain(&error.to_string()),
    };
    match serde_json::to_string(&world.announcement()) {
        #[allow(clippy::print_stdout)] // This is what the example is for.
        Ok(text) => println!("{text}"),
        Err(error) => return complain(&error.to_string()),
    }
    loop {
        std::thread::park();
    }
}

/// Finds a scenario by its name, or reads the file.
fn scenario(wanted: &str) -> Result<Scenario, String> {
    if let Some(scenario) = Scenario::builtin(wanted) {
        return Ok(scenario);
    }
    let text = Scenario::text_of(Path::new(wanted)).map_err(|why| format!("{wanted}: {why}"))?;
    Scenario::parse(&text).map_err(|why| format!("{wanted}: {why}"))
}

fn complain(why: &str) -> ExitCode {
    eprintln!("serve: {why}");
    ExitCode::from(2)
}
