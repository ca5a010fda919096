//! An empty WebKitGTK window with a caret in it: the least that a window of Herald's could take, which `make bench` holds
//! it against.

#[cfg(target_os = "linux")]
fn main() -> Result<(), gtk::glib::BoolError> {
    use gtk::prelude::*;
    use webkit2gtk::{WebView, WebViewExt as _};

    gtk::init()?;
    let window = gtk::Window::new(gtk::WindowType::Toplevel);
    window.set_title("Empty");
    window.set_default_size(440, 680);
    let view = WebView::new();
    window.add(&view);
    view.load_html("<body><textarea autofocus rows=20 cols=40></textarea></body>", None);
    window.connect_destroy(|_| gtk::main_quit());
    window.show_all();
    gtk::main();
    Ok(())
}

/// Elsewhere there is nothing to hold it against.
#[cfg(not(target_os = "linux"))]
fn main() {}
