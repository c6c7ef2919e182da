//! Keys behind a password, in a build that decrypts them and in one that does not.

use super::*;

fn material(text: String) -> Material {
    Material {
        name: "the text".into(),
        text,
    }
}

fn locked() -> Material {
    material(block("ENCRYPTED PRIVATE KEY", "", "MAA="))
}

fn locked_as_of_old() -> Material {
    let headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: ROT-13,00\n\n";
    material(block("RSA PRIVATE KEY", headers, "MAA="))
}

fn block(label: &str, headers: &str, data: &str) -> String {
    format!("-----BEGIN {label}-----\n{headers}{data}\n-----END {label}-----\n")
}

#[test]
fn a_key_that_is_not_encrypted_is_not_ours_to_read() {
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "CERTIFICATE"] {
        let found = private_key(&material(block(label, "", "MAA=")), None);
        assert!(found.unwrap().is_none(), "{label}");
    }
}

#[test]
fn an_encrypted_key_without_a_password_asks_for_one() {
    for material in [locked(), locked_as_of_old()] {
        let fault = private_key(&material, None).unwrap_err();
        assert_eq!(fault.key, "password");
        assert!(fault.text.contains("there is no password"), "{fault:?}");
    }
}

#[cfg(feature = "encrypted-keys")]
#[test]
fn a_way_of_encryption_that_is_not_known_says_how_to_convert_the_key() {
    for material in [locked(), locked_as_of_old()] {
        let fault = private_key(&material, Some("secret")).unwrap_err();
        assert!(fault.text.contains("not known"), "{fault:?}");
        assert!(fault.hint.contains("openssl pkcs8 -topk8"), "{fault:?}");
    }
}

#[cfg(feature = "encrypted-keys")]
#[test]
fn what_is_no_pem_is_refused_without_being_repeated() {
    for data in ["geheim!", "geheim: x\n\nMAA=-----END"] {
        let text = block("ENCRYPTED PRIVATE KEY", "", data);
        let fault = private_key(&material(text), Some("secret")).unwrap_err();
        assert_eq!(fault.text, "the text is not valid PEM", "{data}");
    }
}

#[cfg(not(feature = "encrypted-keys"))]
#[test]
fn a_build_that_cannot_decrypt_says_so_and_what_to_do() {
    for material in [locked(), locked_as_of_old()] {
        let fault = private_key(&material, Some("secret")).unwrap_err();
        assert!(fault.text.contains("cannot decrypt keys"), "{fault:?}");
        assert!(fault.hint.contains("openssl pkey"), "{fault:?}");
    }
}
