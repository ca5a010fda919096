//! Markdown tables as lines with a label and a value each, so that facts are found in them as in any other text.

/// The lines of a text, with each table told anew: by its header's names where those are labels, else by the first
/// cell of each row.
pub(super) fn told(text: &str, labels: &[&str]) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut told, mut at) = (vec![], 0);
    while at < lines.len() {
        let header = cells(lines[at]);
        let is_table = lines.get(at + 1).is_some_and(|line| is_delimiter(line, header.len()));
        if !is_table {
            told.push(lines[at].to_owned());
            at += 1;
            continue;
        }
        let rows: Vec<Vec<String>> =
            lines[at + 2..].iter().take_while(|line| line.contains('|')).map(|it| cells(it)).collect();
        at += 2 + rows.len();
        told.extend(pairs(&header, &rows, labels).map(|(label, value)| format!("{label} | {value}")));
        // What follows a table is not below its last label.
        told.push("#".into());
    }
    told
}

fn pairs<'a>(
    header: &'a [String],
    rows: &'a [Vec<String>],
    labels: &[&str],
) -> Box<dyn Iterator<Item = (&'a str, &'a str)> + 'a> {
    let is_label = |cell: &str| labels.iter().any(|label| plain(cell).eq_ignore_ascii_case(label));
    let first_is_label = |row: &[String]| row.first().is_some_and(|cell| is_label(cell));
    let named = header.iter().any(|cell| is_label(cell)) && !rows.iter().any(|row| first_is_label(row));
    if named {
        let each = |row: &'a Vec<String>| header.iter().zip(row).map(|(label, value)| (label.as_str(), value.as_str()));
        return Box::new(rows.iter().flat_map(each));
    }
    // A table always has a header; where it is a pair like the others, its second cell is the value.
    let pair = |row: &'a [String]| Some((row.first()?.as_str(), row.get(1)?.as_str()));
    let first = pair(header).filter(|(_, value)| !rows.is_empty() && !is_label(value));
    Box::new(first.into_iter().chain(rows.iter().filter_map(move |row| pair(row))))
}

/// The cells of a row. A bar behind a backslash is a part of its cell.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let (mut cells, mut cell, mut escaped) = (vec![], String::new(), false);
    for c in line.chars() {
        match (c, escaped) {
            ('|', false) => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            ('|', true) => {
                cell.pop();
                cell.push('|');
            }
            _ => cell.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    if !cell.trim().is_empty() {
        cells.push(cell.trim().to_owned());
    }
    cells
}

/// The line between header and rows: dashes, with a colon where a column leans to.
fn is_delimiter(line: &str, columns: usize) -> bool {
    let dashes = |cell: &String| {
        let dashes = cell.trim_start_matches(':').trim_end_matches(':');
        !dashes.is_empty() && dashes.chars().all(|c| c == '-')
    };
    let cells = cells(line);
    line.contains('|') && columns > 0 && cells.len() == columns && cells.iter().all(dashes)
}

/// A cell without the marks that make it bold, and without its colon.
fn plain(cell: &str) -> &str {
    cell.trim_matches(|c: char| c.is_whitespace() || "*_`:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_become_labelled_lines() {
        for (text, expected) in [
            ("| IM | Zone |\n|----|:--:|\n| ann | UTC |", vec!["IM | ann", "Zone | UTC", "#"]),
            ("IM | Zone\n--- | ---\nann | UTC\n\nIM: bob", vec!["IM | ann", "Zone | UTC", "#", "", "IM: bob"]),
            ("| Role | Who | Since |\n|-|-|-|\n| **IM:** | ann | 9 |", vec!["Role | Who", "**IM:** | ann", "#"]),
            ("| IM | ann |\n|---|---|\n| EOC | bob |", vec!["IM | ann", "EOC | bob", "#"]),
            ("| IM | EOC |\n|---|---|", vec!["#"]),
            ("| IM | EOC |\n|---|---|\n| only one |", vec!["IM | only one", "#"]),
            ("| IM |\n|---|\n| a | b | c |\n| d |", vec!["IM | a", "IM | d", "#"]),
            ("|a\\|b|IM|\n|-|-|\n|c|d\\\\|", vec!["a|b | c", "IM | d\\\\", "#"]),
            ("| IM | EOC |\n| ann | bob |", vec!["| IM | EOC |", "| ann | bob |"]),
            ("| IM | EOC |\n|---|", vec!["| IM | EOC |", "|---|"]),
            ("text\n---\nmore", vec!["text", "---", "more"]),
            ("|\n|\n||\n|-|", vec!["|", "|", "#"]),
            ("", vec![]),
        ] {
            assert_eq!(told(text, &["IM", "EOC"]), expected, "{text:?}");
        }
    }
}
