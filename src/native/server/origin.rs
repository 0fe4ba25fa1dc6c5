//! The address people open, where it is not the one listened on.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// An `http` or `https` URL without query; ends with a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
    path: String,
}

impl PublicUrl {
    /// `https://tagdrift.example` as browsers write it into `Origin` (RFC 6454, 6.2).
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host with its port, if it has one, as browsers write it into `Host`.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?} is no address of a page: write https://host/ or https://host/folder/");
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong());
        };
        let default_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return Err(wrong()),
        };
        if uri.query().is_some() || authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(wrong());
        }
        let host = match authority.port_u16().filter(|port| *port != default_port) {
            Some(port) => format!("{}:{port}", authority.host().to_ascii_lowercase()),
            None => authority.host().to_ascii_lowercase(),
        };
        let path = uri.path().trim_end_matches('/');
        Ok(Self {
            origin: format!("{scheme}://{host}"),
            path: format!("{path}/"),
            host,
        })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_as_browsers_send_them() {
        for (text, origin, whole) in [
            (
                "https://Tide.example",
                "https://tide.example",
                "https://tide.example/",
            ),
            (
                "https://tide.example:443/a",
                "https://tide.example",
                "https://tide.example/a/",
            ),
            (
                "http://tide.example:8080/",
                "http://tide.example:8080",
                "http://tide.example:8080/",
            ),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!((url.origin(), url.to_string().as_str()), (origin, whole));
        }
        for text in [
            "tide.example",
            "ftp://tide.example/",
            "https://a@b/",
            "https://b/?q",
        ] {
            assert_eq!(
                text.parse::<PublicUrl>().unwrap_err(),
                format!("{text:?} is no address of a page: write https://host/ or https://host/folder/")
            );
        }
    }
}
