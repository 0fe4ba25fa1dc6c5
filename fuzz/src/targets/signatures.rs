//! Who signed: certificates and clear-text signed messages.

use std::collections::BTreeSet;

use tagdrift::signer::{certificate, openpgp};

/// A certificate, PEM or DER. A PEM text says the same with lines of another length around its base64.
pub fn certificate(data: &[u8]) {
    let Ok(identity) = certificate::identity(data) else {
        return;
    };
    assert!(!identity.subject.is_empty(), "somebody is named");
    if let Ok(text) = std::str::from_utf8(data) {
        let spaced = text.replace('\n', "\r\n");
        if data.starts_with(b"-----BEGIN") && !text.contains('\r') {
            assert_eq!(certificate::identity(spaced.as_bytes()).ok(), Some(identity));
        }
    }
}

/// A provenance file. Each key that it names may be itself, and a copy of the message names the same.
pub fn openpgp(data: &[u8]) {
    let Ok(keys) = openpgp::keys(data) else { return };
    assert!(!keys.is_empty() && keys.iter().all(|key| key.may_be(key)));
    let written: BTreeSet<String> = keys.iter().map(ToString::to_string).collect();
    assert!(written.iter().all(|key| key.starts_with("key ")));
}
