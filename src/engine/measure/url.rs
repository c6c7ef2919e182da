//! What of a URL becomes a tag.

use std::borrow::Cow;

/// The URL without credentials, query and fragment.
pub(super) fn for_tag(url: &str) -> Cow<'_, str> {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    let Some(authority) = url.find("://").map(|at| at + 3) else {
        return url.into();
    };
    let path = url[authority..]
        .find('/')
        .map_or(url.len(), |at| authority + at);
    match url[authority..path].rfind('@') {
        None => url.into(),
        Some(at) => format!("{}{}", &url[..authority], &url[authority + at + 1..]).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::for_tag;

    #[test]
    fn secrets_and_what_differs_each_time_stay_out() {
        for (url, tag) in [
            ("ws://host/path", "ws://host/path"),
            ("wss://host:1/p?token=1#x", "wss://host:1/p"),
            ("ws://user:p@ss@host/a@b?c=@", "ws://host/a@b"),
            ("ws://host?x", "ws://host"),
            ("ws://[::1]:80/#frag", "ws://[::1]:80/"),
            ("no url?x", "no url"),
            ("", ""),
        ] {
            assert_eq!(for_tag(url), tag);
        }
    }
}
