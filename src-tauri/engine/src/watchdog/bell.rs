//! A bell that is set to ring, set anew by whoever has something to say, and waited for by one. On Linux the kernel keeps it
//! (timerfd_create(2)), so that setting it wakes nobody; elsewhere an earlier time wakes the one who waits.

use std::time::Duration;

#[cfg(target_os = "linux")]
pub(super) use self::kernels::Bell;
#[cfg(not(target_os = "linux"))]
pub(super) use self::own::Bell;

/// The longest that it is set for.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

#[cfg(target_os = "linux")]
mod kernels {
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
    use rustix::time::{timerfd_create, timerfd_settime};

    /// The bell, or another way to wait where the kernel has none left.
    #[derive(Debug)]
    pub(in crate::watchdog) struct Bell(Result<OwnedFd, super::own::Bell>);

    impl Default for Bell {
        fn default() -> Self {
            let made = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK);
            Self(made.map_err(|_| super::own::Bell::default()))
        }
    }

    impl Bell {
        #[cfg(test)]
        pub fn without_the_kernel() -> Self {
            Self(Err(super::own::Bell::default()))
        }

        /// Sets it, in place of what it was set to.
        pub fn ring_in(&self, span: Duration) {
            match &self.0 {
                Ok(kernel) => {
                    // Nothing would unset it.
                    let span = span.clamp(Duration::from_nanos(1), super::LONGEST);
                    let it_value = Timespec::try_from(span).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 });
                    let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value };
                    let _ = timerfd_settime(kernel, TimerfdTimerFlags::empty(), &once);
                }
                Err(own) => own.ring_in(span),
            }
        }

        /// Comes back when it rings.
        pub fn wait(&self) {
            match &self.0 {
                Ok(kernel) => {
                    let mut times = [0; 8];
                    while rustix::io::read(kernel, &mut times).is_err() {
                        let _ = poll(&mut [PollFd::new(kernel, PollFlags::IN)], None);
                    }
                }
                Err(own) => own.wait(),
            }
        }
    }
}

mod own {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use std::thread::Thread;
    use std::time::{Duration, Instant};

    /// It is not set.
    const NEVER: u64 = u64::MAX;

    /// The bell. Times are milliseconds since it was made.
    #[derive(Debug)]
    pub(in crate::watchdog) struct Bell {
        made: Instant,
        rings_ms: AtomicU64,
        /// Until when the one who waits sleeps.
        sleeps_ms: AtomicU64,
        waits: OnceLock<Thread>,
    }

    impl Default for Bell {
        fn default() -> Self {
            let (rings_ms, sleeps_ms) = (AtomicU64::new(NEVER), AtomicU64::new(0));
            Self { made: Instant::now(), rings_ms, sleeps_ms, waits: OnceLock::new() }
        }
    }

    impl Bell {
        #[cfg(all(test, not(target_os = "linux")))]
        pub fn without_the_kernel() -> Self {
            Self::default()
        }

        /// Sets it, in place of what it was set to.
        pub fn ring_in(&self, span: Duration) {
            let span_ms = u64::try_from(span.min(super::LONGEST).as_millis()).unwrap_or(0);
            let at_ms = self.now_ms() + span_ms + 1;
            self.rings_ms.store(at_ms, SeqCst);
            if at_ms < self.sleeps_ms.load(SeqCst) {
                self.waits.get().into_iter().for_each(Thread::unpark);
            }
        }

        /// Comes back when it rings.
        pub fn wait(&self) {
            let _ = self.waits.set(std::thread::current());
            loop {
                let (at_ms, now_ms) = (self.rings_ms.load(SeqCst), self.now_ms());
                if at_ms <= now_ms {
                    // Set anew in between, it rings again.
                    let _ = self.rings_ms.compare_exchange(at_ms, NEVER, SeqCst, SeqCst);
                    return;
                }
                self.sleeps_ms.store(at_ms, SeqCst);
                if self.rings_ms.load(SeqCst) == at_ms {
                    std::thread::park_timeout(Duration::from_millis(at_ms - now_ms).min(super::LONGEST));
                }
            }
        }

        fn now_ms(&self) -> u64 {
            u64::try_from(self.made.elapsed().as_millis()).unwrap_or(NEVER / 2)
        }
    }
}
