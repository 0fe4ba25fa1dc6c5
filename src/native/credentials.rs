//! The user's credentials, as other OCI tools keep them.
//!
//! Looked for in this order: `$REGISTRY_AUTH_FILE`, Helm's registry configuration, Docker's
//! configuration. In each: the credential helper of that host (`credHelpers`), the helper for all
//! (`credsStore`), then `auths`. Read anew each time, only when a registry wants credentials; nothing is
//! ever written.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::io::AsyncWriteExt as _;

use crate::fault::{Fault, FaultKind};
use crate::registry::{Credentials, Secret};

/// A configuration file is smaller than this many bytes.
const LARGEST: u64 = 1 << 20;
/// A helper may ask the user to unlock a key ring, but not forever.
const HELPER_TIME: Duration = Duration::from_secs(60);

/// Where to look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialFiles {
    /// Configuration files, the first to ask first.
    pub files: Vec<PathBuf>,
    /// `PATH` for helpers; `None` for the program's own.
    pub helper_path: Option<OsString>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default)]
    auths: HashMap<String, Auth>,
    #[serde(default)]
    cred_helpers: HashMap<String, String>,
    #[serde(default)]
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
struct Auth {
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    identitytoken: Option<String>,
    #[serde(default)]
    registrytoken: Option<String>,
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Auth(…)")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

impl CredentialFiles {
    /// The usual places, by the environment.
    pub fn of_environment() -> Self {
        Self::of(|key| std::env::var_os(key))
    }

    /// The usual places, by these variables.
    pub fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |key: &str| variable(key).filter(|v| !v.is_empty()).map(PathBuf::from);
        let home = path("HOME").or_else(|| path("USERPROFILE"));
        let config = path("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|h| h.join(".config")));
        let helm = path("HELM_REGISTRY_CONFIG")
            .or_else(|| path("HELM_CONFIG_HOME").map(|h| h.join("registry/config.json")))
            .or_else(|| config.map(|c| c.join("helm/registry/config.json")));
        let docker = path("DOCKER_CONFIG")
            .or_else(|| home.map(|h| h.join(".docker")))
            .map(|d| d.join("config.json"));
        Self {
            files: [path("REGISTRY_AUTH_FILE"), helm, docker]
                .into_iter()
                .flatten()
                .collect(),
            helper_path: None,
        }
    }

    /// The credentials for a registry.
    ///
    /// # Errors
    /// When a file or a helper that should have had them cannot be read, and no other has them.
    pub async fn find(&self, registry: &str) -> Result<Option<Credentials>, Fault> {
        let mut trouble = None;
        for path in &self.files {
            match self.find_in(path, registry).await {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                Err(fault) => trouble = trouble.or(Some(fault)),
            }
        }
        trouble.map_or(Ok(None), Err)
    }

