//! Prepares what Tauri embeds into the binary.

fn main() {
    tauri_build::build();
}
