//! Servers that cannot prove to be PagerDuty: refused with the reason, and the key is never sent (faults.md 7).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::scribe::Scribe;
use crate::rig::{Rig, Setup, connect_to};

const KEY: &str = "u+abcdefghijklmnop12";

/// The key of all certificates here; it opens nothing else. All were made with `openssl` and signed by themselves.
const IMPOSTOR: &[u8] = include_bytes!("impostor/key.der");

#[tokio::test]
async fn a_server_that_proves_nothing_gets_no_key() {
    for (name, certificate) in [
        ("self-signed", include_bytes!("impostor/self-signed.der").as_slice()),
        ("for another host", include_bytes!("impostor/other-host.der")),
        ("expired", include_bytes!("impostor/expired.der")),
    ] {
        let server = Impostor::start(certificate).await;
        let rig = Rig::unconnected(Setup::default()).await;
        let error = connect_to(&rig, &server.url, KEY).await.expect_err(name);
        assert!(error.message.contains("could not prove who it is"), "{name}: {error}");
        assert!(error.message.contains("certificate"), "{name}: the reason: {error}");
        assert!(error.message.contains("Do not enter keys on this network"), "{name}: the next step: {error}");
        assert_eq!(server.heard.load(Ordering::SeqCst), 0, "{name}: not one byte of a request");
    }
}

#[tokio::test]
async fn a_server_without_encryption_gets_no_key_over_https() {
    let scribe = Scribe::pagerduty(|_| None).await;
    let rig = Rig::unconnected(Setup::default()).await;
    let address = scribe.url.replace("http://", "https://");
    assert!(connect_to(&rig, &address, KEY).await.is_err(), "it speaks no TLS");
    assert_eq!(scribe.asked().len(), 0, "and Herald does not fall back");
}

/// A server with a certificate that nobody vouches for.
struct Impostor {
    url: String,
    /// How many bytes arrived after a handshake.
    heard: Arc<AtomicUsize>,
}

impl Impostor {
    async fn start(certificate: &'static [u8]) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
        let key = PrivateKeyDer::Pkcs8(IMPOSTOR.into());
        let config = config.with_single_cert(vec![CertificateDer::from(certificate)], key).expect("they fit");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
        let (acceptor, heard) = (TlsAcceptor::from(Arc::new(config)), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let count = stream.read(&mut [0; 1024]).await.unwrap_or(0);
                    counter.fetch_add(count, Ordering::SeqCst);
                }
            }
        });
        Self { url, heard }
    }
}
