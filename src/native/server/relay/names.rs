//! Names to addresses, checked before anything connects.
//!
//! The check is the resolver: the HTTP client gets no address that was not checked, so there is no second
//! lookup between check and connection that could answer differently (DNS rebinding). One bad address
//! among several refuses the name: a name that points inside *and* outside is an attack or a mistake.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::registry::address::{Reach, reach};

/// Where names are looked up.
#[derive(Debug, Clone, Default)]
pub enum Names {
    /// As the operating system does.
    #[default]
    System,
    /// In this table only.
    Table(Arc<BTreeMap<String, Vec<IpAddr>>>),
}

/// Looks names up and refuses addresses beyond its reach.
#[derive(Debug, Clone)]
pub struct CheckedNames {
    names: Names,
    /// Whether private addresses are fine.
    private: bool,
}

/// The address is beyond what may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfReach;

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is out of reach")
    }
}

impl std::error::Error for OutOfReach {}

impl CheckedNames {
    /// Public addresses only, or private ones too.
    pub fn new(names: Names, private: bool) -> Self {
        Self { names, private }
    }

    /// Checks one address.
    ///
    /// # Errors
    /// When it is beyond reach.
    pub fn check(&self, address: IpAddr) -> Result<(), OutOfReach> {
        match (reach(address), self.private) {
            (Reach::Public, _) | (Reach::Private, true) => Ok(()),
            (Reach::Private, false) | (Reach::Nowhere, _) => Err(OutOfReach),
        }
    }
}

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let checked = self.clone();
        Box::pin(async move {
            // Port 0: the client fills in the URL's.
            let found: Vec<SocketAddr> = match &checked.names {
                Names::System => tokio::net::lookup_host((name.as_str(), 0)).await?.collect(),
                Names::Table(table) => {
                    let addresses = table
                        .get(name.as_str())
                        .ok_or_else(|| std::io::Error::other("the name is not known"))?;
                    addresses.iter().map(|ip| SocketAddr::new(*ip, 0)).collect()
                }
            };
            for address in &found {
                checked.check(address.ip())?;
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolve(private: bool, addresses: &[&str]) -> Result<usize, String> {
        let addresses = addresses.iter().map(|a| a.parse().unwrap()).collect();
        let table = BTreeMap::from([("registry.test".to_owned(), addresses)]);
        let names = CheckedNames::new(Names::Table(Arc::new(table)), private);
        names
            .resolve("registry.test".parse().unwrap())
            .await
            .map(Iterator::count)
            .map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn one_private_address_refuses_the_name() {
        let refused = Err("the address is out of reach".to_owned());
        assert_eq!(resolve(false, &["140.82.121.34"]).await, Ok(1));
        assert_eq!(resolve(false, &["140.82.121.34", "10.0.0.1"]).await, refused);
        assert_eq!(resolve(false, &["::ffff:127.0.0.1"]).await, refused);
        assert_eq!(resolve(true, &["140.82.121.34", "10.0.0.1"]).await, Ok(2));
        assert_eq!(resolve(true, &["0.0.0.0"]).await, refused);
    }
}
