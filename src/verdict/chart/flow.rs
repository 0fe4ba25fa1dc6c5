//! Where the whole context of a template goes, and where it is printed, hashed or walked.
//!
//! Purpose: `toJson .`, in a template's own body or in a definition that is handed `.`, reads every field of `.Chart` and
//! every file without naming any. A definition that is only handed values does not.
//!
//! Every action is evaluated as far as one question goes: may this value hold the whole context? Definitions that are handed
//! it, variables that stand for it and keys of `dict` that hold it are gathered until nothing is added.
//!
//! Invariants: errs towards "holds it". A function that is not listed here, given the context, is taken to print it. What
//! does not settle within [`Limits::template_rounds`] is taken to print everything.

use std::collections::BTreeSet;

use super::actions::{PieceKind, Token, pieces, tokens};
use super::pattern::Pattern;
use crate::limits::Limits;

/// A text with actions in it.
pub(super) struct Body<'a> {
    /// As it is shown.
    pub path: &'a str,
    /// Its actions with their lines.
    pub actions: Vec<(u64, Vec<Token<'a>>)>,
}

impl<'a> Body<'a> {
    /// A text that Helm or `tpl` may run; `None` where that is no template.
    pub fn of(path: &'a str, text: &'a str) -> Option<Self> {
        let pieces = pieces(text)?;
        let actions = pieces.iter().filter(|p| p.kind == PieceKind::Action);
        Some(Self {
            path,
            actions: actions.map(|p| (p.line, tokens(p.body))).collect(),
        })
    }
}

