//! What the transport tells besides answers: pauses go to the questions under way, the rest is kept for whoever
//! asks.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::page::protocol::{Progress, Quota, Step};
use crate::page::transport::Told;
use crate::page::worker::Line;
use crate::registry::Notice;

/// What the transport told.
#[derive(Default)]
pub(super) struct Heard {
    /// The questions under way, which hear of pauses.
    pub lines: RefCell<Vec<Line>>,
    /// Quotas by registry.
    pub quotas: RefCell<BTreeMap<String, Quota>>,
    /// By registry: the other host that wants to see its credentials.
    pub realms: RefCell<BTreeMap<String, String>>,
}

impl Heard {
    pub fn take(&self, told: Told) {
        match told {
            Told::Waiting(pause) => {
                for line in self.lines.borrow().iter() {
                    line.tell(Progress {
                        step: Step::Waiting,
                        what: format!("{}: {}", pause.host, pause.why),
                        bytes: 0,
                        of: Some(pause.milliseconds),
                    });
                }
            }
            Told::Notice(Notice::Quota(told)) => {
                if let Some(remaining) = told.remaining {
                    let quota = Quota {
                        remaining,
                        limit: told.limit,
                        window_s: told.window_s,
                    };
                    self.quotas.borrow_mut().insert(told.registry, quota);
                }
            }
            Told::ForeignRealm(realm) => {
                self.realms.borrow_mut().insert(realm.registry, realm.realm_host);
            }
            Told::Reached { .. } | Told::Notice(Notice::Resumed { .. }) => {}
        }
    }
}
