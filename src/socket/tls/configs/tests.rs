//! Settings without a peer: who gets which certificate, what is kept, which names exist.

use std::fmt::Write as _;

use super::*;
use crate::socket::hosts::HostPattern;
use crate::socket::tls::{Identity, RunTls, Terms, TlsAuth, TlsDefaults, TlsGiven};

/// A certificate of its own with its key, as PEM.
fn pem(name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn identity(name: &str) -> Arc<Identity> {
    let (cert, key) = pem(name);
    Arc::new(Identity::read(&cert, Some(&key), None).unwrap())
}

fn auth(identity: &Arc<Identity>, domains: &[&str]) -> TlsAuth {
    let domains = domains.iter().map(|text| HostPattern::parse(text).unwrap());
    TlsAuth {
        identity: identity.clone(),
        domains: domains.collect(),
    }
}

#[test]
fn a_host_gets_the_certificate_that_names_it_most_closely_and_a_connection_has_the_last_word() {
    let [exact, wild, all, own] = ["exact", "wild", "all", "own"].map(identity);
    let run = RunTls::new(TlsDefaults {
        auth: vec![
            auth(&all, &[]),
            auth(&wild, &["*.example.com"]),
            auth(&exact, &["other.test", "a.example.com"]),
        ],
        ..TlsDefaults::default()
    });
    let shown = |given: &TlsGiven, host: &str| {
        let settings = run.resolve(given, (host, 443), &[]).unwrap();
        settings.identity.unwrap()
    };
    let nothing = TlsGiven::default();
    assert_eq!(shown(&nothing, "a.example.com"), exact);
    assert_eq!(shown(&nothing, "b.example.com"), wild);
    assert_eq!(shown(&nothing, "example.com"), all);
    let given = TlsGiven {
        identity: Some(own.clone()),
        ..TlsGiven::default()
    };
    assert_eq!(shown(&given, "a.example.com"), own);
    assert!(!run.is_unverified());
}

#[test]
fn equal_contents_share_a_configuration_and_others_do_not() {
    let configs = TlsConfigs::default();
    let (cert, key) = pem("client");
    let settings = |resume| TlsSettings {
        identity: Some(Arc::new(Identity::read(&cert, Some(&key), None).unwrap())),
        resume,
        ..TlsSettings::default()
    };
    let first = configs.config(&settings(true)).unwrap();
    assert!(Arc::ptr_eq(
        &first,
        &configs.config(&settings(true)).unwrap()
    ));
    assert!(!Arc::ptr_eq(
        &first,
        &configs.config(&settings(false)).unwrap()
    ));
    let named = TlsSettings {
        server_name: Some("elsewhere".into()),
        ..settings(true)
    };
    assert!(Arc::ptr_eq(&first, &configs.config(&named).unwrap()));
}

#[test]
fn configurations_that_nobody_asks_for_are_forgotten() {
    let configs = TlsConfigs::default();
    let settings = |number: usize| TlsSettings {
        alpn: vec![number.to_string()],
        insecure_skip_verify: true,
        ..TlsSettings::default()
    };
    let kept = configs.config(&settings(0)).unwrap();
    let forgotten = Arc::downgrade(&configs.config(&settings(1)).unwrap());
    for number in 2..2 * MAX_YOUNG + 2 {
        configs.config(&settings(number)).unwrap();
        if number == MAX_YOUNG + 100 {
            assert!(Arc::ptr_eq(&kept, &configs.config(&settings(0)).unwrap()));
        }
    }
    assert!(forgotten.upgrade().is_none());
    assert!(Arc::ptr_eq(&kept, &configs.config(&settings(0)).unwrap()));
    let built = configs.built.lock().unwrap();
    assert!(built.young.len() + built.old.len() <= 2 * MAX_YOUNG);
}

#[test]
fn a_key_that_is_not_that_of_the_certificate_is_refused() {
    let ((cert, _), (_, key)) = (pem("one"), pem("other"));
    let fault = Identity::read(&cert, Some(&key), None).unwrap_err();
    assert_eq!(fault.key, "key");
    assert!(fault.text.contains("does not belong"), "{fault}");
    // One text with both is enough.
    let (mut both, key) = pem("one");
    both.write_str(&key).unwrap();
    assert!(Identity::read(&both, None, None).is_ok());
}

#[test]
fn terms_know_names_of_iana_and_go_and_say_what_exists() {
    let read = |least: Option<&str>, most: Option<&str>, suites: &[&str]| {
        let suites: Vec<String> = suites.iter().map(|&name| name.to_owned()).collect();
        Terms::read(
            least,
            most,
            (!suites.is_empty()).then_some(suites.as_slice()),
        )
    };
    let terms = read(
        None,
        None,
        &[
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
            "TLS_AES_128_GCM_SHA256",
        ],
    );
    let (provider, _) = terms.unwrap().provider();
    let offered: Vec<u16> = provider
        .cipher_suites
        .iter()
        .map(|suite| suite.suite().into())
        .collect();
    assert_eq!(offered, [0xcca8, 0x1301]);
    for (least, most, suites, key, said) in [
        (Some("tls1.1"), None, &[][..], "min_version", "no longer"),
        (None, Some("tls9"), &[], "max_version", "no version"),
        (Some("tls1.3"), Some("tls1.2"), &[], "min_version", "above"),
        (
            None,
            None,
            &["TLS_RSA_WITH_RC4_128_SHA"],
            "cipher_suites",
            "RC4",
        ),
        (
            Some("tls1.3"),
            None,
            &["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
            "cipher_suites",
            "versions",
        ),
    ] {
        let fault = read(least, most, suites).unwrap_err();
        assert_eq!(fault.key, key);
        assert!(fault.text.contains(said), "{fault}");
        let hint = if key == "cipher_suites" {
            "TLS_AES_256_GCM_SHA384"
        } else {
            "tls1.3"
        };
        assert!(
            fault.hint.contains(hint) || said == "above",
            "{}",
            fault.hint
        );
    }
}
