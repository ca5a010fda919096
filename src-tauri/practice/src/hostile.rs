//! Titles that try to break whoever shows them.

/// Gives the hostile titles, always the same ones in the same order.
pub fn titles() -> Vec<String> {
    let mut titles: Vec<String> = TITLES.iter().map(|title| (*title).to_owned()).collect();
    titles.push("A".repeat(1 << 20));
    titles.push(format!("Many marks: e{}", "\u{301}".repeat(5000)));
    titles.push("\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} family ".repeat(300));
    titles
}

const TITLES: [&str; 18] = [
    "<script>alert('page')</script> Login is down",
    "<b>Bold</b> <img src=x onerror=alert(1)> & \"quotes\" &amp; &lt;entities&gt;",
    "<a href=\"javascript:alert(1)\">Click me</a> file:///etc/passwd javascript:alert(1)",
    "Right to left override: \u{202E}gnihton si siht\u{202C} after",
    "Unclosed isolate \u{2067}שלום and embedding \u{202B}مرحبا",
    "Controls: bell \u{7} escape \u{1b}[31mred\u{1b}[0m backspace \u{8} delete \u{7f} next line \u{85}",
    "NUL here: \u{0} and after it",
    "Line one\nLine two\r\nLine three\tand a tab",
    "Zero\u{200B}width\u{200D}joiners\u{2060}and\u{FEFF}marks",
    "Line separator \u{2028} paragraph separator \u{2029} end",
    "Emoji \u{1F525}\u{1F525}\u{1F525} flags \u{1F1E8}\u{1F1FF}\u{1F1EF}\u{1F1F5} skin \u{1F44B}\u{1F3FD}",
    "Not characters: \u{FFFE} \u{FFFF} \u{10FFFF} replacement \u{FFFD}",
    "'; DROP TABLE pages; --",
    "${jndi:ldap://127.0.0.1/a} {{7*7}} %s %n $(reboot) `id`",
    "   ",
    "\u{200B}",
    "Tags \u{E0001}\u{E0065}\u{E006E} and variation \u{FE0F}\u{FE0E}",
    "Ｆｕｌｌ ｗｉｄｔｈ ａｎｄ ｃｏｎｆｕｓａｂｌｅ: раgеr",
];
