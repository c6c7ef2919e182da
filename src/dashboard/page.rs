//! The page as it is served: the built one, without the policy of a file, which goes out as a header.

use hyper::body::Bytes;
use hyper::header::HeaderValue;

use super::error::DashboardError;

/// The page, and what a browser may do in it.
#[derive(Clone, Debug)]
pub struct Page {
    pub(super) text: Bytes,
    pub(super) policy: HeaderValue,
}

impl Page {
    /// `built` is what `make page` makes: its data is empty, and its policy is that of a file.
    pub fn new(built: &str) -> Result<Self, DashboardError> {
        let wrong = DashboardError::Page("its policy is missing");
        let Some((before, rest)) = built.split_once(OPENS) else {
            return Err(wrong);
        };
        let Some((policy, after)) = rest.split_once('"') else {
            return Err(wrong);
        };
        // The rest of the element.
        let Some((_, after)) = after.split_once('>') else {
            return Err(wrong);
        };
        if !policy.contains(IN_A_FILE) {
            return Err(DashboardError::Page("its policy is that of no file"));
        }
        let policy = policy.replace(IN_A_FILE, WHERE_SERVED);
        let policy = policy.trim_end_matches([';', ' ']);
        let policy = HeaderValue::from_str(&format!("{policy}; frame-ancestors 'none'"));
        Ok(Self {
            text: format!("{before}{after}").into(),
            policy: policy.map_err(|_| DashboardError::Page("its policy is no header"))?,
        })
    }
}

const OPENS: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"";
const IN_A_FILE: &str = "connect-src 'none'";
const WHERE_SERVED: &str = "connect-src 'self'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_moves_into_a_header_and_lets_the_page_ask_us() {
        let built = "<!doctype html><head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
                     script-src 'sha256-x='; connect-src 'none'; base-uri 'none'\"><title>k6ws</title>";
        let page = Page::new(built).unwrap();
        assert_eq!(&*page.text, b"<!doctype html><head><title>k6ws</title>");
        let expected = "default-src 'none'; script-src 'sha256-x='; connect-src 'self'; base-uri 'none'; \
                        frame-ancestors 'none'";
        assert_eq!(page.policy, expected);
    }

    #[test]
    fn a_page_without_its_policy_is_not_served() {
        for built in [
            "",
            "<html>",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'\">",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"connect-src 'none'; x \n\">",
        ] {
            assert!(Page::new(built).is_err(), "{built}");
        }
    }
}
