//! Secrets: values that no message, log line or debug print ever shows.
//!
//! Invariant: the text leaves a [`Secret`] only through [`Secret::reveal`], which is called where a
//! request is put on the wire and nowhere else.
//!
//! ```
//! use tagdrift::registry::Secret;
//! assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A text that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text, for the wire.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// True when there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a user signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A user name with a password or access token.
    Password {
        /// The user name; not secret, but not shown either.
        user: String,
        /// The password or access token.
        password: Secret,
    },
    /// An identity token: traded for access tokens at the realm (OAuth 2 refresh token).
    Identity(Secret),
    /// A ready access token (`registrytoken` of Docker's configuration).
    Access(Secret),
}

impl Credentials {
    /// The value of an `Authorization` header that shows these credentials themselves (RFC 7617).
    /// Identity tokens are shown to a token realm only, never this way.
    pub(crate) fn authorization(&self) -> Option<Secret> {
        match self {
            Self::Password { user, password } => {
                let pair = format!("{user}:{}", password.reveal());
                Some(Secret::new(format!("Basic {}", STANDARD.encode(pair))))
            }
            Self::Access(token) => Some(Secret::new(format!("Bearer {}", token.reveal()))),
            Self::Identity(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown() {
        let credentials = Credentials::Password {
            user: "ada".into(),
            password: Secret::new("tide"),
        };
        assert_eq!(
            format!("{credentials:?}"),
            "Password { user: \"ada\", password: Secret(…) }"
        );
        assert_eq!(
            credentials.authorization().unwrap().reveal(),
            "Basic YWRhOnRpZGU="
        );
        assert_eq!(Credentials::Identity(Secret::new("x")).authorization(), None);
    }
}
