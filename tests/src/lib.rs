//! Parts for Herald's tests: a private desktop for each test, fakes that record, real daemons, and the app itself.

pub mod app;
pub mod audio;
pub mod desktop;
pub mod disk;
pub mod keyboard;
pub mod keyring;
pub mod logind;
pub mod manager;
pub mod menu;
pub mod notifications;
pub mod portal;
pub mod process;
pub mod real;
pub mod skip;
pub mod threads;
pub mod tray;
pub mod usage;
pub mod wait;
pub mod window;

pub use app::App;
pub use desktop::Desktop;
pub use window::Window;
