//! What surrounds Herald on a computer that is set up otherwise: proxies, certificates, folders, keys out of files.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use herald_practice::{Options, Scenario, World};
use herald_tests::keyring::Keyring;
use herald_tests::{App, Desktop};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// An address that is nobody's here: whatever leaves for it goes through the proxy, or nowhere.
const OUTSIDE: [&str; 4] = ["connect", "pagerduty", "--url", "https://api.pagerduty.com"];

#[tokio::test]
async fn a_key_is_read_as_it_lies_in_files() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let _keyring = Keyring::start(&desktop).await?;
    let app = App::prepare(&desktop, &[]).await?;
    let world = World::start(Options::of(Scenario::quiet())).await?;
    let (url, key) = (world.url(), world.tokens().user);
    for around in [format!("\u{feff}{key}\r\n"), format!("\"{key}\"\n"), format!("\u{feff}'{key}'\r\n")] {
        let connected = app.cli_with(&desktop, &["connect", "pagerduty", "--url", &url], &around).await?;
        assert_eq!(connected.code, Some(0), "{around:?}: {connected:?}");
    }
    let long = app.cli_with(&desktop, &["connect", "pagerduty", "--url", &url], &"k".repeat(5000)).await?;
    assert!(
        long.code == Some(1) && long.stderr.contains("longer than 4096 bytes"),
        "nothing is cut in silence: {long:?}"
    );
    Ok(())
}

#[tokio::test]
async fn addresses_that_are_wrong_are_named() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let app = App::prepare(&desktop, &[]).await?;
    let refused = app.cli_with(&desktop, &["connect", "pagerduty", "--url", "api.pagerduty.com"], "key").await?;
    assert!(refused.stderr.contains("PagerDuty's address cannot be used: it must begin with https://"), "{refused:?}");
    let three = ["https://a.example", "b.example", "https://c.example"];
    let args =
        ["connect", "statuspage", "--page", "x", "--url", three[0], "--feed-url", three[1], "--public-url", three[2]];
    let refused = app.cli_with(&desktop, &args, "key").await?;
    assert!(refused.stderr.contains("The feed's address cannot be used: it must begin with https://"), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn without_trusted_certificates_loopback_works_and_the_rest_says_what_is_missing() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let _keyring = Keyring::start(&desktop).await?;
    let app = App::prepare(&desktop, &[]).await?;
    let world = World::start(Options::of(Scenario::quiet())).await?;
    desktop.set_env("SSL_CERT_FILE", "/no/such/roots.pem");
    let connected =
        app.cli_with(&desktop, &["connect", "pagerduty", "--url", &world.url()], &world.tokens().user).await?;
    assert_eq!(connected.code, Some(0), "{connected:?}");
    let refused = app.cli_with(&desktop, &OUTSIDE, "key").await?;
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("/no/such/roots.pem, which SSL_CERT_FILE names"), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn proxies_are_gone_through_and_their_refusals_are_theirs() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    desktop.unset_env("NO_PROXY");
    let app = App::prepare(&desktop, &[]).await?;
    let asked: Asked = Arc::default();
    for (name, kind, proxy, told) in [
        ("ALL_PROXY", "socks5h", serve(socks5, &asked).await?, "does not connect Herald to the service"),
        ("HTTPS_PROXY", "http", serve(wants_a_name, &asked).await?, "wants a user name and password"),
        ("HTTPS_PROXY", "http", nobody().await?, "cannot be reached"),
        ("ALL_PROXY", "socks5h", nobody().await?, "cannot be reached"),
        ("ALL_PROXY", "gopher", nobody().await?, "a proxy of the kind gopher://"),
    ] {
        desktop.set_env(name, &format!("{kind}://{proxy}"));
        let refused = app.cli_with(&desktop, &OUTSIDE, "key").await?;
        desktop.unset_env(name);
        assert_eq!(refused.code, Some(4), "{refused:?}");
        assert!(refused.stderr.contains(told) && refused.stderr.contains(name), "{kind}: {told}: {refused:?}");
    }
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(asked, ["api.pagerduty.com:443", "api.pagerduty.com:443"], "by name, which the proxy looks up");
    Ok(())
}

