//! How much one client, and all together, may ask for.
//!
//! Each client has a bucket of requests that refills at a steady rate, and a number of answers that may be
//! under way. A client is an IPv4 address or an IPv6 /64, which is what one household or host is given.
//! Clients whose bucket is full again are forgotten, so memory follows the clients of the last minutes.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::refusal::Refusal;

/// The quotas.
#[derive(Debug, Clone)]
pub struct Quotas {
    /// Requests a client may make at once after a pause.
    pub burst: u32,
    /// Requests per second that a client gets back.
    pub per_second: f64,
    /// Answers under way per client.
    pub per_client: u32,
    /// Answers under way altogether.
    pub overall: u32,
}

impl Default for Quotas {
    /// A page that looks at a tag with hundreds of signature tags asks a few hundred times at the start.
    fn default() -> Self {
        Self {
            burst: 600,
            per_second: 30.0,
            per_client: 32,
            overall: 1024,
        }
    }
}

/// Clients that are remembered before those at rest are forgotten.
const REMEMBERED: usize = 10_000;

/// Looking for clients at rest takes time in their number, so not every request may cause it.
const FORGET_EVERY: Duration = Duration::from_secs(1);

/// Who asked how much.
#[derive(Debug)]
pub struct Counter {
    quotas: Quotas,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    clients: HashMap<IpAddr, Client>,
    under_way: u32,
    forgot_at: Option<Instant>,
}

#[derive(Debug)]
struct Client {
    left: f64,
    at: Instant,
    under_way: u32,
}

/// One answer under way; dropping it makes room.
#[derive(Debug)]
pub struct Place {
    state: Arc<Mutex<State>>,
    client: IpAddr,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Nothing in here can leave the numbers half changed.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Counter {
    /// Nobody asked yet.
    pub fn new(quotas: Quotas) -> Self {
        Self {
            quotas,
            state: Arc::default(),
        }
    }

    /// Takes one request from the client's bucket and a place for its answer.
    ///
    /// # Errors
    /// `RELAY_RATE`, `RELAY_CLIENT_BUSY` or `RELAY_BUSY`. A request that found no place still counts.
    pub fn admit(&self, address: IpAddr, now: Instant) -> Result<Place, Refusal> {
        let key = household(address);
        let mut state = lock(&self.state);
        state.forget(&self.quotas, now);
        let all = state.under_way;
        let client = state.clients.entry(key).or_insert_with(|| Client {
            left: f64::from(self.quotas.burst),
            at: now,
            under_way: 0,
        });
        client.left = client.refilled(&self.quotas, now);
        client.at = now;
        if client.left < 1.0 {
            let wait = (1.0 - client.left) / self.quotas.per_second;
            return Err(Refusal::rate(Duration::from_secs_f64(wait).as_secs() + 1));
        }
        client.left -= 1.0;
        if client.under_way >= self.quotas.per_client {
            return Err(Refusal::client_busy(self.quotas.per_client));
        }
        if all >= self.quotas.overall {
            return Err(Refusal::busy());
        }
        client.under_way += 1;
        state.under_way += 1;
        Ok(Place {
            state: Arc::clone(&self.state),
            client: key,
        })
    }
}

impl State {
    fn forget(&mut self, quotas: &Quotas, now: Instant) {
        let lately = |at: Instant| now.saturating_duration_since(at) < FORGET_EVERY;
        if self.clients.len() < REMEMBERED || self.forgot_at.is_some_and(lately) {
            return;
        }
        let full = f64::from(quotas.burst);
        self.clients
            .retain(|_, client| client.under_way > 0 || client.refilled(quotas, now) < full);
        self.forgot_at = Some(now);
    }
}

impl Client {
    fn refilled(&self, quotas: &Quotas, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        (self.left + passed * quotas.per_second).min(f64::from(quotas.burst))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.under_way = state.under_way.saturating_sub(1);
        if let Some(client) = state.clients.get_mut(&self.client) {
            client.under_way = client.under_way.saturating_sub(1);
        }
    }
}

/// An IPv4 address, mapped ones included, or the /64 of an IPv6 address.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(burst: u32, per_client: u32, overall: u32) -> Counter {
        Counter::new(Quotas {
            burst,
            per_second: 0.5,
            per_client,
            overall,
        })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_bucket_empties_and_refills() {
        let counter = counter(2, 9, 9);
        let start = Instant::now();
        let ask = |seconds: u64| {
            counter
                .admit(ip("192.0.2.1"), start + Duration::from_secs(seconds))
                .map(drop)
                .map_err(|refusal| (refusal.code, refusal.retry_after))
        };
        assert_eq!(ask(0), Ok(()));
        assert_eq!(ask(0), Ok(()));
        assert_eq!(ask(0), Err(("RELAY_RATE", Some(3))));
        assert_eq!(ask(1), Err(("RELAY_RATE", Some(2))));
        assert_eq!(ask(2), Ok(()));
        assert_eq!(ask(2), Err(("RELAY_RATE", Some(3))));
        assert!(counter.admit(ip("192.0.2.2"), start).is_ok());
    }

    #[test]
    fn places_come_back() {
        let counter = counter(99, 2, 3);
        let now = Instant::now();
        let code = |address: &str| counter.admit(ip(address), now).map_err(|refusal| refusal.code);
        let first = code("2001:db8::1").unwrap();
        let _second = code("2001:db8::2").unwrap();
        assert_eq!(code("2001:db8::3").unwrap_err(), "RELAY_CLIENT_BUSY");
        let _third = code("2001:db8:0:1::1").unwrap();
        assert_eq!(code("::ffff:192.0.2.1").unwrap_err(), "RELAY_BUSY");
        drop(first);
        assert!(code("192.0.2.1").is_ok());
    }

    #[test]
    fn clients_at_rest_are_forgotten() {
        let counter = counter(1, 1, u32::MAX);
        let start = Instant::now();
        let mut address = 0_u32;
        while counter.state.lock().unwrap().clients.len() < REMEMBERED {
            address += 1;
            counter.admit(IpAddr::V4(address.into()), start).unwrap();
        }
        let later = start + Duration::from_secs(5);
        counter.admit(ip("192.0.2.1"), later).unwrap();
        assert_eq!(counter.state.lock().unwrap().clients.len(), 1);
    }
}