    async fn find_in(&self, path: &Path, registry: &str) -> Result<Option<Credentials>, Fault> {
        let at = |fault: Fault| fault.at(path.display().to_string());
        let bytes = match tokio::fs::metadata(path).await {
            Ok(about) if about.len() > LARGEST => {
                return Err(at(Fault::too_large(
                    "the configuration",
                    format!("{LARGEST} bytes"),
                )));
            }
            Ok(_) => tokio::fs::read(path).await.map_err(|e| {
                at(Fault::unsupported(format!(
                    "the configuration cannot be read: {}",
                    e.kind()
                )))
            })?,
            Err(_) => return Ok(None),
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        // serde_json's own message could quote a secret: only the place is told.
        let config: Config = serde_json::from_slice(&bytes).map_err(|e| {
            at(Fault::malformed(format!(
                "the configuration is no JSON as Docker writes it, at line {}, column {}",
                e.line(),
                e.column()
            )))
        })?;
        let names = names(registry);
        let helper = names
            .iter()
            .find_map(|name| config.cred_helpers.get(name))
            .or(config.creds_store.as_ref());
        if let Some(helper) = helper {
            // The names under which tools store a registry; the first is the usual one.
            for name in names.iter().take(2) {
                if let Some(found) = self.ask_helper(helper, name).await.map_err(at)? {
                    return Ok(Some(found));
                }
            }
        }
        for name in &names {
            if let Some(auth) = config.auths.get(name)
                && let Some(found) = credentials_of(auth).map_err(|f| f.at(path.display().to_string()))?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Asks `docker-credential-<helper> get`.
    async fn ask_helper(&self, helper: &str, name: &str) -> Result<Option<Credentials>, Fault> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if helper.is_empty() || !helper.bytes().all(is_plain) {
            return Err(Fault::malformed(format!(
                "{helper:?} is no name of a credential helper"
            )));
        }
        let program = format!("docker-credential-{helper}");
        let trouble = |what: &str| Fault::new(FaultKind::Denied, format!("{program} {what}"));
        let mut command = tokio::process::Command::new(&program);
        if let Some(path) = &self.helper_path {
            command.env("PATH", path);
        }
        let mut child = command
            .arg("get")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| trouble(&format!("cannot be started: {}", e.kind())))?;
        if let Some(mut input) = child.stdin.take() {
            // A helper that ends without reading is judged by what it answered.
            let _ = input.write_all(name.as_bytes()).await;
        }
        let output = tokio::time::timeout(HELPER_TIME, child.wait_with_output())
            .await
            .map_err(|_| trouble("does not answer"))?
            .map_err(|e| trouble(&format!("cannot be read: {}", e.kind())))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stdout);
            // The protocol's own words for "nothing here" (docker-credential-helpers).
            return if said.trim().is_empty() || said.contains("not found") {
                Ok(None)
            } else {
                Err(trouble("fails"))
            };
        }
        let helped: Helped = serde_json::from_slice(&output.stdout)
            .map_err(|_| trouble("does not answer with credentials"))?;
        if helped.secret.is_empty() {
            return Ok(None);
        }
        let secret = Secret::new(helped.secret);
        Ok(Some(if helped.username == "<token>" {
            Credentials::Identity(secret)
        } else {
            Credentials::Password {
                user: helped.username,
                password: secret,
            }
        }))
    }
}

/// The names under which tools keep a registry's credentials, the most usual first.
fn names(registry: &str) -> Vec<String> {
    if matches!(registry, "docker.io" | "index.docker.io" | "registry-1.docker.io") {
        return [
            "https://index.docker.io/v1/",
            "docker.io",
            "index.docker.io",
            "https://registry-1.docker.io",
            "registry-1.docker.io",
        ]
        .map(str::to_owned)
        .to_vec();
    }
    ["", "https://", "http://"]
        .into_iter()
        .flat_map(|scheme| ["", "/", "/v1/", "/v2/"].map(|end| format!("{scheme}{registry}{end}")))
        .collect()
}

