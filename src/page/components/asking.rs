//! A question to the worker as a hook: what is known of its answer while the component lives.

use std::rc::Rc;

use yew::prelude::*;

use crate::fault::{Fault, FaultKind};
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::protocol::{Progress, Reply, Request};

/// What is known of an answer.
#[derive(Clone, PartialEq)]
pub enum Answer {
    /// Nothing was asked.
    Idle,
    /// Not there yet.
    Waiting(Progress),
    /// There.
    Done(Rc<Reply>),
    /// Not to be had.
    Failed(Fault),
}

/// A question with its answer.
#[derive(Clone, PartialEq)]
pub struct Asking {
    /// What is known.
    pub answer: Answer,
    /// Asks again.
    pub again: Callback<()>,
    /// Stops it.
    pub stop: Callback<()>,
}

/// Asks when there is something to ask, and again whenever the question is another one. An answer to an
/// earlier question is never given out.
#[hook]
pub fn use_asking(request: Option<Request>) -> Asking {
    let page = use_context::<Page>();
    // The answer with the question it belongs to: after a change, the old one must not flash up.
    let known = use_state(|| (None::<Request>, Answer::Idle));
    let turn = use_state(|| 0u32);
    let stopped = use_state(|| false);
    {
        let known = known.setter();
        let client = page.map(|p| p.client);
        let ended = *stopped;
        use_effect_with((request.clone(), *turn, ended), move |(request, _, ended)| {
            let mut ticket: Option<Ticket> = None;
            if let (Some(request), Some(client), false) = (request.clone(), client, *ended) {
                known.set((Some(request.clone()), Answer::Waiting(Progress::default())));
                let asked = request.clone();
                let hear = Callback::from(move |reply: Reply| {
                    let answer = match reply {
                        Reply::Progress(progress) => Answer::Waiting(progress),
                        Reply::Failed(fault) => Answer::Failed(fault),
                        reply => Answer::Done(Rc::new(reply)),
                    };
                    known.set((Some(asked.clone()), answer));
                });
                ticket = Some(client.ask(request, hear));
            }
            move || drop(ticket)
        });
    }
    let answer = match (&known.0, &request) {
        (_, None) => Answer::Idle,
        (_, Some(_)) if *stopped => Answer::Failed(Fault::new(FaultKind::Cancelled, "you stopped it")),
        (Some(asked), Some(wanted)) if asked == wanted => known.1.clone(),
        _ => Answer::Waiting(Progress::default()),
    };
    let again = {
        let (turn, stopped) = (turn.clone(), stopped.setter());
        Callback::from(move |()| {
            stopped.set(false);
            turn.set(*turn + 1);
        })
    };
    let stop = {
        let stopped = stopped.setter();
        Callback::from(move |()| stopped.set(true))
    };
    Asking { answer, again, stop }
}
