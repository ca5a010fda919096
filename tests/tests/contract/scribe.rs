//! A server that answers as it is told, and writes down every byte of what it is asked.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One request, as it came over the wire.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET /incidents?limit=100`.
    pub what: String,
    /// The header lines.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The server; it ends with the test's runtime.
pub struct Scribe {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scribe {
    /// Starts a server. `answer` gets method with path and gives status line, further header lines, and body.
    pub async fn start(answer: impl Fn(&str) -> (&'static str, String, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (asked, answer) = (Arc::new(Mutex::new(vec![])), Arc::new(answer));
        let written = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (written, answer) = (Arc::clone(&written), Arc::clone(&answer));
                tokio::spawn(async move { serve(stream, &written, &*answer).await });
            }
        });
        Self { url, asked }
    }

    /// A server that is somebody's PagerDuty without pages; `more` answers what it knows, first.
    pub async fn pagerduty(more: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::start(move |what| {
            let known = match what {
                "GET /users/me" => r#"{"user":{"id":"PME","name":"Elena","email":"elena@quillbrook.example"}}"#,
                _ if what.starts_with("GET /oncalls") => r#"{"oncalls":[],"more":false}"#,
                _ => r#"{"incidents":[],"more":false}"#,
            };
            ("200 OK", String::new(), more(what).unwrap_or_else(|| known.to_owned()))
        })
        .await
    }

    /// Everything that was asked, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    written: &Mutex<Vec<Asked>>,
    answer: &(impl Fn(&str) -> (&'static str, String, String) + Send + Sync),
) {
    let Some(asked) = read(&mut stream).await else { return };
    let (status, headers, body) = answer(&asked.what);
    written.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n");
    let text = format!("{head}Connection: close\r\n{headers}\r\n{body}");
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = vec![];
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lines = head.lines();
        let first = lines.next()?;
        let headers: Vec<(String, String)> =
            lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into())).collect();
        let what = first.rsplit_once(' ').map_or(first, |(what, _)| what).to_owned();
        let asked = Asked { what, headers, body: body.to_owned() };
        let length: usize = asked.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
        if body.len() >= length {
            return Some(asked);
        }
    }
}
