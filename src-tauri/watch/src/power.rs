//! Tells the engine when the computer wakes from suspend, so that it looks before anything else.

use herald_engine::Teller;
use zbus::export::futures_core::Stream;

#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1"
)]
pub(crate) trait LoginManager {
    /// A session is over.
    #[zbus(signal)]
    fn session_removed(&self, id: String, path: zbus::zvariant::OwnedObjectPath) -> zbus::Result<()>;

    /// Before suspend with `true`, after waking with `false`.
    #[zbus(signal)]
    fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;
}

/// Listens until the system bus ends. Without one, the loop's own short sleeps notice the waking.
pub(crate) async fn watch(teller: Teller) {
    if let Err(error) = listen(&teller).await {
        tracing::info!(%error, "waking from suspend is not announced here");
    }
}

async fn listen(teller: &Teller) -> zbus::Result<()> {
    let bus = zbus::Connection::system().await?;
    let manager = LoginManagerProxy::new(&bus).await?;
    let mut signals = Box::pin(manager.receive_prepare_for_sleep().await?);
    while let Some(signal) = std::future::poll_fn(|context| signals.as_mut().poll_next(context)).await {
        if !signal.args()?.start {
            tracing::info!("woke from suspend");
            teller.woke();
        }
    }
    Ok(())
}