#[tokio::test]
async fn folders_that_are_not_absolute_are_passed_by() -> Result<()> {
    let desktop = Desktop::bare()?;
    let app = App::prepare(&desktop, &[]).await?;
    desktop.set_env("XDG_DATA_HOME", "relative");
    let status = desktop.output(app.binary(), &["status"]).await?;
    assert_eq!(status.status.code(), Some(0), "{status:?}");
    assert!(!desktop.dir().join("relative").exists(), "it would be another folder wherever Herald is started");
    assert!(desktop.dir().join("home/.local/share/herald").exists());
    Ok(())
}

#[tokio::test]
async fn values_out_of_range_are_refused_and_the_terminal_stays_clean() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let app = App::prepare(&desktop, &[]).await?;
    for seconds in ["0", "1", "61", "4000000000"] {
        let set = app.cli(&desktop, &["set", "poll-interval", seconds]).await?;
        assert!(set.code == Some(4) && set.stderr.contains("2 to 60 seconds"), "{seconds}: {set:?}");
    }
    assert_eq!(app.status(&desktop).await?["view"]["settings"]["poll_interval_s"], 10, "nothing was changed");
    let doctor = app.cli(&desktop, &["doctor"]).await?;
    assert_eq!(doctor.stderr, "", "what libraries say to themselves is nobody's");
    let handover = app.cli(&desktop, &["handover"]).await?;
    assert!(handover.stdout.contains("No shift is known.") && !handover.stdout.contains(",  to "), "{handover:?}");
    Ok(())
}

/// The places that proxies were asked for.
type Asked = Arc<Mutex<Vec<String>>>;

/// Serves as a proxy on loopback, for as long as the test runs.
async fn serve(
    speak: impl AsyncFn(&mut TcpStream, &Asked) -> Result<()> + Send + Copy + 'static,
    asked: &Asked,
) -> Result<String>
where
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (address, asked) = (listener.local_addr()?.to_string(), Arc::clone(asked));
    let local = move || async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Whoever hangs up early only ends its own conversation.
            let _ = speak(&mut stream, &asked).await;
        }
    };
    std::thread::spawn(move || {
        if let Ok(own) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            own.block_on(local());
        }
    });
    Ok(address)
}

/// A SOCKS 5 proxy that reaches nobody: RFC 1928, 3 (no authentication), 4 (CONNECT to a name), 6 ("Connection refused").
async fn socks5(stream: &mut TcpStream, asked: &Asked) -> Result<()> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await?;
    let mut methods = vec![0; head[1].into()];
    stream.read_exact(&mut methods).await?;
    stream.write_all(&[5, 0]).await?;
    let mut request = [0; 5];
    stream.read_exact(&mut request).await?;
    let mut name = vec![0; request[4].into()];
    stream.read_exact(&mut name).await?;
    let port = stream.read_u16().await?;
    let place = format!("{}:{port}", String::from_utf8_lossy(&name));
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(place);
    Ok(stream.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await?)
}

/// A proxy that wants to know who one is: RFC 9110, 9.3.6 (CONNECT), 15.5.8 (407), 11.7.1 (Proxy-Authenticate).
async fn wants_a_name(stream: &mut TcpStream, asked: &Asked) -> Result<()> {
    let mut request = vec![0; 4096];
    let read = stream.read(&mut request).await?;
    let line = String::from_utf8_lossy(&request[..read]).into_owned();
    let place = line.split_whitespace().nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(place);
    let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"office\"\r\nContent-Length: 0\r\n\r\n";
    Ok(stream.write_all(answer.as_bytes()).await?)
}

/// A place where nobody listens any more.
async fn nobody() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.to_string())
}
