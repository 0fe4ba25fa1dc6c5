//! Certificates as OpenSSL writes them, whole, cut and damaged.

use super::*;

/// A URI as subject alternative name, both of Fulcio's extensions for the issuer.
const WORKFLOW: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIICODCCAd6gAwIBAgIUJ35zwy+2R4MKhTS2iPNovqFO8LUwCgYIKoZIzj0EAwIw\n\
IDENMAsGA1UECgwES2VscDEPMA0GA1UEAwwGa2VlcGVyMB4XDTI2MTEyMjE5NTk0\n\
M1oXDTM2MTExOTE5NTk0M1owIDENMAsGA1UECgwES2VscDEPMA0GA1UEAwwGa2Vl\n\
cGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfmwJYtzT547cUkTSKpCRSQHd\n\
+3R8Kv0BQg2nn+MYFdLZ8iw0RF4iW6ntfIO389zM/vlUn8gSZ9MV04usF26uRKOB\n\
9TCB8jAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDATBgNVHSUEDDAKBggr\n\
BgEFBQcDAzBTBgNVHREBAf8ESTBHhkVodHRwczovL2ZvcmdlLmV4YW1wbGUva2Vs\n\
cC8uZ2l0aHViL3dvcmtmbG93cy9yZWxlYXNlLnltbEByZWZzL3RhZ3MvdjEwIQYK\n\
KwYBBAGDvzABAQQTaHR0cHM6Ly9vbGQuZXhhbXBsZTAmBgorBgEEAYO/MAEIBBgM\n\
Fmh0dHBzOi8vaXNzdWVyLmV4YW1wbGUwHQYDVR0OBBYEFBmG2gBzzi+Ayt52Fr8F\n\
1hss1PIPMAoGCCqGSM49BAMCA0gAMEUCIQCN3GMbUi/DgzwLK7YgWuULNNHcsGmY\n\
HiGJeIzu08GL7wIgAyvfAea8EYyLg9LjBuhuCh1xzWhNP4lxeEqwOFvh6eU=\n\
-----END CERTIFICATE-----\n\
";

/// Nothing but a common name.
pub(crate) const PLAIN: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBcDCCARegAwIBAgIUJxFgSyPiOuIFdLTonOR9aKpbUGcwCgYIKoZIzj0EAwIw\n\
IDENMAsGA1UECgwES2VscDEPMA0GA1UEAwwGa2VlcGVyMB4XDTI2MTEyMjE5NTk0\n\
M1oXDTM2MTExOTE5NTk0M1owIDENMAsGA1UECgwES2VscDEPMA0GA1UEAwwGa2Vl\n\
cGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQBD4BdnSXCcjnz5wqqaIYmwp\n\
yuLEIFcJYJRdAtZdXgDrgGybhdKXfe2430Nno6et0m/WI30PICk7VSebOqhV86Mv\n\
MC0wDAYDVR0TAQH/BAIwADAdBgNVHQ4EFgQUhaZCwTG/e0aUPK783TVZSyYoR6kw\n\
CgYIKoZIzj0EAwIDRwAwRAIgKve+upnpbk8wRcp/SukU3vQn+PXH2PnqGnEuy7r9\n\
dBoCIDPTR08PPjp6K4VMDqDcXdh9X/vTH3f+aFFaZIl5FVLE\n\
-----END CERTIFICATE-----\n\
";

/// Fulcio's form for user names, and the older extension alone.
const USER: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBszCCAVmgAwIBAgIUcv3Xtq4urMfq++tM289ItdRvONAwCgYIKoZIzj0EAwIw\n\
IDENMAsGA1UECgwES2VscDEPMA0GA1UEAwwGa2VlcGVyMB4XDTI2MTEyMjE5NTk0\n\
M1oXDTM2MTExOTE5NTk0M1owIDENMAsGA1UECgwES2VscDEPMA0GA1UEAwwGa2Vl\n\
cGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVe9bH5OUt9d8yVI6/cq5ftKl\n\
CCNFwQ3KBps2yzcgLwoXgLpPYg1s6UYcf2MBAl8WgMjk61uFmS4OfouhvcMI2KNx\n\
MG8wKwYDVR0RBCQwIqAgBgorBgEEAYO/MAEHoBIMEGFkYSFrZWxwLmV4YW1wbGUw\n\
IQYKKwYBBAGDvzABAQQTaHR0cHM6Ly9vbGQuZXhhbXBsZTAdBgNVHQ4EFgQU156v\n\
yHUSiaMeUzVH9osfmgZUTUYwCgYIKoZIzj0EAwIDSAAwRQIgS0b8aKcW8APF9UZ2\n\
bYA2/KxVf1YIkclahknQoTHsOIUCIQDX0FNnh7kqeDvKFye1YOXmIGMM1QLnXmtk\n\
kr3aaKU7fg==\n\
-----END CERTIFICATE-----\n\
";

fn told(certificate: &[u8]) -> String {
    match identity(certificate) {
        Ok(identity) => identity.to_string(),
        Err(fault) => fault.to_string(),
    }
}

fn der(pem_text: &str) -> Vec<u8> {
    pem(pem_text.as_bytes()).expect("PEM").expect("base64")
}

#[test]
fn a_certificate_names_its_subject_and_who_vouched() {
    assert_eq!(
        told(WORKFLOW.as_bytes()),
        "https://forge.example/kelp/.github/workflows/release.yml@refs/tags/v1 (by https://issuer.example)"
    );
    assert_eq!(told(USER.as_bytes()), "ada!kelp.example (by https://old.example)");
    assert_eq!(told(PLAIN.as_bytes()), "keeper");
    assert_eq!(told(&der(PLAIN)), "keeper");
    assert_eq!(
        told([WORKFLOW, PLAIN].concat().as_bytes()),
        told(WORKFLOW.as_bytes())
    );
}

#[test]
fn what_is_none_is_refused() {
    assert_eq!(
        told(b""),
        "nothing at byte 0 of the certificate, where 0x30 should be"
    );
    assert_eq!(
        told(b"0\x00"),
        "nothing at byte 2 of the certificate, where 0x30 should be"
    );
    assert_eq!(told(b"0\x020\x00"), "the certificate names nobody");
    assert_eq!(
        told(b"0\x80"),
        "a length of another form at byte 0 of the certificate"
    );
    assert_eq!(
        told(b"?\x00"),
        "a tag of several bytes at byte 0 of the certificate"
    );
    assert_eq!(
        told(b"0\x84\xff\xff\xff\xff"),
        "a length beyond the end at byte 0 of the certificate"
    );
    assert!(told(b"-----BEGIN CERTIFICATE-----\n?\n-----END").starts_with("the certificate is no base64"));
}

#[test]
fn cut_anywhere_it_is_refused() {
    for whole in [WORKFLOW, PLAIN, USER].map(der) {
        for end in 0..whole.len() {
            assert!(identity(&whole[..end]).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn damage_never_panics_nor_shows_control_characters() {
    let whole = der(WORKFLOW);
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            assert!(!told(&damaged).contains(char::is_control), "byte {at} as {value}");
        }
    }
}