fn credentials_of(auth: &Auth) -> Result<Option<Credentials>, Fault> {
    let filled = |value: &Option<String>| value.clone().filter(|v| !v.is_empty());
    if let Some(token) = filled(&auth.registrytoken) {
        return Ok(Some(Credentials::Access(Secret::new(token))));
    }
    if let Some(token) = filled(&auth.identitytoken) {
        return Ok(Some(Credentials::Identity(Secret::new(token))));
    }
    if let Some(pair) = filled(&auth.auth) {
        let broken = || Fault::malformed("an `auth` of the configuration is not base64 of user:password");
        let bytes = STANDARD.decode(pair.trim()).map_err(|_| broken())?;
        let text = String::from_utf8(bytes).map_err(|_| broken())?;
        let (user, password) = text.split_once(':').ok_or_else(broken)?;
        return Ok(Some(Credentials::Password {
            user: user.to_owned(),
            password: Secret::new(password.trim_end_matches('\0')),
        }));
    }
    Ok(filled(&auth.username).map(|user| Credentials::Password {
        user,
        password: Secret::new(auth.password.clone().unwrap_or_default()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(user: &str, password: &str) -> Option<Credentials> {
        Some(Credentials::Password {
            user: user.into(),
            password: Secret::new(password),
        })
    }

    async fn find(config: &str, registry: &str) -> Result<Option<Credentials>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, config).unwrap();
        let files = CredentialFiles {
            files: vec![folder.path().join("missing"), path],
            helper_path: None,
        };
        files.find(registry).await.map_err(|f| f.message)
    }

    #[test]
    fn places_follow_the_environment() {
        let of = |set: &[(&str, &str)]| {
            let set: HashMap<String, OsString> = set
                .iter()
                .map(|(k, v)| ((*k).to_owned(), OsString::from(v)))
                .collect();
            let files = CredentialFiles::of(|key| set.get(key).cloned());
            files
                .files
                .iter()
                .map(|p| p.display().to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(&[("HOME", "/h")]),
            ["/h/.config/helm/registry/config.json", "/h/.docker/config.json"]
        );
        assert_eq!(
            of(&[
                ("HOME", "/h"),
                ("REGISTRY_AUTH_FILE", "/a"),
                ("DOCKER_CONFIG", "/d"),
                ("HELM_REGISTRY_CONFIG", "/r")
            ]),
            ["/a", "/r", "/d/config.json"]
        );
        assert_eq!(of(&[]), Vec::<String>::new());
    }

    #[tokio::test]
    async fn auths_in_all_their_forms() {
        // YWRhOnRpOmRl = ada:ti:de
        for (config, registry, found) in [
            (
                r#"{"auths":{"r.example":{"auth":"YWRhOnRpOmRl"}}}"#,
                "r.example",
                password("ada", "ti:de"),
            ),
            (
                r#"{"auths":{"https://r.example/v2/":{"username":"a","password":"b"}}}"#,
                "r.example",
                password("a", "b"),
            ),
            (
                r#"{"auths":{"https://index.docker.io/v1/":{"auth":"YWRhOnRpOmRl"}}}"#,
                "docker.io",
                password("ada", "ti:de"),
            ),
            (
                r#"{"auths":{"r.example":{"auth":"YWRhOnRpOmRl","identitytoken":"id"}}}"#,
                "r.example",
                Some(Credentials::Identity(Secret::new("id"))),
            ),
            (
                r#"{"auths":{"r.example":{"registrytoken":"t"}}}"#,
                "r.example",
                Some(Credentials::Access(Secret::new("t"))),
            ),
            (r#"{"auths":{"r.example":{}}}"#, "r.example", None),
            (
                r#"{"auths":{"evil.r.example":{"auth":"YWRhOnRpOmRl"}}}"#,
                "r.example",
                None,
            ),
            (
                r#"{"auths":{"r.example":{"auth":"YWRhOnRpOmRl"}}}"#,
                "r.example:5000",
                None,
            ),
            ("", "r.example", None),
        ] {
            assert_eq!(find(config, registry).await, Ok(found), "{config}");
        }
    }

    #[tokio::test]
    async fn faults_quote_no_secret() {
        for (config, message) in [
            (
                r#"{"auths":{"r.example":{"auth":"hunter2!"}}}"#,
                "an `auth` of the configuration is not base64 of user:password",
            ),
            (
                r#"{"auths":{"r.example":"hunter2"}}"#,
                "the configuration is no JSON as Docker writes it, at line 1, column 31",
            ),
            (
                r#"{"credsStore":"../evil"}"#,
                "\"../evil\" is no name of a credential helper",
            ),
            (
                r#"{"credHelpers":{"r.example":"no-such-helper-here"}}"#,
                "docker-credential-no-such-helper-here cannot be started: entity not found",
            ),
        ] {
            assert_eq!(find(config, "r.example").await, Err(message.to_owned()));
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn helpers_are_asked_first() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let helper = |name: &str, script: &str| {
            let path = folder.path().join(format!("docker-credential-{name}"));
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        helper(
            "here",
            r#"read -r name || true; printf '{"ServerURL":"%s","Username":"ada","Secret":"for-%s"}' "$name" "$name""#,
        );
        helper("token", r#"printf '{"Username":"<token>","Secret":"id"}'"#);
        helper("none", "echo 'credentials not found in native keychain'; exit 1");
        helper("broken", "echo 'the key ring is locked'; exit 1");
        let config = folder.path().join("config.json");
        std::fs::write(
            &config,
            r#"{"auths":{"plain.example":{"auth":"YWRhOnRpOmRl"},"a.example":{"auth":"YWRhOnRpOmRl"}},
                "credHelpers":{"a.example":"here","b.example":"token","c.example":"broken"},"credsStore":"none"}"#,
        )
        .unwrap();
        let files = CredentialFiles {
            files: vec![config],
            helper_path: Some(format!("{}:/usr/bin:/bin", folder.path().display()).into()),
        };
        assert_eq!(
            files.find("a.example").await,
            Ok(password("ada", "for-a.example"))
        );
        let identity = Credentials::Identity(Secret::new("id"));
        assert_eq!(files.find("b.example").await, Ok(Some(identity)));
        assert_eq!(files.find("plain.example").await, Ok(password("ada", "ti:de")));
        let fault = files.find("c.example").await.unwrap_err();
        assert_eq!(fault.message, "docker-credential-broken fails");
    }
}
