//! docs/causes.md is whole: each code once, in a row of its own, with the words that sentences use.

use tagdrift::verdict::Code;

#[test]
fn every_code_is_explained_once() {
    let text = include_str!("../docs/causes.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|l| l.starts_with("| `"))
        .map(|l| l.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    for code in Code::ALL {
        let name = format!("`{code}`");
        let found: Vec<_> = rows
            .iter()
            .filter(|r| r.first() == Some(&name.as_str()))
            .collect();
        assert_eq!(found.len(), 1, "{code} stands in {} rows", found.len());
        for row in found {
            assert_eq!(row.len(), 6, "{code}: {row:?}");
            assert!(row.iter().all(|cell| !cell.is_empty()), "{code}: {row:?}");
            assert!(
                row.contains(&code.phrase()),
                "{code} is said as {:?}",
                code.phrase()
            );
        }
    }
    assert_eq!(
        rows.len(),
        Code::ALL.len(),
        "a row names a code that does not exist"
    );
}
