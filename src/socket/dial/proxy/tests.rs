//! What a proxy's URL may be; what is said to one is tested with real ones.

use super::*;

fn parsed(text: &str) -> (String, Option<(String, String)>) {
    let proxy = Proxy::parse(text).unwrap();
    let login = proxy
        .login
        .clone()
        .map(|login| (login.user, login.password));
    (proxy.to_string(), login)
}

#[test]
fn a_url_has_a_scheme_a_host_perhaps_a_port_and_a_login() {
    assert_eq!(
        parsed("http://proxy.test"),
        ("http://proxy.test:80".into(), None)
    );
    assert_eq!(parsed("SOCKS5://p"), ("socks5://p:1080".into(), None));
    assert_eq!(
        parsed("socks5h://[::1]:9/"),
        ("socks5h://[::1]:9".into(), None)
    );
    assert_eq!(
        parsed("http://a%40b:p%3Aw@proxy.test:8080"),
        (
            "http://proxy.test:8080".into(),
            Some(("a@b".into(), "p:w".into()))
        )
    );
    assert_eq!(
        parsed("http://user@p:1").1,
        Some(("user".into(), String::new()))
    );
}

#[test]
fn what_is_no_proxy_is_refused_without_its_secrets() {
    for text in [
        "proxy.test:8080",
        "https://user:secret@p",
        "http://",
        "http://user:secret@",
        "http://user:secret@p:notaport",
        "http://user:%zzsecret@p:1",
        "http://user:%e9secret@p:1",
        "http://user:%+1secret@p:1",
        "http://user:secret%2@p:1",
        "http://user:secret@a b",
    ] {
        let why = Proxy::parse(text).unwrap_err();
        assert!(!why.contains("secret"), "{why}");
    }
}

#[test]
fn nobody_who_prints_a_proxy_sees_its_login() {
    let proxy = Proxy::parse("http://user:secret@p:1").unwrap();
    let choice = ProxyChoice::Through(Arc::new(proxy));
    assert_eq!(format!("{choice:?}"), "Through(Proxy(http://p:1))");
}
