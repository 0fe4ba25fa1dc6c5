//! The signer that an X.509 certificate names (RFC 5280; Fulcio, "OID information").
//!
//! cosign keeps the certificate of a keyless signature beside it. Fulcio writes who signed into the subject alternative name,
//! and who vouched for it into an extension of its own.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::Identity;
use super::der::{Der, OBJECT, OCTETS, SEQUENCE};
use crate::fault::Fault;

/// 2.5.29.17, subject alternative name (RFC 5280, 4.2.1.6).
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
/// 2.5.4.3, common name.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 1.3.6.1.4.1.57264.1.1, the issuer as bare text: Fulcio before version 1.
const ISSUER: &[u8] = &[0x2b, 6, 1, 4, 1, 0x83, 0xbf, 0x30, 1, 1];
/// 1.3.6.1.4.1.57264.1.8, the issuer as a UTF8String.
const ISSUER_STRING: &[u8] = &[0x2b, 6, 1, 4, 1, 0x83, 0xbf, 0x30, 1, 8];
/// The extensions of a certificate's body.
const EXTENSIONS: u8 = 0xa3;
/// GeneralName: an e-mail address, a host, a URI.
const NAMES: [u8; 3] = [0x81, 0x82, 0x86];
/// GeneralName: another name, such as the user names of Fulcio.
const OTHER_NAME: u8 = 0xa0;

/// Reads the first certificate of a PEM text, or a DER one.
///
/// # Errors
/// `Malformed` when it is neither, ends early, or names nobody.
pub fn identity(certificate: &[u8]) -> Result<Identity, Fault> {
    let der = match pem(certificate) {
        Some(der) => der?,
        None => certificate.to_vec(),
    };
    let mut body = Der::new(&der).expect(SEQUENCE)?.expect(SEQUENCE)?;
    let (mut subject, mut issuer, mut common) = (None, None, None);
    let mut sequences = 0;
    while let Some(element) = body.next()? {
        match element.tag {
            // signature, issuer, validity, subject, key: the fourth names whom it was given to.
            SEQUENCE => {
                sequences += 1;
                if sequences == 4 {
                    common = common_name(element.content)?;
                }
            }
            EXTENSIONS => {
                let mut extensions = element.content;
                let mut extensions = extensions.expect(SEQUENCE)?;
                while let Some(extension) = extensions.next()? {
                    let mut fields = extension.content;
                    let name = fields.expect(OBJECT)?;
                    let value = value(fields)?;
                    match name.bytes() {
                        ALTERNATIVE_NAME => subject = alternative_name(value)?,
                        ISSUER_STRING => issuer = Some(last_text(value)?),
                        ISSUER if issuer.is_none() => issuer = Some(value.text()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let subject = subject
        .or(common)
        .filter(|subject| !subject.is_empty())
        .ok_or_else(|| Fault::malformed("the certificate names nobody"))?;
    Ok(Identity {
        subject,
        issuer: issuer.unwrap_or_default(),
    })
}

/// The first certificate of a PEM text; `None` when it is no PEM.
fn pem(text: &[u8]) -> Option<Result<Vec<u8>, Fault>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let text = std::str::from_utf8(text).ok()?;
    let (_, after) = text.split_once(BEGIN)?;
    let (inner, _) = after.split_once("-----END")?;
    let packed: String = inner.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Some(
        BASE64_STANDARD
            .decode(packed)
            .map_err(|e| Fault::malformed(format!("the certificate is no base64: {e}"))),
    )
}

/// The value of an extension, past its optional criticality.
fn value(mut fields: Der<'_>) -> Result<Der<'_>, Fault> {
    while let Some(field) = fields.next()? {
        if field.tag == OCTETS {
            return Ok(field.content);
        }
    }
    Err(Fault::malformed("an extension of the certificate has no value"))
}

/// The first name that says who it is.
fn alternative_name(mut value: Der<'_>) -> Result<Option<String>, Fault> {
    let mut names = value.expect(SEQUENCE)?;
    while let Some(name) = names.next()? {
        if NAMES.contains(&name.tag) {
            return Ok(Some(name.content.text()));
        }
        if name.tag == OTHER_NAME {
            return last_text(name.content).map(Some);
        }
    }
    Ok(None)
}

/// The text at the end of wrapped elements.
fn last_text(mut value: Der<'_>) -> Result<String, Fault> {
    let mut last = value;
    while let Some(element) = value.next()? {
        last = element.content;
        // Only wrappers hold further elements; their identifier has bit 6 set.
        if element.tag & 0x20 != 0 {
            value = element.content;
        }
    }
    Ok(last.text())
}

/// The common name of a distinguished name: SET OF SEQUENCE { type, value }.
fn common_name(mut name: Der<'_>) -> Result<Option<String>, Fault> {
    let mut found = None;
    while let Some(set) = name.next()? {
        let mut set = set.content;
        while let Some(attribute) = set.next()? {
            let mut fields = attribute.content;
            let is_common_name = fields.next()?.is_some_and(|f| f.content.bytes() == COMMON_NAME);
            if let (true, Some(value)) = (is_common_name, fields.next()?) {
                found = Some(value.content.text());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
pub(crate) mod tests;
