use proptest::prelude::*;

use super::*;

const BODY: &[u8] = b"{\n  \"id\": \"evt_1\"\n}";
const AT: i64 = 1_790_000_000;

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn check(header: &str, secrets: &[Secret], now: i64) -> Result<SecretIndex, SignatureError> {
    verify(header.as_bytes(), BODY, secrets, model::seconds(now), TOLERANCE)
}

fn v1(secret: &Secret) -> String {
    let header = sign(std::slice::from_ref(secret), BODY, model::seconds(AT));
    header.split_once(",v1=").unwrap().1.to_owned()
}

#[test]
fn the_signature_is_stripes() {
    // printf '%s' '12345.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
    let header = sign(&[secret("whsec_test")], br#"{"a":1}"#, model::seconds(12345));
    assert_eq!(header, "t=12345,v1=6891b7a66b05b0e53771b0ad1be66a73fc29b6b3c4b4961ddb1efa062c8c05e9");
}

#[test]
fn any_live_secret_and_any_v1_verify() {
    let (old, new, other) = (secret("whsec_old"), secret(" whsec_new\n"), secret("whsec_other"));
    let header = sign(&[old.clone(), new.clone()], BODY, model::seconds(AT));
    assert_eq!(check(&header, std::slice::from_ref(&old), AT), Ok(SecretIndex(0)));
    assert_eq!(check(&header, &[other.clone(), new.clone()], AT), Ok(SecretIndex(1)));
    assert_eq!(check(&header, &[other.clone(), new, old], AT), Ok(SecretIndex(1)));
    assert_eq!(check(&header, &[other], AT), Err(SignatureError::NoMatch));
    assert_eq!(check(&header, &[], AT), Err(SignatureError::NoMatch));
}

#[test]
fn other_schemes_and_broken_values_do_not_spoil_a_good_one() {
    let key = secret("whsec_a");
    let header = format!("t={AT}, v0=00 , v1=zz,v1=,v1={},scheme", v1(&key));
    assert_eq!(check(&header, &[key], AT), Ok(SecretIndex(0)));
}

#[test]
fn a_header_with_only_v0_is_malformed() {
    let key = secret("whsec_a");
    let header = format!("t={AT},v0={}", v1(&key));
    assert_eq!(check(&header, &[key], AT), Err(SignatureError::Malformed("it has no v1 signature")));
}

#[test]
fn only_the_past_is_bounded() {
    let key = [secret("whsec_a")];
    let header = sign(&key, BODY, model::seconds(AT));
    assert!(check(&header, &key, AT + 300).is_ok());
    assert_eq!(check(&header, &key, AT + 301), Err(SignatureError::Stale { seconds: 301, tolerance_s: 300 }));
    assert!(check(&header, &key, AT - 1_000_000).is_ok());
}

#[test]
fn what_is_stale_is_told_so_before_any_secret_is_tried() {
    let forged = sign(&[secret("whsec_b")], BODY, model::seconds(AT));
    let stale = Err(SignatureError::Stale { seconds: 9_999, tolerance_s: 300 });
    assert_eq!(check(&forged, &[secret("whsec_a")], AT + 9_999), stale);
    assert_eq!(check(&forged, &[], AT + 9_999), stale);
    assert_eq!(check(&forged, &[secret("whsec_a")], AT + 300), Err(SignatureError::NoMatch));
}

#[test]
fn the_parts_that_are_missing_or_doubled_are_named() {
    let key = [secret("whsec_a")];
    let tag = v1(&key[0]);
    assert_eq!(check("", &key, AT), Err(SignatureError::Missing));
    assert_eq!(check("  ", &key, AT), Err(SignatureError::Missing));
    for (header, why) in [
        (format!("v1={tag}"), "it has no time"),
        (format!("t={AT},t={AT},v1={tag}"), "it has two times"),
        (format!("t=,v1={tag}"), "its time is no number"),
        (format!("t=-5,v1={tag}"), "its time is no number"),
        (format!("t=+5,v1={tag}"), "its time is no number"),
        (format!("t=99999999999999999999,v1={tag}"), "its time is no number"),
        (format!("t={AT}"), "it has no v1 signature"),
    ] {
        assert_eq!(check(&header, &key, AT), Err(SignatureError::Malformed(why)), "{header}");
    }
    let bytes = [b"t=1,v1=\xff".as_slice(), &[0xfe]].concat();
    let odd = verify(&bytes, BODY, &key, model::seconds(AT), TOLERANCE);
    assert_eq!(odd, Err(SignatureError::Malformed("it is not text")));
}

#[test]
fn a_thousand_values_are_not_compared() {
    let key = [secret("whsec_a")];
    let many = format!("t={AT}{},v1={}", ",v1=00".repeat(1_000), v1(&key[0]));
    assert_eq!(check(&many, &key, AT), Err(SignatureError::Malformed("it has too many signatures")));
    let long = format!("t={AT}{}", ",v0=0000".repeat(2_000));
    assert_eq!(check(&long, &key, AT), Err(SignatureError::Malformed("it is longer than 8 KB")));
}

#[test]
fn a_blank_secret_is_refused_and_a_secret_is_never_printed() {
    assert!(Secret::new(" \n").is_none());
    assert_eq!(format!("{:?}", secret("whsec_a")), "Secret(…)");
}

#[test]
fn every_altered_byte_is_refused() {
    let key = [secret("whsec_a")];
    let header = sign(&key, BODY, model::seconds(AT));
    for at in 0..BODY.len() {
        for bit in 0..8 {
            let mut body = BODY.to_vec();
            body[at] ^= 1 << bit;
            let answer = verify(header.as_bytes(), &body, &key, model::seconds(AT), TOLERANCE);
            assert_eq!(answer, Err(SignatureError::NoMatch), "byte {at}, bit {bit}");
        }
    }
    for shorter in 0..BODY.len() {
        let answer = verify(header.as_bytes(), &BODY[..shorter], &key, model::seconds(AT), TOLERANCE);
        assert_eq!(answer, Err(SignatureError::NoMatch), "cut at {shorter}");
    }
    let digits = header.find("v1=").unwrap() + 3;
    for at in digits..header.len() {
        let mut altered = header.clone().into_bytes();
        altered[at] = if altered[at] == b'0' { b'1' } else { b'0' };
        let answer = verify(&altered, BODY, &key, model::seconds(AT), TOLERANCE);
        assert_eq!(answer, Err(SignatureError::NoMatch), "digit {at}");
    }
}

proptest! {
    #[test]
    fn what_is_signed_verifies(body in prop::collection::vec(any::<u8>(), 0..200), at in 0i64..4_000_000_000) {
        let key = [secret("whsec_a"), secret("whsec_b")];
        let header = sign(&key[1..], &body, model::seconds(at));
        let answer = verify(header.as_bytes(), &body, &key, model::seconds(at), TOLERANCE);
        prop_assert_eq!(answer, Ok(SecretIndex(1)));
    }

    #[test]
    fn no_header_makes_it_panic(header in prop::collection::vec(any::<u8>(), 0..200)) {
        let answer = verify(&header, BODY, &[secret("whsec_a")], model::seconds(AT), TOLERANCE);
        prop_assert!(answer.is_err());
    }
}
