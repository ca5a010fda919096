//! Flights of the simulated Herald: what leaves, what PagerDuty makes of it, and what lands.

use chrono::TimeDelta;
use herald_core::draft::PublishResult;
use herald_core::errand::{ErrandDone, ErrandInput, ErrandResult};
use herald_core::feed::{FeedAnswer, PageTold};
use herald_core::job::still_stands;
use herald_core::oncall::OnCall;
use herald_core::page::trigger_in_doubt;
use herald_core::{Fault, FaultKind, Input, JobResult, SeenPage, Task, Time, Write};

use crate::herald::{Herald, Message};
use crate::net::{Air, Errand, Fate, Flight, Leg, Reply, may_have_arrived};
use crate::witness::Tidings;
use crate::world::{Seq, Write as WorldWrite};

/// As in the engine: time for one exchange.
pub const EXCHANGE_MAX: TimeDelta = TimeDelta::seconds(10);
/// As in the engine: time for a whole list.
const LIST_MAX: TimeDelta = TimeDelta::seconds(60);
/// How long a step of a request takes when nothing is wrong.
const HOP: TimeDelta = TimeDelta::milliseconds(40);

/// How the network is while time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weather {
    /// Every request is answered.
    Fine,
    /// Nothing moves, until the deadlines.
    Hanging,
    /// Every request that leaves meets this fate.
    Failing(Fate),
}

impl Herald {
    /// Sends something off.
    pub fn send(&mut self, flight: Flight, errand: Errand) {
        self.asks(&errand);
        let (asked_at, now) = (self.now(), self.world.now);
        self.flights.push(Air { flight, errand, asked_at, left_at: now, leg_since: now, leg: Leg::Going });
    }

    /// Lets time pass: the loop wakes when it wants to, and requests move with the weather.
    pub fn pass(&mut self, span: TimeDelta, weather: Weather) {
        let end = self.world.now + span;
        loop {
            let flights = self.flights.iter().enumerate();
            let flight = flights.map(|(nth, air)| (moves_at(air, weather), nth)).min();
            let flight_at = flight.map_or(end, |(at, _)| at.max(self.world.now));
            let next = flight_at.min(self.wake.max(self.world.now));
            if next >= end {
                self.world.now = self.world.now.max(end);
                return;
            }
            self.world.now = next;
            match (flight, weather) {
                (Some((_, nth)), Weather::Fine) if next == flight_at => self.half(nth, Fate::Fine),
                (Some((_, nth)), Weather::Hanging) if next == flight_at => self.half(nth, Fate::LostAnswer),
                (Some((_, nth)), Weather::Failing(fate)) if next == flight_at => self.half(nth, fate),
                _ => self.tell(Message::Input(Input::Ticked)),
            }
        }
    }

    /// One step of one request: it reaches PagerDuty, or its answer reaches Herald.
    pub fn half(&mut self, nth: usize, fate: Fate) {
        let mut air = self.flights[nth].clone();
        let fault = fate.fault(self.now());
        match (air.leg.clone(), fault) {
            (Leg::Going, fault) => {
                // A log-in page stands between Herald and PagerDuty, so nothing gets through.
                let reply = if fate.arrives() && fate != Fate::Portal { self.serve(&mut air) } else { None };
                match (reply, fault) {
                    (_, Some(fault)) => self.land(air, Err(fault), fate),
                    (Some(Err(held_back)), None) => self.land(air, Err(held_back), fate),
                    (Some(Ok(reply)), None) => {
                        air.leg = Leg::Coming(Box::new(reply), fate);
                        self.flights[nth] = air;
                    }
                    (None, None) => {
                        self.land(air, Err(Fault::new(FaultKind::NotFound, "HTTP 404")), fate);
                    }
                }
            }
            (Leg::Coming(reply, of), None) => {
                // The engine takes the time from PagerDuty; nothing depends on a count.
                if !matches!(air.errand, Errand::CountTickets(_)) {
                    self.hear_date();
                }
                self.land(air, Ok(*reply), of);
            }
            (Leg::Coming(..), Some(_)) => {
                self.land(air, Err(Fault::new(FaultKind::Broken, "the connection broke")), fate);
            }
        }
    }

