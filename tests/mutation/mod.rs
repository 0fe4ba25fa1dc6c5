//! A seeded source of changes: the same seed gives the same cases, and every run prints its own.

#![allow(dead_code, clippy::indexing_slicing, clippy::unwrap_used)]

/// xorshift64*: small, fast, and the same everywhere.
pub struct Random(u64);

/// What YAML and templates are built from.
const PIECES: &[&str] = &[
    " ", "  ", "\n", "\t", ":", ": ", "- ", "-", "#", " #", "# x\n", "'", "\"", "|", ">", "|-", ">+", "[",
    "]", "{", "}", ",", "&a ", "*a", "!", "!!str ", "?", "? ", "%", "a", "b: 1\n", "1", "0", "<<", "<<: ",
    "~", "\\", "\\n", "\r\n", "---\n", "...\n", "\n\n", "yes", ".5", "_", "@", "`", "=", "é", "\u{85}",
    "\u{2028}", "\u{feff}", "\u{7f}", "x y", "null", "  - ", "\n  ", "\n#c\n", "e1",
];

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n.max(1)
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn boundary(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// One change of one place: a piece inserted, characters dropped, a line repeated, dropped, moved or indented.
    pub fn mutate_structure(&mut self, text: &str) -> String {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let line = self.below(lines.len());
        match self.below(8) {
            0..=2 => {
                let at = self.boundary(text);
                let piece = *self.pick(PIECES);
                return format!("{}{piece}{}", &text[..at], &text[at..]);
            }
            3 | 4 => {
                let (a, b) = (self.boundary(text), 0);
                let mut end = (a + 1 + self.below(3) + b).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                let piece = if self.below(2) == 0 {
                    ""
                } else {
                    *self.pick(PIECES)
                };
                return format!("{}{piece}{}", &text[..a], &text[end.max(a)..]);
            }
            5 if !lines.is_empty() => {
                let again = lines[line].clone();
                lines.insert(self.below(lines.len()), again);
            }
            6 if !lines.is_empty() => {
                lines.remove(line);
            }
            _ if !lines.is_empty() => {
                let spaces = " ".repeat(1 + self.below(4));
                lines[line] = match lines[line].strip_prefix("  ") {
                    Some(rest) if self.below(2) == 0 => rest.to_owned(),
                    _ => format!("{spaces}{}", lines[line]),
                };
            }
            _ => return format!("{text}a"),
        }
        lines.concat()
    }

    /// One change of a template: often to a comment or white space, sometimes anything.
    pub fn mutate_template(&mut self, text: &str) -> String {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        if lines.is_empty() || self.below(6) == 0 {
            return self.mutate_structure(text);
        }
        let line = self.below(lines.len());
        let spaces = " ".repeat(self.below(9) * 2);
        match self.below(9) {
            0 => lines.insert(line, format!("{spaces}# word\n")),
            1 => lines.insert(
                line,
                [
                    "\n",
                    "  \n",
                    "{{/* c */}}\n",
                    "{{- /* c */}}\n",
                    "{{- /* c */ -}}\n",
                ][self.below(5)]
                .to_owned(),
            ),
            2 if lines[line].trim().is_empty() || lines[line].trim().starts_with('#') => {
                lines.remove(line);
            }
            2 | 3 => {
                let end = [
                    "  # word\n",
                    "   \n",
                    " #\n",
                    "#x\n",
                    " {{/* c */}}\n",
                    "{{- /* c */}}\n",
                    "\r\n",
                ][self.below(7)];
                lines[line] = format!("{}{end}", lines[line].trim_end_matches(['\n', '\r']));
            }
            4 | 5 => {
                // Another word in a comment, or in what looks like one.
                let marked: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].contains('#')).collect();
                if let Some(at) = marked.get(self.below(marked.len())) {
                    let hash = lines[*at].find('#').unwrap();
                    let word = ["# word", "#", "# two: words", "# - x", "# '", "# {{ 1 }}"][self.below(6)];
                    lines[*at] = format!("{}{word}\n", &lines[*at][..hash]);
                }
            }
            6 => {
                let marked: Vec<usize> = (0..lines.len())
                    .filter(|i| lines[*i].trim_start().starts_with('#'))
                    .collect();
                if let Some(at) = marked.get(self.below(marked.len())) {
                    lines[*at] = format!("{spaces}{}", lines[*at].trim_start());
                }
            }
            7 => {
                // Trim markers.
                let from = ["{{ ", "{{- ", " }}", " -}}"][self.below(4)];
                let to = match from {
                    "{{ " => "{{- ",
                    "{{- " => "{{ ",
                    " }}" => " -}}",
                    _ => " }}",
                };
                lines[line] = lines[line].replacen(from, to, 1);
            }
            _ => {
                let other = self.below(lines.len());
                lines.swap(line, other);
            }
        }
        lines.concat()
    }
}
