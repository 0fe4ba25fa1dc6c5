//! The judge: Helm, as a program for each rendering, or as the release oracle for thousands.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tagdrift::compare::yaml;
use tagdrift::limits::Limits;

/// What a pair renders to.
pub struct Answer {
    /// What differs; empty where nothing does.
    pub differs: String,
    /// How many of the renderings failed on both sides alike.
    pub failed: u64,
    /// Why the last one did.
    pub why: String,
}

/// A way to ask Helm.
pub enum Helm {
    Program(PathBuf),
    Oracle(Box<(Child, ChildStdin, BufReader<ChildStdout>)>),
}

impl Helm {
    /// The oracle or program that the environment names, or the program that was found.
    pub fn find() -> Option<Self> {
        if let Some(path) = std::env::var_os("TAGDRIFT_RELEASE_ORACLE") {
            let mut child = Command::new(path)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("the oracle starts");
            let stdin = child.stdin.take().expect("piped");
            let stdout = BufReader::new(child.stdout.take().expect("piped"));
            return Some(Self::Oracle(Box::new((child, stdin, stdout))));
        }
        if let Some(path) = std::env::var_os("TAGDRIFT_HELM") {
            return Some(Self::Program(path.into()));
        }
        let cached = std::env::var_os("HOME")
            .and_then(|home| std::fs::read_dir(Path::new(&home).join(".cache/tagdrift/tools")).ok());
        let mut found: Vec<PathBuf> = cached
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("helm-3.17"))
            .map(|entry| entry.path().join("helm"))
            .collect();
        let path = std::env::var_os("PATH").unwrap_or_default();
        found.extend(std::env::split_paths(&path).map(|folder| folder.join("helm")));
        found
            .into_iter()
            .find(|program| program.is_file())
            .map(Self::Program)
    }

    /// Renders both with each values.
    pub fn ask(&mut self, left: &Path, right: &Path, values: &[String]) -> Answer {
        match self {
            Self::Oracle(oracle) => {
                let (_, stdin, stdout) = oracle.as_mut();
                let question = json!({"left": left, "right": right, "values": values});
                writeln!(stdin, "{question}").expect("the oracle reads");
                let mut line = String::new();
                stdout.read_line(&mut line).expect("the oracle answers");
                let answer: Value = serde_json::from_str(&line).expect("JSON of the oracle");
                Answer {
                    differs: answer["differs"].as_str().unwrap_or_default().to_owned(),
                    failed: answer["failed"].as_u64().unwrap_or_default(),
                    why: answer["why"].as_str().unwrap_or_default().to_owned(),
                }
            }
            Self::Program(program) => {
                let mut answer = Answer {
                    differs: String::new(),
                    failed: 0,
                    why: String::new(),
                };
                for (at, values) in values.iter().enumerate() {
                    let l = rendered(program, left, values);
                    let r = rendered(program, right, values);
                    match (l, r) {
                        (Err(why), Err(_)) => {
                            answer.failed += 1;
                            answer.why = why;
                        }
                        (l, r) if l == r => {}
                        (l, r) => {
                            answer.differs = format!("values {at}:\n{l:#?}\n--- against ---\n{r:#?}");
                            break;
                        }
                    }
                }
                answer
            }
        }
    }
}

/// The objects of one rendering as sorted JSON; where our reader has a doubt, the text as it stands.
fn rendered(program: &Path, chart: &Path, values: &str) -> Result<Vec<String>, String> {
    let mut child = Command::new(program)
        .args(["template", "r"])
        .arg(chart)
        .args(["-n", "n", "--include-crds", "--skip-tests", "-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Helm starts");
    let mut stdin = child.stdin.take().expect("piped");
    // Helm may stop before it reads its values.
    let _ = stdin.write_all(values.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("Helm ends");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let Ok(documents) = yaml::read(&text, &Limits::default()) else {
        return Ok(vec![text]);
    };
    let mut objects: Vec<String> = documents
        .iter()
        .filter(|document| !document.value.is_null())
        .map(|document| sorted(&document.value).to_string())
        .collect();
    objects.sort();
    Ok(objects)
}

/// With the keys of every object in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> =
                fields.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