    /// PagerDuty does what is asked and composes the answer. Nothing comes of what does not exist; a write that the
    /// gate holds back does not leave at all.
    pub fn serve(&mut self, air: &mut Air) -> Option<Result<Reply, Fault>> {
        if let Errand::Publish { id, looked: false, .. } = &air.errand {
            self.looks_at_page(*id);
        }
        if let Errand::Publish { id, it, looked: true } = air.errand.clone() {
            if !self.passes(Write::Update(id)) {
                return Some(Err(Fault::new(FaultKind::Rejected, "Herald held it back")));
            }
            self.publication_arrives(id, &it);
            return Some(Ok(Reply::Accepted(self.world.public.publish(&it, self.world.now))));
        }
        if let Errand::Write(id, task) = air.errand.clone() {
            if !self.passes(Write::Errand(id)) {
                return Some(Err(Fault::new(FaultKind::Rejected, "Herald held it back")));
            }
            self.errand_arrives(id, &task);
            self.world.public.run(&task, self.world.now);
            return Some(Ok(Reply::Done(true)));
        }
        let Errand::Run { job, task, read: Some(read), .. } = &air.errand else { return air.read(&self.world).map(Ok) };
        let (page, _) = task.page();
        if !self.passes(Write::Job(*job)) {
            return Some(Err(Fault::new(FaultKind::Rejected, "Herald held it back")));
        }
        self.write_arrives(*job, task, *read);
        let write = match task {
            Task::Acknowledge { .. } => WorldWrite::Acknowledge,
            Task::Close { .. } => WorldWrite::Close,
        };
        self.world.write(page, write).map(|(seen, seq)| Ok(Reply::Page(Box::new(seen), seq)))
    }

    /// Every request in the air breaks: the computer slept.
    pub fn all_break(&mut self) {
        while let Some(air) = self.flights.first().cloned() {
            self.land(air, Err(Fault::new(FaultKind::Broken, "the connection broke")), Fate::LostAnswer);
        }
    }

    /// An answer arrives, or it is clear that none will.
    fn land(&mut self, air: Air, result: Result<Reply, Fault>, fate: Fate) {
        let mut tidings = Tidings { left_at: Some(air.left_at), ..Tidings::default() };
        if let Ok(Reply::Page(seen, seq)) = &result {
            tidings.told.push((seen.id.clone(), *seq));
        }
        let one = |result: Result<Reply, Fault>| match result {
            Ok(Reply::Page(mut seen, seq)) => {
                self.read_log(&mut seen, seq);
                Ok(*seen)
            }
            Ok(_) => unreachable!("one page was asked for"),
            // What is refused about one page says nothing about the address.
            Err(fault) if fault.kind == FaultKind::NotFound => Err(Fault { kind: FaultKind::PageNotShown, ..fault }),
            Err(fault) => Err(fault),
        };
        let asked_at = air.asked_at;
        let input = match air.errand.clone() {
            Errand::Poll(mut listing) => {
                let result = match result {
                    Ok(Reply::List { pages, more }) => {
                        let endless = fate == Fate::Endless;
                        let (pages, more) = if endless { (vec![], true) } else { (pages, more) };
                        let pause = if let Fate::Tight(s) = fate { Some(s) } else { None };
                        let pause = pause.map(|s| self.now() + TimeDelta::seconds(s));
                        match listing.take(pages, more, fate == Fate::OneGarbled, pause) {
                            Ok(false) => {
                                self.goes_on(air, Errand::Poll(listing));
                                return;
                            }
                            Ok(true) => {
                                tidings.pass = Some(listing.began);
                                Ok(listing.snapshot.clone())
                            }
                            Err(odd) => listing.cut(odd),
                        }
                    }
                    Ok(_) => unreachable!("a list was asked for"),
                    Err(fault) => listing.cut(fault),
                };
                tidings.told = listing.told;
                let result = result.map(|mut snapshot| {
                    for (seen, (_, seq)) in snapshot.pages.iter_mut().zip(&tidings.told) {
                        self.read_log(seen, *seq);
                    }
                    snapshot
                });
                Input::Polled { result, jitter: self.jitter() }
            }
            Errand::OnCall => Input::OnCallRead(match result {
                Ok(Reply::OnCalls(entries)) => Ok(OnCall::read(entries, 0)),
                Ok(_) => unreachable!("on-call times were asked for"),
                Err(fault) => Err(fault),
            }),
            Errand::Issues(_) => {
                let issues =
                    |reply| if let Reply::Issues(told) = reply { told } else { unreachable!("issues were asked for") };
                let result = self.feed_answer(result.map(issues), asked_at, fate, |told| {
                    !told.issues.is_empty() && told.issues.remove(0).iid > 0
                });
                Input::IssuesRead { result, jitter: self.jitter() }
            }
            Errand::Posts => {
                let posts =
                    |reply| if let Reply::Posts(told) = reply { told } else { unreachable!("posts were asked for") };
                let garble = |told: &mut PageTold| !told.posts.is_empty() && told.posts.pop().is_some();
                let result = self.feed_answer(result.map(posts), asked_at, fate, garble);
                Input::PostsRead { result, jitter: self.jitter() }
            }
            Errand::Publish { id, it, looked } => Input::PublishEnded(
                id,
                match result {
                    Ok(Reply::Looked(look))
                        if it.basis.as_ref().is_none_or(|basis| basis.differs(&look).is_empty()) =>
                    {
                        self.goes_on(air, Errand::Publish { id, it, looked: true });
                        return;
                    }
                    Ok(Reply::Looked(look)) => PublishResult::Overtaken(look),
                    Ok(Reply::Accepted(post)) => PublishResult::Accepted { post },
                    Ok(_) => unreachable!("an update was published"),
                    Err(fault) if looked && may_have_arrived(&fault) => PublishResult::Unknown(fault),
                    Err(fault) => PublishResult::Refused(fault),
                },
            ),
            Errand::FindUpdate(id, _) => {
                let found = |reply| {
                    if let Reply::Found(found) = reply { found } else { unreachable!("an update was looked for") }
                };
                Input::PostReadBack(id, result.map(found))
            }
            Errand::Write(id, _) => {
                let ended = match result {
                    Ok(_) => ErrandResult::Done(ErrandDone::Labelled),
                    Err(fault) if may_have_arrived(&fault) => ErrandResult::Unknown(fault),
                    Err(fault) => ErrandResult::Refused(fault),
                };
                Input::Errand(id, ErrandInput::Ended(ended))
            }
            Errand::FindWrite(id, _) => {
                let done = |reply| matches!(reply, Reply::Done(true)).then_some(ErrandDone::Labelled);
                Input::Errand(id, ErrandInput::ReadBack(result.map(done)))
            }
            Errand::CountTickets(incident) => {
                let count = |reply| {
                    if let Reply::Tickets(count) = reply { count } else { unreachable!("tickets were counted") }
                };
                Input::TicketsCounted(incident, result.map(count))
            }
            Errand::Words(page) => Input::WordsRead(page, result.map(|_| vec![])),
            Errand::Look(page) => Input::Looked { page, asked_at, result: one(result) },
            Errand::ReadBack(job, _) => Input::ReadBack { job, asked_at, result: one(result) },
            Errand::Run { job, task, known, read } => Input::JobEnded(
                job,
                match (one(result), read) {
                    (Ok(seen), None) if still_stands(&task, &known.seen, &seen) => {
                        let read = tidings.told.first().map(|(_, seq)| *seq);
                        self.goes_on(air, Errand::Run { job, task, known, read });
                        return;
                    }
                    (Ok(seen), None) => JobResult::Obsolete(seen),
                    (Ok(seen), Some(_)) => JobResult::Done(seen),
                    (Err(fault), Some(_)) if may_have_arrived(&fault) => JobResult::Unknown(fault),
                    (Err(fault), _) => JobResult::Refused(fault),
                },
            ),
        };
        self.tell(Message::Landed(air.flight, input, tidings));
    }

