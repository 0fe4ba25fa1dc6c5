//! The verdict in one sentence for a manager, and in one paragraph for an engineer.

use std::collections::BTreeMap;

use crate::verdict::{Cause, Code, Judgement, Level, Weight};

/// One sentence without jargon.
pub fn summary(level: Level, judgement: &Judgement) -> String {
    match level {
        Level::Identical => "Both sides are the very same manifest.".to_owned(),
        Level::Repackaged => match phrases(judgement, Weight::Packaging, 3) {
            what if what.is_empty() => "The content is equal on both sides.".to_owned(),
            what => format!("Every file is equal on both sides; only {what} changed."),
        },
        Level::Cosmetic => format!(
            "Nothing that is deployed changed: the files differ only in {}.",
            phrases(judgement, Weight::Cosmetic, 3)
        ),
        Level::Changed => format!(
            "What is deployed changed: {}.",
            phrases(judgement, Weight::Deployed, 3)
        ),
        Level::Breaking => format!(
            "What is deployed changed, and it can break: {}.",
            breaking(judgement)
        ),
        Level::Unknown => match judgement.unread.first() {
            Some(unread) => format!(
                "A change cannot be ruled out: the {} could not be read ({}).",
                short_digests(&unread.what).trim_start_matches("the "),
                // The place is what could not be read, which the sentence names already.
                short_digests(unread.why.split(" (sha").next().unwrap_or_default())
            ),
            None => "A change cannot be ruled out: something could not be read.".to_owned(),
        },
    }
}

/// The text with its digests cut to twelve digits: enough for the eye.
fn short_digests(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut run = 0;
    for c in text.chars() {
        run = if matches!(c, '0'..='9' | 'a'..='f') {
            run + 1
        } else {
            0
        };
        if run <= 12 {
            short.push(c);
        }
    }
    short
}

/// Phrases of the codes of one weight, most severe first, at most `most` of them.
fn phrases(judgement: &Judgement, weight: Weight, most: usize) -> String {
    let mut codes: BTreeMap<Code, u8> = BTreeMap::new();
    for cause in judgement.causes.iter().filter(|c| c.weight == weight) {
        let severity = codes.entry(cause.code).or_default();
        *severity = (*severity).max(cause.severity.into());
    }
    let mut codes: Vec<(Code, u8)> = codes.into_iter().collect();
    codes.sort_by_key(|(code, severity)| (u8::MAX - severity, *code));
    let rest = codes.len().saturating_sub(most);
    let mut names: Vec<String> = codes
        .iter()
        .take(most)
        .map(|(code, _)| code.phrase().to_owned())
        .collect();
    if rest > 0 {
        names.push(if rest == 1 {
            "one more thing".to_owned()
        } else {
            format!("{rest} more things")
        });
    }
    join(&names)
}

fn breaking(judgement: &Judgement) -> String {
    let worst: Vec<&Cause> = judgement
        .causes
        .iter()
        .filter(|c| u8::from(c.severity) == 4)
        .collect();
    let mut names: Vec<String> = Vec::new();
    for cause in &worst {
        let name = match cause.path.as_str() {
            "" => cause.code.phrase().to_owned(),
            path => format!("{} in {path}", cause.code.phrase()),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let rest = names.len().saturating_sub(2);
    names.truncate(2);
    if rest > 0 {
        names.push(format!("{rest} more"));
    }
    join(&names)
}

fn join(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// One paragraph: how many causes of each kind, and how far equality was proven.
pub fn detail(level: Level, judgement: &Judgement) -> String {
    let count = |weight| judgement.causes.iter().filter(|c| c.weight == weight).count();
    let changed = judgement
        .files
        .iter()
        .filter(|f| f.status != crate::verdict::FileStatus::Same)
        .count();
    let files = judgement.files.len();
    let mut sentences = Vec::new();
    if files > 0 {
        sentences.push(match changed {
            0 => format!("All {files} files were read and their paths, kinds and bytes are equal."),
            _ => format!("{changed} of {files} files differ."),
        });
    }
    let mut told = |n: usize, one: &str, many: &str| match n {
        0 => {}
        1 => sentences.push(format!("1 {one}.")),
        n => sentences.push(format!("{n} {many}.")),
    };
    told(
        count(Weight::Deployed),
        "difference can be deployed",
        "differences can be deployed",
    );
    told(
        count(Weight::Unread),
        "part could not be read",
        "parts could not be read",
    );
    told(
        count(Weight::Cosmetic),
        "difference is proven harmless",
        "differences are proven harmless",
    );
    told(
        count(Weight::Packaging),
        "difference lies only in the packaging",
        "differences lie only in the packaging",
    );
    if level == Level::Identical {
        return "The digest is a hash of the manifest, which names everything else by hash: equal digests mean equal content.".to_owned();
    }
    if level == Level::Unknown {
        sentences.push("What was not proven equal is not called equal.".to_owned());
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    #[test]
    fn what_could_not_be_read_is_named_once_and_shortly() {
        let digest = crate::oci::Digest::sha256(b"");
        let mut judgement = Judgement::default();
        judgement.could_not_read(
            &format!("right layer {digest}"),
            &Fault::malformed("it ends too early").at(digest.to_string()),
        );
        assert_eq!(
            summary(Level::Unknown, &judgement),
            "A change cannot be ruled out: the right layer sha256:e3b0c44298fc could not be read (it ends too early)."
        );
    }
}
