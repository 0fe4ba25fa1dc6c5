//! A real registry (Debian's `docker-registry`) on a free port of the loopback, ended with its value.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tagdrift::oci::Digest;
use tempfile::TempDir;

/// A running registry.
pub struct DockerRegistry {
    child: Child,
    address: String,
    credentials: Option<(&'static str, &'static str)>,
    _folder: TempDir,
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
        Self::start(None).await
    }

    /// Behind Basic authentication, by htpasswd.
    pub async fn with_password(user: &'static str, password: &'static str) -> Self {
        Self::start(Some((user, password))).await
    }

    async fn start(credentials: Option<(&'static str, &'static str)>) -> Self {
        let program =
            Self::program().expect("docker-registry is installed (apt-get install docker-registry)");
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let address = format!("127.0.0.1:{port}");
        let mut config = format!(
            "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  delete:\n    enabled: true\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {address}\n",
            folder.path().join("data").display()
        );
        if let Some((user, password)) = credentials {
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
        let config_file = folder.path().join("config.yml");
        fs::write(&config_file, config).unwrap();
        let child = Command::new(program)
            .arg("serve")
            .arg(&config_file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let registry = Self {
            child,
            address,
            credentials,
            _folder: folder,
        };
        let until = Instant::now() + Duration::from_secs(20);
        while registry
            .request(reqwest::Method::GET, "/v2/")
            .send()
            .await
            .is_err()
        {
            assert!(Instant::now() < until, "docker-registry does not come up");
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
        match self.credentials {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
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
