//! Takes connections on loopback and serves them.

use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::line::{Cut, Line};
use crate::shared::Shared;
use crate::{control, gate};

/// Takes a port on loopback: the given one, or any.
pub(crate) fn bind(port: Option<u16>) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until told to stop. All connections end with it, because its runtime does.
pub(crate) fn serve(listener: TcpListener, shared: Arc<Shared>, stop: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else {
        return;
    };
    runtime.block_on(async {
        tokio::select! {
            () = accept(listener, Arc::clone(&shared)) => {}
            () = shared.run() => {}
            _ = stop => {}
        }
    });
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let router = control::router(Arc::clone(&shared)).fallback(gate::pass).with_state(shared);
    loop {
        // What fails here is one connection, or the process is out of files: neither ends the world.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        tokio::spawn(connection(stream, router.clone()));
    }
}

async fn connection(stream: tokio::net::TcpStream, router: Router) {
    let cut = Cut::default();
    let line = TokioIo::new(Line::new(stream, cut.clone()));
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(cut.clone());
        answer(router.clone(), request)
    });
    // How a connection ends concerns only the two sides of it.
    let _ = http1::Builder::new().serve_connection(line, service).await;
}

async fn answer(router: Router, request: Request<Body>) -> Result<Response, Infallible> {
    router.oneshot(request).await
}
