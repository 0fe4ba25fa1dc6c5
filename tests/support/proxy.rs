//! Real reverse proxies on free ports of the loopback, ended with their values: nginx and Caddy, where they
//! are installed. Both keep to a folder of their own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running proxy.
pub struct Proxy {
    child: Child,
    address: String,
    has_workers: bool,
    _folder: TempDir,
}

impl Proxy {
    /// nginx with this in its `http` block and that in its only `server`; `FOLDER` stands for its folder.
    pub async fn nginx(http: &str, server: &str) -> Option<Self> {
        let program = installed("nginx")?;
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let own = folder.path().display().to_string();
        // nginx's workers give up root, and must still reach the folder.
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|name| format!("{name}_temp_path {own}/{name};\n"))
            .collect();
        let config = format!(
            "daemon off;\npid {own}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{}\nserver {{\nlisten {address};\n{}\n}}\n}}\n",
            http.replace("FOLDER", &own),
            server.replace("FOLDER", &own),
        );
        std::fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let mut command = Command::new(program);
        command.args(["-e", "stderr", "-p", &own, "-c", "nginx.conf"]);
        Some(Self::up(command, address, folder, true).await)
    }

    /// Caddy with this site; its name is put in place of an address.
    pub async fn caddy(site: &str, name: &str) -> Option<Self> {
        let program = installed("caddy")?;
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let site = site.replacen(name, &format!("http://{address}"), 1);
        std::fs::write(
            folder.path().join("Caddyfile"),
            format!("{{\nadmin off\n}}\n{site}"),
        )
        .unwrap();
        let mut command = Command::new(program);
        command
            .current_dir(folder.path())
            .args(["run", "--config", "Caddyfile"])
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path());
        Some(Self::up(command, address, folder, false).await)
    }

    async fn up(mut command: Command, address: String, folder: TempDir, has_workers: bool) -> Self {
        let log = folder.path().join("log");
        let child = command
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut proxy = Self {
            child,
            address,
            has_workers,
            _folder: folder,
        };
        let until = Instant::now() + Duration::from_secs(20);
        while tokio::net::TcpStream::connect(&proxy.address).await.is_err() {
            let said = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(proxy.child.try_wait().unwrap().is_none(), "it ended: {}", said());
            assert!(Instant::now() < until, "it does not come up: {}", said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        proxy
    }

    /// `127.0.0.1:port`
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if self.has_workers {
            // Asked, not killed: nginx's master takes its workers along, at once.
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        } else {
            // Caddy would wait for streams that never end.
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([Path::new("/usr/sbin").to_owned()])
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}
