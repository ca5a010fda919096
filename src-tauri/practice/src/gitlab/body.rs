//! The text of a production incident's issue.
//!
//! Source: the public handbook of GitLab, incident management, and public issues of gitlab-com/gl-infra/production:
//! their headings and the hidden summary.

/// What the text is made of.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) im: &'a str,
    pub(super) eoc: &'a str,
    pub(super) severity: u8,
    pub(super) impact: &'a str,
    pub(super) status: &'a str,
    pub(super) channel: &'a str,
    pub(super) channel_url: &'a str,
    pub(super) call_url: &'a str,
    pub(super) started: &'a str,
}

pub(super) const IMPACT: &str = "Customer Impact";
pub(super) const STATUS: &str = "Current Status";

/// Writes the description.
pub(super) fn write(facts: &Facts) -> String {
    let Facts { im, eoc, severity, impact, status, channel, channel_url, call_url, started } = facts;
    format!(
        "## {IMPACT}\n\n{impact}\n\n\
         ## {STATUS}\n\n{status}\n\n\
         <!-- exec-summary\n### :pencil: Summary for CMOC notice / Exec summary:\n\n\
         1. Customer Impact: {impact}\n1. Service Impact:\n1. Impact Duration:\n-->\n\n\
         ## Details\n\n\
         - **Start time:** {started}\n\
         - **Severity:** S{severity}\n\
         - **Incident Manager (IM):** @{im}\n\
         - **Engineer on Call (EOC):** @{eoc}\n\
         - **Slack channel:** [{channel}]({channel_url})\n\
         - **Call:** {call_url}\n\n\
         ### Investigation\n\n_Notes of the engineers go here._\n"
    )
}

/// Puts a new text under a heading; adds the heading where it is missing.
pub(super) fn under(description: &str, heading: &str, text: &str) -> String {
    let title = format!("## {heading}");
    let Some(at) = description.lines().position(|line| line.trim_end() == title) else {
        return format!("{title}\n\n{text}\n\n{description}");
    };
    let before = description.lines().take(at + 1);
    let ends = |line: &&str| line.starts_with('#') || line.starts_with("<!--");
    let after = description.lines().skip(at + 1).skip_while(|line| !ends(line));
    let lines: Vec<&str> = before.chain(["", text, ""]).chain(after).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_under_a_heading_changes_alone() {
        let cases = [
            ("## A\n\nold\n\n## B\n\nb\n", "A", "## A\n\nnew\n\n## B\n\nb\n"),
            ("## A\n\na\n\n## B\n\nold\nold\n", "B", "## A\n\na\n\n## B\n\nnew\n\n"),
            ("plain\n", "A", "## A\n\nnew\n\nplain\n"),
            ("## A\nold\n<!-- kept -->\n", "A", "## A\n\nnew\n\n<!-- kept -->\n"),
        ];
        for (description, heading, expected) in cases {
            assert_eq!(under(description, heading, "new"), expected, "{description}");
        }
    }
}
