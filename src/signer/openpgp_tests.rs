//! Messages as GnuPG and Helm sign them, whole, cut and damaged.

use super::*;

/// By GnuPG: version 4, with a fingerprint.
const GNUPG: &str = "\
-----BEGIN PGP SIGNED MESSAGE-----\n\
Hash: SHA256\n\
\n\
name: kelp\n\
- - dashed\n\
-----BEGIN PGP SIGNATURE-----\n\
\n\
iHUEARYIAB0WIQSwArB1ZmEmyXvr0ALRjPEGztBBBAUCawNJ4AAKCRDRjPEGztBB\n\
BPAVAPwOH5VTwusf5qKc4p+0UErE1zxbYsffMPP6/OTyVFirOAD/eTWNbZrZWMtP\n\
p7Are2PmB910ocUOu1WbWHB/unoS1Qw=\n\
=8qaW\n\
-----END PGP SIGNATURE-----\n\
";

/// The end of a provenance file of Helm 4: a fingerprint among the signed subpackets, behind a notation.
const HELM: &str = "\
-----BEGIN PGP SIGNATURE-----\n\
\n\
wsC5BAEBCgBtBYJrAyLOCRAL42WukBGDy0UUAAAAAAAcACBzYWx0QG5vdGF0aW9u\n\
cy5vcGVucGdwanMub3JnguHleIWFNeSKQXs3noiakr3qH0YXozp6Cn6fqSAY+PsW\n\
IQQ1yC9C65futR3Ss5AL42WukBGDywAAaJ0H/jOSEYwoyjMG1WRKsD+UabZSrd8h\n\
FPLaZWxmK651uahX+FQxeqBJHnh+5UfelwF4rlpgJEpsJxKHf3Wq+arLEHaHOgYy\n\
4WtuqRYKYcQH5bB64SrunmvhLufTJhpTZSSXXWFdl8Q139ZD/vznoA4c48o0eK4z\n\
Xza48PCd2+yH7cyFEkLU8QKviXADkYbv8WTat95rH44ZFZ4YMUQcz4P0CDX33nkn\n\
DI8wAgMeiMVrRVlBeGn7S9EBuIcMoRloW6catLZz54wWCoT8BfcOy/BBE3+Bq0oi\n\
MwWRRgt7EWwC/S7/xkU/uf4T8XULjJ+a+tO1ywh42boFQE+e0pWauExzfuc=\n\
-----END PGP SIGNATURE-----\n\
";

fn told(message: &str) -> String {
    match keys(message.as_bytes()) {
        Ok(keys) => keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" "),
        Err(fault) => fault.to_string(),
    }
}

fn packed(packets: &[u8]) -> String {
    let packed = BASE64_STANDARD.encode(packets);
    format!("-----BEGIN PGP SIGNATURE-----\n\n{packed}\n-----END PGP SIGNATURE-----\n")
}

fn key(message: &str) -> Key {
    keys(message.as_bytes())
        .expect("a message")
        .into_iter()
        .next()
        .expect("a key")
}

/// A version 3 signature by this key id, in a packet of the old form.
fn version_three(id: [u8; 8]) -> Vec<u8> {
    let mut packet = vec![0x88, 17, 3, 5, 1, 0, 0, 0, 0];
    packet.extend(id);
    packet.extend([1, 8]);
    packet
}

#[test]
fn a_signature_names_its_key() {
    assert_eq!(told(GNUPG), "key B002B075666126C97BEBD002D18CF106CED04104");
    assert_eq!(told(HELM), "key 35C82F42EB97EEB51DD2B3900BE365AE901183CB");
    assert_eq!(
        told(&packed(&version_three([1, 2, 3, 4, 5, 6, 7, 0xab]))),
        "key 01020304050607AB"
    );
    assert_eq!(told(&GNUPG.replace('\n', "\r\n")), told(GNUPG));
}

#[test]
fn an_id_is_the_end_of_a_fingerprint() {
    let whole = key(GNUPG);
    assert!(whole.may_be(&key(GNUPG)));
    assert!(!whole.may_be(&key(HELM)));
    let id = key(&packed(&version_three(whole.id)));
    assert!(id.may_be(&whole) && whole.may_be(&id));
    assert!(!id.may_be(&key(HELM)));
}

#[test]
fn two_signatures_name_two_keys() {
    let both = [version_three([1; 8]), version_three([2; 8])].concat();
    assert_eq!(told(&packed(&both)), "key 0101010101010101 key 0202020202020202");
}

#[test]
fn what_holds_none_is_refused() {
    assert_eq!(told("name: kelp\n"), "there is no OpenPGP signature in it");
    assert_eq!(told(&packed(&[])), "there is no signature packet in it");
    assert_eq!(told(&packed(&[0xcb, 0])), "there is no signature packet in it");
    assert_eq!(
        told(&packed(&[0x02])),
        "the signature cannot be read before byte 1"
    );
    assert_eq!(
        told(&packed(&[0xc2, 0xe1, 0])),
        "the signature cannot be read before byte 2"
    );
    assert_eq!(
        told(&packed(&[0xc2, 1, 9])),
        "the signature cannot be read before byte 3"
    );
    assert!(told("-----BEGIN PGP SIGNATURE-----\n\n?\n").starts_with("the signature is no base64"));
}

#[test]
fn cut_anywhere_it_is_refused() {
    for message in [GNUPG, HELM] {
        let whole = armoured(message.as_bytes()).expect("base64");
        for end in 0..whole.len() {
            assert!(keys(packed(&whole[..end]).as_bytes()).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn damage_never_panics() {
    for message in [GNUPG, HELM] {
        let whole = armoured(message.as_bytes()).expect("base64");
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0x80, 0xbf, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = value;
                assert!(!told(&packed(&damaged)).is_empty(), "byte {at} as {value}");
            }
        }
    }
}
