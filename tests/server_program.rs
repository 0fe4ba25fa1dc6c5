//! The program as a process: what it prints, how it logs, how it ends.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// A server process; killed when the test fails before it ended.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    authority: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        Self::start_by(program().args(arguments))
    }

    fn start_by(command: &mut Command) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let authority = line
            .strip_prefix("http://")
            .and_then(|rest| rest.strip_suffix("/\n"))
            .unwrap_or_else(|| panic!("{line:?} is no URL"))
            .to_owned();
        Self {
            child,
            stdout,
            authority,
        }
    }

    /// The status line of an answer.
    fn get(&self, path: &str, header: &str) -> String {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{header}\r\n",
            self.authority
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap().to_owned()
    }

    /// Sends a signal and waits: exit code, further output, log.
    fn end(mut self, signal: &str) -> (Option<i32>, String, String) {
        let sent = Command::new("kill")
            .args(["-s", signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let (mut out, mut log) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        (self.child.wait().unwrap().code(), out, log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagdrift"));
    command.env_remove("RUST_LOG");
    command
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn demo_prints_one_line_and_ends_on_a_signal() {
    for signal in ["TERM", "INT"] {
        let server = Server::start(&["demo"]);
        assert_eq!(server.get("/v2/_catalog", ""), "HTTP/1.1 200 OK");
        assert_eq!(server.get("/relay/v1/", ""), "HTTP/1.1 200 OK");
        assert_eq!(server.end(signal), (Some(0), String::new(), String::new()));
    }
}

#[test]
fn serve_has_no_samples_and_logs_no_secrets() {
    let server = Server::start(&["serve", "--log-format", "json", "--allow", "registry.invalid"]);
    let secret = "Authorization: Bearer hunter2\r\n";
    assert_eq!(server.get("/v2/?token=hunter2", secret), "HTTP/1.1 404 Not Found");
    assert_eq!(
        server.get(
            "/relay/v1/elsewhere.invalid/v2/hunter2/tags/list?token=hunter2",
            secret
        ),
        "HTTP/1.1 403 Forbidden"
    );
    let (code, out, log) = server.end("TERM");
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(!log.contains("hunter2"), "{log}");
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["part"].as_str().unwrap(),
                line["host"].as_str(),
                line["status"].as_u64().unwrap(),
                line["whole"].as_bool().unwrap(),
                line["bytes"].as_u64().unwrap() > 0 && line["ms"].is_u64(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("page", None, 404, true, true),
            ("relay", Some("elsewhere.invalid"), 403, true, true),
        ]
    );
}

/// Even whoever wants to see everything sees no credentials: those of a request, of a redirect, of an answer.
#[test]
fn the_longest_log_of_the_relay_holds_no_secrets() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let registry = listener.local_addr().unwrap().to_string();
    let answers = std::thread::spawn(move || {
        for head in [
            "307 Temporary Redirect\r\nLocation: /stored?signature=hunter2\r\nContent-Length: 0",
            "401 Unauthorized\r\nSet-Cookie: hunter2\r\nWWW-Authenticate: Bearer realm=\"https://r/hunter2\"\r\nContent-Length: 0",
        ] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let n = stream.read(&mut request).unwrap();
            assert!(String::from_utf8_lossy(&request[..n]).contains("Bearer hunter2"));
            write!(stream, "HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").unwrap();
        }
    });
    let arguments = [
        "serve",
        "--log-format",
        "json",
        "--allow",
        &registry,
        "--allow-private",
    ];
    let server = Server::start_by(program().args(arguments).env("RUST_LOG", "trace"));
    assert_eq!(
        server.get(
            &format!("/relay/v1/{registry}/v2/hunter2/tags/list?token=hunter2"),
            "Authorization: Bearer hunter2\r\nCookie: a=hunter2\r\nX-Forwarded-For: hunter2\r\n"
        ),
        "HTTP/1.1 401 Unauthorized"
    );
    answers.join().unwrap();
    let (_, _, log) = server.end("TERM");
    assert!(!log.contains("hunter2"), "{log}");
    let told = log.lines().find(|line| line.contains("\"answered\"")).unwrap();
    let told: serde_json::Value = serde_json::from_str(told).unwrap();
    assert_eq!((&told["host"], &told["status"]), (&registry.into(), &401.into()));
}

#[test]
fn errors_are_one_line_and_exit_with_2() {
    let server = Server::start(&["serve"]);
    let taken = server.authority.clone();
    let port: u16 = taken.rsplit(':').next().unwrap().parse().unwrap();
    for (arguments, said) in [
        (
            vec!["demo", "--listen", &taken],
            format!(
                "tagdrift: {taken} is in use: stop what listens there, or add --listen 127.0.0.1:{}\n",
                port + 1
            ),
        ),
        (
            vec!["audit"],
            "tagdrift: unrecognized subcommand 'audit'; `tagdrift --help` shows how it is written\n".to_owned(),
        ),
        (
            vec!["serve", "--allow", "https://registry.lan/"],
            "tagdrift: invalid value 'https://registry.lan/' for '--allow <HOST>': \"https://registry.lan/\" is no host: write host, host:port or *.domain, without https:// and without a path; `tagdrift --help` shows how it is written\n".to_owned(),
        ),
        (
            vec!["compare", "nothing.tgz", "ghcr.io/acme/kelp:1"],
            "tagdrift: invalid value 'nothing.tgz' for '<LEFT>': \"nothing.tgz\" does not exist: check the path, or write a reference; `tagdrift --help` shows how it is written\n".to_owned(),
        ),
    ] {
        assert_eq!(run(&arguments), (Some(2), String::new(), said));
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let (code, out, err) = run(&["--version"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (Some(0), concat!("tagdrift ", env!("CARGO_PKG_VERSION"), "\n"), "")
    );
    let (code, out, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    for command in ["demo", "serve", "tags", "history", "compare"] {
        assert!(out.contains(&format!("\n  {command} ")), "{out}");
    }
}
