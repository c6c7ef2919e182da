//! The value of `Sec-WebSocket-Extensions` (RFC 6455 section 9.1), taken apart.

/// One extension with its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extension {
    pub(super) name: String,
    pub(super) parameters: Vec<(String, Option<String>)>,
}

/// All extensions that a header names, in order.
pub(super) fn parse(header: &str) -> Result<Vec<Extension>, String> {
    let mut found = Vec::new();
    for element in split(header, ',') {
        let mut parts = split(element, ';').into_iter();
        let name = parts.next().unwrap_or("").trim();
        if name.is_empty() && parts.len() == 0 {
            // Empty elements of a list are allowed (RFC 9110 section 5.6.1).
            continue;
        }
        let parameters: Result<Vec<_>, String> = parts.map(parameter).collect();
        found.push(Extension {
            name: token(name)?,
            parameters: parameters?,
        });
    }
    Ok(found)
}

fn parameter(text: &str) -> Result<(String, Option<String>), String> {
    let Some((name, value)) = text.split_once('=') else {
        return Ok((token(text.trim())?, None));
    };
    let value = value.trim();
    let bare = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .map_or_else(|| value.to_owned(), |quoted| quoted.replace('\\', ""));
    Ok((token(name.trim())?, Some(token(&bare)?)))
}

fn token(text: &str) -> Result<String, String> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if text.is_empty() || !text.bytes().all(is_token) {
        let shown: String = text.escape_debug().take(60).collect();
        return Err(format!("malformed Sec-WebSocket-Extensions at {shown:?}"));
    }
    Ok(text.to_owned())
}

/// Cuts at a separator, but not inside quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut start, mut is_quoted) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        if c == '"' {
            is_quoted = !is_quoted;
        } else if c == separator && !is_quoted {
            pieces.push(&text[start..at]);
            start = at + c.len_utf8();
        }
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_taken_apart_with_its_parameters() {
        let found = parse("a; x; y=1 , b ;z=\"2\",, c").unwrap();
        let shown: Vec<String> = found
            .iter()
            .map(|one| format!("{} {:?}", one.name, one.parameters))
            .collect();
        assert_eq!(
            shown,
            [
                r#"a [("x", None), ("y", Some("1"))]"#,
                r#"b [("z", Some("2"))]"#,
                "c []"
            ]
        );
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for bad in ["a b", "a;", "a; =1", "a; x=", ";", "a; x=\"1", "é"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
