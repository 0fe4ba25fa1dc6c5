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

/// A Helm that can be asked.
pub struct Helm {
    /// Which it is, for messages.
    pub name: String,
    way: Way,
}

enum Way {
    /// Started for each rendering.
    Program(PathBuf),
    /// Started once (tests/oracle).
    Oracle(Box<(Child, ChildStdin, BufReader<ChildStdout>)>),
}

/// The series that judge, and the variables that name their oracles.
const JUDGES: [(&str, &str); 2] = [
    ("helm-3.17", "TAGDRIFT_RELEASE_ORACLE"),
    ("helm-4.0", "TAGDRIFT_RELEASE_ORACLE_4"),
];

impl Helm {
    /// Every judge there is: for each series the oracle that the environment names, else the program in the tools folder; or
    /// only the program that `TAGDRIFT_HELM` names.
    pub fn judges() -> Vec<Self> {
        if let Some(path) = std::env::var_os("TAGDRIFT_HELM") {
            return vec![Self::program(path.into())];
        }
        JUDGES
            .iter()
            .filter_map(|(series, variable)| match std::env::var_os(variable) {
                Some(path) => Some(Self::oracle(series, path.into())),
                None => installed(series).map(Self::program),
            })
            .collect()
    }

    fn program(path: PathBuf) -> Self {
        Self {
            name: path.display().to_string(),
            way: Way::Program(path),
        }
    }

    fn oracle(name: &str, path: PathBuf) -> Self {
        let mut child = Command::new(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the oracle starts");
        let stdin = child.stdin.take().expect("piped");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        Self {
            name: name.to_owned(),
            way: Way::Oracle(Box::new((child, stdin, stdout))),
        }
    }

    /// Whether thousands may be asked of it.
    pub fn is_quick(&self) -> bool {
        matches!(self.way, Way::Oracle(_))
    }

    /// Renders both with each values.
    pub fn ask(&mut self, left: &Path, right: &Path, values: &[String]) -> Answer {
        match &mut self.way {
            Way::Oracle(oracle) => {
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
            Way::Program(program) => {
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

/// A Helm of a series that scripts/install-helm.sh built.
fn installed(series: &str) -> Option<PathBuf> {
    let tools = std::env::var_os("TAGDRIFT_TOOLS")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/tagdrift/tools")))?;
    let mut folders = std::fs::read_dir(tools).ok()?.flatten();
    let folder = folders.find(|entry| entry.file_name().to_string_lossy().starts_with(series))?;
    Some(folder.path().join("helm")).filter(|program| program.is_file())
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
