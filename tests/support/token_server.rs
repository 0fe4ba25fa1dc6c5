//! A token server as distribution's "Token Authentication" specification has it, for real registries that
//! check what they are shown: JSON Web Tokens (RFC 7519) signed by ES256 or RS256, with the certificate in
//! `x5c`. Keys, certificates and signatures are `openssl`'s.
//!
//! `open/…` may be pulled by everybody, all else by ada (`hunter2`, or the identity token `id-of-ada`). As
//! the specification wants it, less than was asked for may be granted, and that is no error.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub const SERVICE: &str = "tide, \"registry\"";
pub const ISSUER: &str = "tide tokens";

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Es256,
    Rs256,
}

/// What the server does wrong.
#[derive(Debug, Clone, Default)]
pub struct Mood {
    /// Its clock is late by so many seconds: what it issues has expired.
    pub late_s: u64,
    /// What it says about the life of a token.
    pub expires_in: Option<u64>,
    /// It grants this repository, whatever was asked for.
    pub other: Option<&'static str>,
    /// It signs with a key that the registry does not trust.
    pub stranger: bool,
}

/// A running token server.
pub struct TokenServer {
    inner: Arc<Inner>,
    port: u16,
}

struct Inner {
    algorithm: Algorithm,
    keys: TempDir,
    mood: Mutex<Mood>,
    asked: Mutex<Vec<String>>,
}

impl TokenServer {
    /// False, said aloud, where `openssl` is missing.
    pub fn at_hand() -> bool {
        let there = Command::new("openssl").arg("version").output().is_ok();
        if !there {
            eprintln!("SKIPPED: openssl is not installed");
        }
        there
    }

    /// A token server with keys of its own.
    pub async fn start(algorithm: Algorithm) -> Self {
        let keys = tempfile::tempdir().unwrap();
        for name in ["trusted", "stranger"] {
            let kind: &[&str] = match algorithm {
                Algorithm::Es256 => &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
                Algorithm::Rs256 => &["rsa:2048"],
            };
            let made = Command::new("openssl")
                .current_dir(keys.path())
                .args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=tide tokens"])
                .args([
                    "-keyout",
                    &format!("{name}.key"),
                    "-out",
                    &format!("{name}.pem"),
                    "-newkey",
                ])
                .args(kind)
                .output()
                .unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        let inner = Arc::new(Inner {
            algorithm,
            keys,
            mood: Mutex::default(),
            asked: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = Router::new()
            .route("/token", get(answer).post(answer))
            .with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { inner, port }
    }

    /// Where registries send their users.
    pub fn realm(&self, host: &str) -> String {
        format!("http://{host}:{}/token", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificates that the registry trusts.
    pub fn bundle(&self) -> PathBuf {
        self.inner.keys.path().join("trusted.pem")
    }

    pub fn set_mood(&self, mood: Mood) {
        *self.inner.mood.lock().unwrap() = mood;
    }

    /// How tokens were asked for since the last call: `anonymous scope`, `ada scope`, `refused`.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.asked.lock().unwrap())
    }

    /// A token for whoever fills the registry.
    pub fn push_token(&self, repositories: &[&str]) -> String {
        let actions = ["pull", "push", "delete"];
        let access = repositories
            .iter()
            .map(|name| json!({"type": "repository", "name": name, "actions": actions}));
        self.inner.token(access.collect(), &Mood::default())
    }
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    inner.answer(&method, uri.query().unwrap_or_default(), &headers, &body)
}

impl Inner {
    fn answer(&self, method: &Method, query: &str, headers: &HeaderMap, body: &[u8]) -> Response {
        let form = if *method == Method::POST {
            String::from_utf8_lossy(body).into_owned()
        } else {
            query.to_owned()
        };
        let pairs = pairs(&form);
        let value = |key: &str| pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        assert_eq!(value("service"), Some(SERVICE), "{form}");
        let basic = format!("Basic {}", BASE64_STANDARD.encode("ada:hunter2"));
        let ada = match (*method == Method::POST, headers.get("authorization")) {
            (true, _) => {
                value("grant_type") == Some("refresh_token") && value("refresh_token") == Some("id-of-ada")
            }
            (false, None) => false,
            (false, Some(shown)) => shown.as_bytes() == basic.as_bytes(),
        };
        if !ada && (*method == Method::POST || headers.contains_key("authorization")) {
            self.asked.lock().unwrap().push("refused".to_owned());
            let told = r#"{"errors":[{"code":"UNAUTHORIZED","message":"wrong name or password"}]}"#;
            return (StatusCode::UNAUTHORIZED, told).into_response();
        }
        let mood = self.mood.lock().unwrap().clone();
        let mut access = Vec::new();
        for (_, scope) in pairs.iter().filter(|(k, _)| k == "scope") {
            let who = if ada { "ada" } else { "anonymous" };
            self.asked.lock().unwrap().push(format!("{who} {scope}"));
            // The type ends at the first colon, the actions start at the last.
            let (kind, rest) = scope.split_once(':').unwrap();
            let (name, actions) = rest.rsplit_once(':').unwrap();
            assert_eq!((kind, actions), ("repository", "pull"));
            let name = mood.other.unwrap_or(name);
            if ada || name.starts_with("open/") {
                access.push(json!({"type": kind, "name": name, "actions": ["pull"]}));
            }
        }
        let token = self.token(Value::Array(access), &mood);
        let key = if *method == Method::POST {
            "access_token"
        } else {
            "token"
        };
        let mut reply = json!({ key: token });
        if let Some(life) = mood.expires_in {
            reply["expires_in"] = json!(life);
        }
        reply.to_string().into_response()
    }

    fn token(&self, access: Value, mood: &Mood) -> String {
        let name = if mood.stranger { "stranger" } else { "trusted" };
        let file = |end: &str| self.keys.path().join(format!("{name}.{end}"));
        let certificate: String = std::fs::read_to_string(file("pem"))
            .unwrap()
            .lines()
            .filter(|l| !l.starts_with('-'))
            .collect();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - mood.late_s;
        let alg = match self.algorithm {
            Algorithm::Es256 => "ES256",
            Algorithm::Rs256 => "RS256",
        };
        let head = json!({"typ": "JWT", "alg": alg, "x5c": [certificate]});
        let claims = json!({
            "iss": ISSUER, "sub": "ada", "aud": SERVICE, "jti": now.to_string(),
            "iat": now, "nbf": now, "exp": now + 300, "access": access,
        });
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let signature = sign(&file("key"), signed.as_bytes());
        let signature = match self.algorithm {
            Algorithm::Rs256 => signature,
            Algorithm::Es256 => both_numbers(&signature),
        };
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

fn sign(key: &Path, bytes: &[u8]) -> Vec<u8> {
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-sign"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(bytes).unwrap();
    let done = openssl.wait_with_output().unwrap();
    assert!(done.status.success());
    done.stdout
}

/// An ECDSA signature as JWS has it (RFC 7518, 3.4): two numbers of 32 bytes, not DER.
fn both_numbers(der: &[u8]) -> Vec<u8> {
    // SEQUENCE, its length, then twice INTEGER, its length, the number without leading zeros but one.
    let mut rest = &der[2..];
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        rest = &rest[2 + length..];
        let number = &number[number.len().saturating_sub(32)..];
        numbers.extend(std::iter::repeat_n(0, 32 - number.len()));
        numbers.extend_from_slice(number);
    }
    numbers
}

/// `application/x-www-form-urlencoded`, in its order.
fn pairs(form: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    form.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (plain(key), plain(value)))
        .collect()
}
