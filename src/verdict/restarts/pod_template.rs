//! Where pod templates stand in a chart's templates.
//!
//! Purpose: a change rolls pods when it reaches `spec.template` of a Deployment, StatefulSet or DaemonSet. Found by
//! indentation, without rendering: the lines below `template:` that are indented deeper, up to the next line of text that is
//! not. Lines that hold only actions belong to what they stand in.
//!
//! Invariant: it may take too many lines for a pod template (a `kind` that is an action counts as a workload), not too few
//! of those written as YAML.

/// Lines of one pod template, from 1, first to last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodTemplate {
    /// The line of `template:`.
    pub first: u64,
    /// The last line that belongs to it.
    pub last: u64,
    /// The workload's kind as it is written.
    pub kind: String,
}

impl PodTemplate {
    /// True when the line is in it.
    pub fn holds(&self, line: u64) -> bool {
        (self.first..=self.last).contains(&line)
    }

    /// Its text out of the source's lines, without lines that look like comments: a change in those alone says nothing certain.
    pub fn text(&self, lines: &[&str]) -> String {
        let first = usize::try_from(self.first.saturating_sub(1)).unwrap_or(usize::MAX);
        let last = usize::try_from(self.last).unwrap_or(usize::MAX).min(lines.len());
        let own = lines.get(first..last).unwrap_or_default();
        let lines = own.iter().filter(|line| !line.trim_start().starts_with('#'));
        lines.map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

/// Every pod template in a template's source.
pub fn pod_templates(source: &str) -> Vec<PodTemplate> {
    let mut found: Vec<PodTemplate> = Vec::new();
    let mut kind = String::new();
    let mut open: Option<usize> = None;
    for (line, number) in source.lines().zip(1_u64..) {
        let bare = line.trim();
        let indent = line.len() - line.trim_start().len();
        let only_actions = bare.starts_with("{{") && bare.ends_with("}}");
        if !(bare.is_empty() || bare.starts_with('#') || only_actions)
            && open.is_some_and(|own| indent <= own)
        {
            open = None;
        }
        if let (Some(_), Some(template)) = (open, found.last_mut()) {
            // Trailing blank lines and actions are taken along; they hold no text that is not the template's.
            template.last = number;
        }
        if line.starts_with("---") {
            kind.clear();
        } else if let Some(named) = line.strip_prefix("kind:") {
            named.trim().clone_into(&mut kind);
        } else if open.is_none() && bare == "template:" && indent > 0 && rolls(&kind) {
            found.push(PodTemplate {
                first: number,
                last: number,
                kind: kind.clone(),
            });
            open = Some(indent);
        }
    }
    found
}

/// Kinds whose controllers replace pods when the template changes. A Job's pods are not replaced.
fn rolls(kind: &str) -> bool {
    let kind = kind.trim_matches(['"', '\'']);
    matches!(
        kind,
        "Deployment" | "StatefulSet" | "DaemonSet" | "Rollout" | "CloneSet"
    ) || kind.contains("{{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_template_ends_where_the_indentation_does() {
        let source = "kind: Deployment\nspec:\n  template:\n    metadata:\n{{- if .x }}\n      a: 1\n{{- end }}\n    # c\n\n  strategy: {}\n---\nkind: Job\nspec:\n  template:\n    a: 1\n---\nkind: {{ .Values.kind }}\nspec:\n  template:\n    b: 1\n";
        assert_eq!(
            pod_templates(source),
            [
                PodTemplate {
                    first: 3,
                    last: 9,
                    kind: "Deployment".to_owned()
                },
                PodTemplate {
                    first: 19,
                    last: 20,
                    kind: "{{ .Values.kind }}".to_owned()
                },
            ]
        );
        assert_eq!(
            pod_templates(source)[1].text(&source.lines().collect::<Vec<_>>()),
            "  template:\n    b: 1\n"
        );
    }
}
