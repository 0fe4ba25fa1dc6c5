//! Descriptors: what points from a manifest to content (OCI image-spec, descriptor.md).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Digest;

/// Points to content by media type, digest and size in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The content's media type, as it stands in the manifest.
    pub media_type: String,
    /// The digest of the raw bytes.
    pub digest: Digest,
    /// Declared size in bytes.
    pub size: u64,
    /// Annotations of the descriptor itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Places outside the registry ("foreign layers").
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// The artifact's type, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The platform, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

impl Descriptor {
    /// Of bytes that are at hand and that no document describes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            media_type: String::new(),
            digest: Digest::sha256(bytes),
            size: bytes.len() as u64,
            annotations: BTreeMap::new(),
            urls: Vec::new(),
            artifact_type: None,
            platform: None,
        }
    }
}

/// An operating system and processor, `os/arch[/variant]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Platform {
    /// `linux`, `windows`, …
    #[serde(default)]
    pub os: String,
    /// `amd64`, `arm64`, …
    #[serde(default)]
    pub architecture: String,
    /// `v7`, `v8`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The exact Windows build.
    #[serde(default, rename = "os.version", skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// What the system must have besides (`win32k`).
    #[serde(default, rename = "os.features", skip_serializing_if = "Vec::is_empty")]
    pub os_features: Vec<String>,
}

impl Platform {
    /// BuildKit marks attestation manifests with `unknown/unknown`.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }

    /// The same platform in the words that runtimes compare (containerd's `platforms.Normalize`): `aarch64`
    /// is `arm64`, whose only variant `v8` goes without saying.
    #[must_use]
    pub fn normalised(&self) -> Self {
        let os = match self.os.to_ascii_lowercase().as_str() {
            "macos" => "darwin".to_owned(),
            os => os.to_owned(),
        };
        let architecture = self.architecture.to_ascii_lowercase();
        let variant = self.variant.as_deref().unwrap_or_default().to_ascii_lowercase();
        let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
            ("i386", _) => ("386", ""),
            ("x86_64" | "x86-64" | "amd64", "v1" | "") => ("amd64", ""),
            ("x86_64" | "x86-64", variant) => ("amd64", variant),
            ("aarch64" | "arm64", "8" | "v8" | "") => ("arm64", ""),
            ("aarch64", variant) => ("arm64", variant),
            ("armhf", _) => ("arm", "v7"),
            ("armel", _) => ("arm", "v6"),
            ("arm", "" | "7") => ("arm", "v7"),
            ("arm", "5") => ("arm", "v5"),
            ("arm", "6") => ("arm", "v6"),
            ("arm", "8") => ("arm", "v8"),
            other => other,
        };
        let mut os_features = self.os_features.clone();
        os_features.sort();
        os_features.dedup();
        Self {
            os,
            architecture: architecture.to_owned(),
            variant: Some(variant.to_owned()).filter(|v| !v.is_empty()),
            os_version: self.os_version.clone().filter(|v| !v.is_empty()),
            os_features,
        }
    }

    /// True when a person who asks for `self` means `other`: the exact build counts only where it is named.
    pub fn asks_for(&self, other: &Self) -> bool {
        let (asked, other) = (self.normalised(), other.normalised());
        (asked.os, asked.architecture, asked.variant) == (other.os, other.architecture, other.variant)
            && (asked.os_version.is_none() || asked.os_version == other.os_version)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if let Some(variant) = &self.variant {
            write!(f, "/{variant}")?;
        }
        if let Some(version) = &self.os_version {
            write!(f, ":{version}")?;
        }
        for feature in &self.os_features {
            write!(f, "+{feature}")?;
        }
        Ok(())
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (text, os_version) = match text.split_once(':') {
            Some((text, version)) => (text, Some(version.to_owned())),
            None => (text, None),
        };
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(os), Some(architecture), variant, None)
                if !os.is_empty() && !architecture.is_empty() && variant != Some("") =>
            {
                Ok(Self {
                    os: os.to_owned(),
                    architecture: architecture.to_owned(),
                    variant: variant.map(str::to_owned),
                    os_version,
                    os_features: Vec::new(),
                })
            }
            _ => Err(format!(
                "{text:?} is no platform: write os/arch or os/arch/variant, as in linux/arm64/v8"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_platform_has_several_names() {
        let normal = |text: &str| text.parse::<Platform>().unwrap().normalised().to_string();
        assert_eq!(normal("linux/arm64/v8"), "linux/arm64");
        assert_eq!(normal("linux/aarch64"), "linux/arm64");
        assert_eq!(normal("linux/arm64/v9"), "linux/arm64/v9");
        assert_eq!(normal("Linux/x86_64"), "linux/amd64");
        assert_eq!(normal("linux/amd64/v3"), "linux/amd64/v3");
        assert_eq!(normal("linux/arm"), "linux/arm/v7");
        let asks = |a: &str, b: &str| a.parse::<Platform>().unwrap().asks_for(&b.parse().unwrap());
        assert!(asks("windows/amd64", "windows/amd64:10.0.20348.1"));
        assert!(!asks("windows/amd64:10.0.1", "windows/amd64:10.0.20348.1"));
        assert!(!asks("linux/arm/v6", "linux/arm"));
    }

    #[test]
    fn platforms_read_back() {
        for text in ["linux/amd64", "linux/arm/v7", "windows/amd64:10.0.20348.1"] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), text);
        }
        assert_eq!(
            "linux".parse::<Platform>().unwrap_err(),
            "\"linux\" is no platform: write os/arch or os/arch/variant, as in linux/arm64/v8"
        );
    }
}
