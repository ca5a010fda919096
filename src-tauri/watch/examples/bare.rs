//! The least that anybody could need for what Herald's watch does: what `make bench` holds its figures against.
//!
//!     bare tray                                    a tray item and nothing else
//!     bare notify COUNT                            that many notifications, each with the time of its call
//!     bare lists HOST:PORT PATH TOKEN COUNT        that many lists of pages, read and parsed

#![expect(clippy::print_stdout, reason = "what was read is the output")]

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    linux::main()
}

/// Elsewhere there is nothing to hold it against.
#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;

    use anyhow::{Context as _, Result, bail};
    use herald_engine::clock::wall_now;
    use ksni::TrayMethods as _;
    use zbus::zvariant::Value;

    pub fn main() -> Result<()> {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        match args[..] {
            ["tray"] => tokio.block_on(tray()),
            ["notify", count] => tokio.block_on(notify(count.parse()?)),
            ["lists", host, path, token, count] => lists(host, path, token, count.parse()?),
            _ => bail!("bare tray | notify COUNT | lists HOST:PORT PATH TOKEN COUNT"),
        }
    }

    struct Item;

    impl ksni::Tray for Item {
        fn id(&self) -> String {
            "bare".into()
        }

        fn icon_name(&self) -> String {
            "dialog-information".into()
        }
    }

    async fn tray() -> Result<()> {
        let _item = Item.spawn().await?;
        std::future::pending().await
    }

    async fn notify(count: u32) -> Result<()> {
        let bus = zbus::Connection::session().await?;
        let (name, path) = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications");
        for number in 0..count {
            let hints: HashMap<&str, Value<'_>> = HashMap::new();
            let (title, actions) = (format!("Bare {number}"), Vec::<&str>::new());
            let called = wall_now().timestamp_nanos_opt().context("a time of our days")?;
            let called = format!("called {called} ");
            let body = ("bare", 0_u32, "", title, called, actions, hints, -1_i32);
            let reply = bus.call_method(Some(name), path, Some(name), "Notify", &body).await?;
            let _id: u32 = reply.body().deserialize()?;
        }
        Ok(())
    }

    /// Reads lists over one connection, and counts what is in them.
    fn lists(host: &str, path: &str, token: &str, count: u32) -> Result<()> {
        let mut stream = TcpStream::connect(host)?;
        let mut answers = BufReader::new(stream.try_clone()?);
        let mut pages = 0;
        for number in 0..count {
            let path = path.replace("offset=0", &format!("offset={}", number * 100));
            let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Token token={token}\r\n\r\n");
            stream.write_all(head.as_bytes())?;
            let (mut length, mut line) = (None, String::new());
            while answers.read_line(&mut line)? > 0 && line != "\r\n" {
                let named = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
                length = named.map(|(_, value)| value.trim().parse()).transpose()?.or(length);
                line.clear();
            }
            let mut body = vec![0; length.context("an answer without a length")?];
            answers.read_exact(&mut body)?;
            let list: serde_json::Value = serde_json::from_slice(&body)?;
            pages += list["incidents"].as_array().context("no list")?.len();
        }
        println!("{pages}");
        Ok(())
    }
}
