//! Real registries on free ports of the loopback, ended with their values: Debian's `docker-registry`
//! (distribution 2), distribution 3 and `crane registry serve` where they are at hand.
//!
//! The last two are looked for by `TAGDRIFT_DISTRIBUTION` and `TAGDRIFT_CRANE`, then among the tools that
//! `make` installs, then on `PATH`.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tagdrift::oci::{Descriptor, Digest, media_type};
use tempfile::TempDir;

/// A running registry.
pub struct DockerRegistry {
    child: Child,
    address: String,
    auth: Auth,
    _folder: TempDir,
}

/// Who may read and write.
#[derive(Clone)]
enum Auth {
    Anyone,
    /// Basic authentication, by htpasswd.
    Password(&'static str, &'static str),
    /// Tokens of this realm, signed by what is in the bundle.
    Token(TokenAuth),
}

/// A registry's `auth: token`.
#[derive(Clone)]
pub struct TokenAuth {
    pub realm: String,
    pub service: &'static str,
    pub issuer: &'static str,
    pub bundle: PathBuf,
    /// Shown by whoever fills the registry.
    pub push: String,
}

impl DockerRegistry {
    /// Where the program is, if it is installed.
    pub fn program() -> Option<&'static str> {
        ["/usr/bin/docker-registry", "/usr/local/bin/docker-registry"]
            .into_iter()
            .find(|p| Path::new(p).exists())
    }

    /// Open to everybody.
    pub async fn open() -> Self {
        Self::start(Auth::Anyone).await
    }

    /// Behind Basic authentication, by htpasswd.
    pub async fn with_password(user: &'static str, password: &'static str) -> Self {
        Self::start(Auth::Password(user, password)).await
    }

    /// Distribution 3, open to everybody, if it is at hand.
    pub async fn distribution_3() -> Option<Self> {
        let program = tool("TAGDRIFT_DISTRIBUTION", "distribution-3/registry", "registry")?;
        Some(Self::distribution(&program, Auth::Anyone, "").await)
    }

    /// Behind a token server.
    pub async fn with_tokens(auth: TokenAuth) -> Self {
        Self::start(Auth::Token(auth)).await
    }

    /// Distribution 3 behind a token server, if it is at hand.
    pub async fn distribution_3_with_tokens(auth: TokenAuth) -> Option<Self> {
        let program = tool("TAGDRIFT_DISTRIBUTION", "distribution-3/registry", "registry")?;
        Some(Self::distribution(&program, Auth::Token(auth), "").await)
    }

    /// go-containerregistry's registry, if it is at hand.
    pub async fn crane() -> Option<Self> {
        let program = tool("TAGDRIFT_CRANE", "crane/crane", "crane")?;
        let address = free_address();
        let mut command = Command::new(program);
        command.args(["registry", "serve", "--address", &address]);
        Some(Self::up(command, address, Auth::Anyone, tempfile::tempdir().unwrap()).await)
    }

    /// Open to everybody, with these lines below `http:`.
    pub async fn with_headers(headers: &str) -> Self {
        Self::configured(Auth::Anyone, headers).await
    }

    /// Distribution 3 with these lines below `http:`, if it is at hand.
    pub async fn distribution_3_with_headers(headers: &str) -> Option<Self> {
        let program = tool("TAGDRIFT_DISTRIBUTION", "distribution-3/registry", "registry")?;
        Some(Self::distribution(&program, Auth::Anyone, headers).await)
    }

    async fn start(auth: Auth) -> Self {
        Self::configured(auth, "").await
    }

    async fn configured(auth: Auth, headers: &str) -> Self {
        let program =
            Self::program().expect("docker-registry is installed (apt-get install docker-registry)");
        Self::distribution(Path::new(program), auth, headers).await
    }

    async fn distribution(program: &Path, auth: Auth, headers: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let mut config = format!(
            "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  delete:\n    enabled: true\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {address}\n{headers}",
            folder.path().join("data").display()
        );
        match &auth {
            Auth::Anyone => {}
            Auth::Password(user, password) => {
                let file = folder.path().join("htpasswd");
                let line = Command::new("htpasswd")
                    .args(["-Bbn", user, password])
                    .output()
                    .unwrap();
                fs::write(&file, line.stdout).unwrap();
                config.push_str(&format!(
                    "auth:\n  htpasswd:\n    realm: tide\n    path: {}\n",
                    file.display()
                ));
            }
            Auth::Token(token) => config.push_str(&format!(
                "auth:\n  token:\n    realm: {}\n    service: '{}'\n    issuer: {}\n    rootcertbundle: {}\n",
                token.realm,
                token.service,
                token.issuer,
                token.bundle.display()
            )),
        }
        let config_file = folder.path().join("config.yml");
        fs::write(&config_file, config).unwrap();
        let mut command = Command::new(program);
        command.arg("serve").arg(&config_file);
        Self::up(command, address, auth, folder).await
    }

    async fn up(mut command: Command, address: String, auth: Auth, folder: TempDir) -> Self {
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let registry = Self {
            child,
            address,
            auth,
            _folder: folder,
        };
        let until = Instant::now() + Duration::from_secs(20);
        while registry
            .request(reqwest::Method::GET, "/v2/")
            .send()
            .await
            .is_err()
        {
            assert!(Instant::now() < until, "the registry does not come up");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        registry
    }

    /// `127.0.0.1:port`
    pub fn address(&self) -> &str {
        &self.address
    }

    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let request = reqwest::Client::new().request(method, format!("http://{}{path}", self.address));
        match &self.auth {
            Auth::Anyone => request,
            Auth::Password(user, password) => request.basic_auth(user, Some(password)),
            Auth::Token(token) => request.bearer_auth(&token.push),
        }
    }

    /// Pushes a blob in one piece.
    pub async fn push_blob(&self, repository: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::sha256(bytes);
        let start = self
            .request(reqwest::Method::POST, &format!("/v2/{repository}/blobs/uploads/"))
            .send()
            .await
            .unwrap();
        let location = start.headers()["location"].to_str().unwrap().to_owned();
        let path = location
            .split_once(&self.address)
            .map_or(location.as_str(), |(_, path)| path);
        let separator = if path.contains('?') { '&' } else { '?' };
        let put = self
            .request(reqwest::Method::PUT, &format!("{path}{separator}digest={digest}"))
            .body(bytes.to_vec())
            .send()
            .await
            .unwrap();
        assert_eq!(put.status(), 201);
        digest
    }

    /// Pushes a manifest under a tag or digest.
    pub async fn push_manifest(&self, repository: &str, name: &str, media_type: &str, raw: &[u8]) -> Digest {
        let put = self
            .request(
                reqwest::Method::PUT,
                &format!("/v2/{repository}/manifests/{name}"),
            )
            .header("Content-Type", media_type)
            .body(raw.to_vec())
            .send()
            .await
            .unwrap();
        assert_eq!(put.status(), 201, "{}", put.text().await.unwrap_or_default());
        Digest::sha256(raw)
    }

    /// A manifest with one layer, pushed under this tag.
    pub async fn push(&self, repository: &str, tag: &str, layer: &[u8]) -> (Digest, Descriptor) {
        let config = self.push_blob(repository, b"{}").await;
        let digest = self.push_blob(repository, layer).await;
        let descriptor = Descriptor {
            media_type: "application/vnd.oci.image.layer.v1.tar".into(),
            digest,
            size: layer.len() as u64,
            annotations: Default::default(),
            urls: Vec::new(),
            artifact_type: None,
            platform: None,
        };
        let raw = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "config": {"mediaType": media_type::OCI_CONFIG, "digest": config, "size": 2},
            "layers": [descriptor],
        });
        let raw = serde_json::to_vec(&raw).unwrap();
        let digest = self
            .push_manifest(repository, tag, media_type::OCI_MANIFEST, &raw)
            .await;
        (digest, descriptor)
    }

    /// Deletes a manifest by its digest.
    pub async fn delete_manifest(&self, repository: &str, digest: &Digest) {
        let path = format!("/v2/{repository}/manifests/{digest}");
        let reply = self.request(reqwest::Method::DELETE, &path).send().await.unwrap();
        assert_eq!(reply.status(), 202);
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// A program named by a variable, among the installed tools, or on `PATH`.
fn tool(variable: &str, among_tools: &str, name: &str) -> Option<PathBuf> {
    let folder = |key: &str| std::env::var_os(key).map(PathBuf::from);
    let tools = folder("TAGDRIFT_TOOLS").or_else(|| Some(folder("HOME")?.join(".cache/tagdrift/tools")));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    folder(variable)
        .into_iter()
        .chain(tools.map(|t| t.join(among_tools)))
        .chain(std::env::split_paths(&on_path).map(|p| p.join(name)))
        .find(|p| p.is_file())
}