/// Where the whole context is printed, hashed or walked: path and line.
pub(super) fn dumps(bodies: &[Body<'_>], limits: &Limits) -> Vec<(String, u64)> {
    let mut known = Known {
        most_computed: limits.computed_names,
        ..Known::default()
    };
    // Each round follows the context one definition further.
    for _ in 0..limits.template_rounds {
        let mut next = known.clone();
        let mut found = Vec::new();
        for body in bodies {
            let mut walk = Walk::new(&known, &mut next);
            walk.body(&body.actions);
            found.extend(walk.dumps.into_iter().map(|line| (body.path.to_owned(), line)));
        }
        if next == known {
            return found;
        }
        known = next;
    }
    let first = bodies.first().map(|body| (body.path.to_owned(), 1));
    first.into_iter().collect()
}

/// What was found to hold the context.
#[derive(Debug, Clone, Default, PartialEq)]
struct Known {
    /// Definitions that are handed it, by name.
    definitions: BTreeSet<String>,
    /// The same, by computed names.
    computed: Vec<Pattern>,
    /// So many of them are told apart; with more, any definition may be meant.
    most_computed: usize,
    /// Keys under which a `dict` holds it.
    keys: BTreeSet<String>,
    /// True when `.Values` may hold it.
    values: bool,
}

impl Known {
    fn is_handed(&self, definition: &str) -> bool {
        self.definitions.contains(definition) || self.computed.iter().any(|p| p.may_be(definition.as_bytes()))
    }

    fn compute(&mut self, name: Pattern) {
        if self.computed.len() >= self.most_computed {
            self.computed = vec![Pattern::any()];
        } else if !self.computed.contains(&name) && !self.computed.iter().any(Pattern::is_open) {
            self.computed.push(name);
        }
    }
}

/// A block that is open: what `.` is in it, and what `$` is.
struct Block {
    dot: bool,
    dollar: bool,
}

/// One way through a body.
struct Walk<'k, 'n> {
    known: &'k Known,
    next: &'n mut Known,
    open: Vec<Block>,
    variables: BTreeSet<String>,
    dumps: Vec<u64>,
    line: u64,
}

/// A part of a command: a token, or a pipeline in parentheses.
#[derive(Debug)]
enum Operand<'t, 'a> {
    One(&'t Token<'a>),
    Group(Vec<Vec<Operand<'t, 'a>>>),
}

impl<'k, 'n> Walk<'k, 'n> {
    fn new(known: &'k Known, next: &'n mut Known) -> Self {
        Self {
            known,
            next,
            open: Vec::new(),
            variables: BTreeSet::new(),
            dumps: Vec::new(),
            line: 1,
        }
    }

    fn body(&mut self, actions: &[(u64, Vec<Token<'_>>)]) {
        // A loop may set a variable that its earlier lines print.
        for _ in 0..2 {
            self.dumps.clear();
            self.open.clear();
            for (line, tokens) in actions {
                self.line = *line;
                self.action(tokens);
            }
        }
        self.dumps.dedup();
    }

    fn block(&self) -> (bool, bool) {
        self.open.last().map_or((true, true), |b| (b.dot, b.dollar))
    }

    fn action(&mut self, tokens: &[Token<'_>]) {
        let (keyword, rest) = match tokens.split_first() {
            Some((Token::Word(word), rest)) => (*word, rest),
            _ => ("", tokens),
        };
        let (dot, dollar) = self.block();
        match keyword {
            "if" => {
                self.value(rest);
                self.open.push(Block { dot, dollar });
            }
            "with" | "range" => {
                let dot = self.value(rest);
                // Whoever walks over the context meets each of its fields by another name.
                if dot && keyword == "range" {
                    self.dumps.push(self.line);
                }
                self.open.push(Block { dot, dollar });
            }
            "else" => {
                self.open.pop();
                let (dot, dollar) = self.block();
                let held = match rest.split_first() {
                    Some((Token::Word("with"), rest)) => self.value(rest),
                    Some((_, rest)) => {
                        self.value(rest);
                        dot
                    }
                    None => dot,
                };
                self.open.push(Block { dot: held, dollar });
            }
            "end" => {
                self.open.pop();
            }
            "define" | "block" => {
                let name = match rest.first() {
                    Some(Token::Text(name)) => *name,
                    _ => "",
                };
                let handed = keyword == "block" && self.value(rest.get(1..).unwrap_or_default());
                if handed {
                    self.next.definitions.insert(name.to_owned());
                }
                let root = handed || name.contains('\\') || self.known.is_handed(name);
                self.open.push(Block {
                    dot: root,
                    dollar: root,
                });
            }
            "template" => {
                self.value(tokens);
            }
            _ => {
                let assigns = tokens.contains(&Token::Sign('='));
                if self.value(tokens) && !assigns {
                    self.dumps.push(self.line);
                }
            }
        }
    }

    /// Whether a pipeline's value may hold the context; variables set by it do then.
    fn value(&mut self, tokens: &[Token<'_>]) -> bool {
        let equals = tokens.iter().position(|t| *t == Token::Sign('='));
        let (names, tokens) = match equals {
            Some(at) => (
                tokens.get(..at).unwrap_or_default(),
                tokens.get(at + 1..).unwrap_or_default(),
            ),
            None => (&[][..], tokens),
        };
        let mut at = 0;
        let pipeline = pipeline(tokens, &mut at, 0);
        let held = self.pipeline(&pipeline);
        if held {
            for token in names {
                if let Token::Word(name) = token {
                    self.variables.insert((*name).to_owned());
                }
            }
        }
        held
    }

    fn pipeline(&mut self, commands: &[Vec<Operand<'_, '_>>]) -> bool {
        let mut piped = None;
        for command in commands {
            piped = Some(self.command(command, piped));
        }
        piped.unwrap_or(false)
    }

    fn operand(&mut self, operand: &Operand<'_, '_>) -> bool {
        match operand {
            Operand::Group(commands) => self.pipeline(commands),
            Operand::One(Token::Word(word)) => self.word(word),
            Operand::One(_) => false,
        }
    }

    /// `.`, `$`, a variable or a field that stands for the context, or for that of a subchart.
    fn word(&self, word: &str) -> bool {
        let (dot, dollar) = self.block();
        match word {
            "." => return dot,
            "$" => return dollar,
            _ if word.starts_with('$') && !word.contains('.') => return self.variables.contains(word),
            _ => {}
        }
        let fields: Vec<&str> = word.split('.').skip(1).collect();
        let below = fields.iter().rev().position(|f| *f == "Subcharts");
        let last = fields.last().copied().unwrap_or_default();
        below.is_some_and(|n| n <= 1)
            || (self.known.keys.contains(last) && (self.known.values || !fields.contains(&"Values")))
    }

    fn command(&mut self, operands: &[Operand<'_, '_>], piped: Option<bool>) -> bool {
        let function = match operands.first() {
            Some(Operand::One(Token::Word(word)))
                if word.starts_with(|c: char| c.is_alphabetic() || c == '_') =>
            {
                Some(*word)
            }
            _ => None,
        };
        let Some(function) = function else {
            let mut held = piped.unwrap_or(false);
            for operand in operands {
                held |= self.operand(operand);
            }
            return held;
        };
        let arguments = operands.get(1..).unwrap_or_default();
        let mut held: Vec<bool> = arguments.iter().map(|a| self.operand(a)).collect();
        held.extend(piped);
        let any = held.contains(&true);
        match function {
            "include" | "template" => {
                if any {
                    self.hand(arguments.first());
                }
                false
            }
            "tpl" => {
                // Text that is put together here is not looked at as a template.
                if arguments.first().is_some_and(joins) {
                    self.dumps.push(self.line);
                }
                false
            }
            "dict" | "set" => {
                let skipped = usize::from(function == "set");
                for (key, held) in arguments.iter().zip(held.iter().skip(1)).skip(skipped) {
                    if *held {
                        self.hold(key);
                    }
                }
                // A value that is piped in, into `set` or `dict`, has no key beside it.
                if piped == Some(true) {
                    self.hold(arguments.last().unwrap_or(&Operand::Group(Vec::new())));
                }
                if function == "set" && held.iter().skip(1).any(|h| *h) {
                    self.next.values = true;
                }
                any
            }
            "index" | "get" | "pluck" | "dig" if any => self.entry(arguments, &held),
            "hasKey" | "empty" | "not" | "kindIs" | "kindOf" | "typeIs" | "typeIsLike" | "typeOf" | "len"
            | "eq" | "ne" => false,
            "and" | "or" | "default" | "ternary" | "coalesce" | "required" | "list" | "tuple" | "merge"
            | "mergeOverwrite" | "mustMerge" | "mustMergeOverwrite" | "deepCopy" | "mustDeepCopy"
            | "omit" | "pick" | "unset" | "append" | "prepend" | "concat" | "first" | "last" | "rest"
            | "initial" => any,
            _ => {
                if any {
                    self.dumps.push(self.line);
                }
                false
            }
        }
    }

    /// A definition is handed the context.
    fn hand(&mut self, name: Option<&Operand<'_, '_>>) {
        match name {
            Some(Operand::One(Token::Text(name))) if !name.contains('\\') => {
                self.next.definitions.insert((*name).to_owned());
            }
            // A template's own text by its path: its body has the context anyway.
            Some(operand) if mentions(operand, "BasePath") => {}
            Some(Operand::Group(commands)) => self.next.compute(match commands.as_slice() {
                [command] => match command.as_slice() {
                    [
                        Operand::One(Token::Word("printf")),
                        Operand::One(Token::Text(format)),
                        ..,
                    ] => Pattern::printf(format),
                    _ => Pattern::any(),
                },
                _ => Pattern::any(),
            }),
            _ => self.next.compute(Pattern::any()),
        }
    }

    /// A key holds the context.
    fn hold(&mut self, key: &Operand<'_, '_>) {
        match key {
            Operand::One(Token::Text(key)) if !key.contains('\\') => {
                self.next.keys.insert((*key).to_owned());
            }
            _ => self.dumps.push(self.line),
        }
    }

    /// One entry of what holds the context: by a key that is written down, or by a number.
    fn entry(&mut self, arguments: &[Operand<'_, '_>], held: &[bool]) -> bool {
        let mut whole = false;
        for (argument, held) in arguments.iter().zip(held) {
            match argument {
                _ if *held => {}
                Operand::One(Token::Text(key)) if !key.contains('\\') => {
                    whole |= *key == "Subcharts" || self.known.keys.contains(*key);
                }
                Operand::One(Token::Word(number)) if number.bytes().all(|b| b.is_ascii_digit()) => {
                    whole = true;
                }
                _ => {
                    self.dumps.push(self.line);
                    return false;
                }
            }
        }
        whole
    }
}

/// Reads a pipeline up to its closing parenthesis. Beyond Go's own bound on nesting nothing is read.
fn pipeline<'t, 'a>(tokens: &'t [Token<'a>], at: &mut usize, depth: usize) -> Vec<Vec<Operand<'t, 'a>>> {
    const DEEPEST: usize = 100;
    let mut commands = vec![Vec::new()];
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        let operand = match token {
            Token::Sign('(') if depth < DEEPEST => Operand::Group(pipeline(tokens, at, depth + 1)),
            Token::Sign(')') => break,
            Token::Sign('|') => {
                commands.push(Vec::new());
                continue;
            }
            Token::Sign(_) => continue,
            other => Operand::One(other),
        };
        if let Some(command) = commands.last_mut() {
            command.push(operand);
        }
    }
    commands
}

/// True when an operand puts texts together that are no templates of their own.
fn joins(operand: &Operand<'_, '_>) -> bool {
    match operand {
        Operand::One(Token::Text(text)) => text.contains('{') && pieces(text).is_none(),
        Operand::One(_) => false,
        Operand::Group(commands) => commands.iter().flatten().any(|inner| match inner {
            Operand::One(Token::Text(text)) => {
                text.contains('{') && (!text.contains("{{") || pieces(text).is_none())
            }
            Operand::One(Token::Word("b64dec" | "b32dec")) => true,
            other => joins(other),
        }),
    }
}

fn mentions(operand: &Operand<'_, '_>, field: &str) -> bool {
    match operand {
        Operand::One(Token::Word(word)) => word.split('.').any(|f| f == field),
        Operand::One(_) => false,
        Operand::Group(commands) => commands.iter().flatten().any(|inner| mentions(inner, field)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines on which the context is dumped.
    fn lines(template: &str) -> Vec<u64> {
        let body = Body::of("a", template).expect("a template");
        dumps(&[body], &Limits::default())
            .into_iter()
            .map(|(_, line)| line)
            .collect()
    }

    #[test]
    fn the_context_is_followed_to_where_it_is_printed() {
        for template in [
            "{{ . }}",
            "{{ toJson . | sha256sum }}",
            "{{ . | toYaml }}",
            "{{ $x := . }}{{ toJson $x }}",
            "{{ with $ }}{{ toJson . }}{{ end }}",
            "{{ with .Values }}{{ else }}{{ toJson . }}{{ end }}",
            "{{ range list . }}{{ toJson . }}{{ end }}",
            "{{ range $k, $v := $ }}{{ end }}",
            "{{ omit . \"Values\" | toJson }}",
            "{{ (or . 1) | toJson }}",
            "{{ (merge (dict) .) | toJson }}",
            "{{ if eq (toJson .) \"\" }}{{ end }}",
            "{{ .Subcharts | toJson }}",
            "{{ .Subcharts.reef | toJson }}",
            "{{ index . \"Subcharts\" | toJson }}",
            "{{ index . (print \"Ch\" \"art\") }}",
            "{{ include \"d\" . }}{{ define \"d\" }}{{ toJson . }}{{ end }}",
            "{{ template \"d\" . }}{{ define \"d\" }}{{ toJson $ }}{{ end }}",
            "{{ include \"d\" (dict \"x\" $) }}{{ define \"d\" }}{{ toJson .x }}{{ end }}",
            "{{ include \"d\" (list 1 .) }}{{ define \"d\" }}{{ $r := index . 1 }}{{ toJson $r }}{{ end }}",
            "{{ include \"d\" . }}{{ define \"e\" }}{{ toJson . }}{{ end }}{{ define \"d\" }}{{ include \"e\" . }}{{ end }}",
            "{{ include .Values.name . }}{{ define \"d\" }}{{ toJson . }}{{ end }}",
            "{{ include (printf \"%s.d\" .x) . }}{{ define \"x.d\" }}{{ toJson . }}{{ end }}",
            "{{ $_ := set .Values \"x\" $ }}{{ toJson .Values.x }}",
            "{{ block \"d\" . }}{{ toJson . }}{{ end }}",
            "{{ range .Values.x }}{{ $y }}{{ $y = $ }}{{ end }}",
            "{{ tpl (print \"{{ .Ch\" \"art }}\") . }}",
        ] {
            assert_eq!(lines(template), [1], "{template}");
        }
    }

    #[test]
    fn values_and_fields_are_not_the_context() {
        for template in [
            "{{ toYaml .Values }}",
            "{{ with .Values }}{{ toYaml . }}{{ end }}",
            "{{ range .Values.x }}{{ . }}{{ include \"d\" $ }}{{ end }}",
            "{{ define \"d\" }}{{ toYaml . }}{{ end }}{{ include \"d\" .Values.x }}",
            "{{ include \"d\" (dict \"value\" .Values.x \"context\" $) }}{{ define \"d\" }}{{ tpl (toYaml .value) .context }}{{ end }}",
            "{{ include (print $.Template.BasePath \"/x.yaml\") . | sha256sum }}{{ define \"d\" }}{{ toYaml . }}{{ end }}",
            "{{ include (printf \"%s.e\" .x) . }}{{ define \"x.d\" }}{{ toYaml . }}{{ end }}",
            "{{ index . \"Values\" \"x\" | toYaml }}",
            "{{ if not . }}{{ end }}",
            "{{ $root := . }}{{ $root.Values.x }}{{ include \"d\" $root }}",
            "{{ $_ := set $ \"x\" 1 }}",
            "{{ tpl (printf \"{{ %s }}\" .Values.x) . }}",
        ] {
            assert_eq!(lines(template), [0_u64; 0], "{template}");
        }
    }
}