    /// As `Reader::read_logs`: of a page that calls and was changed, only its log tells whether it was triggered anew.
    fn read_log(&self, seen: &mut SeenPage, seq: Seq) {
        if trigger_in_doubt(self.state.pages.get(&seen.id), seen)
            && let Some(at) = self.world.log(&seen.id, seq)
        {
            (seen.triggered_at, seen.told.by_log) = (at, true);
        }
    }

    /// The answer of a feed, of which one item perhaps cannot be read.
    fn feed_answer<T>(
        &self,
        told: Result<T, Fault>,
        asked_at: Time,
        fate: Fate,
        garble: impl FnOnce(&mut T) -> bool,
    ) -> Result<FeedAnswer<T>, Fault> {
        let mut told = told?;
        let skipped = fate == Fate::OneGarbled && garble(&mut told);
        let pause_until = if let Fate::Tight(s) = fate { Some(self.now() + TimeDelta::seconds(s)) } else { None };
        Ok(FeedAnswer { asked_at, told, skipped: skipped.into(), complete: !skipped, pause_until })
    }

    /// The next exchange of the same errand.
    fn goes_on(&mut self, air: Air, errand: Errand) {
        let next = Air { errand, leg: Leg::Going, leg_since: self.world.now, ..air };
        if let Some(known) = self.flights.iter_mut().find(|known| known.flight == next.flight) {
            *known = next;
        }
    }
}

/// When a request moves by itself.
fn moves_at(air: &Air, weather: Weather) -> herald_core::Time {
    let late = (air.leg_since + EXCHANGE_MAX).min(air.left_at + LIST_MAX);
    match weather {
        Weather::Fine | Weather::Failing(_) => (air.leg_since + HOP).min(late),
        Weather::Hanging => late,
    }
}
