//! What is masked in a script, and what is not.

use proptest::prelude::*;

use super::*;

#[test]
fn values_of_telling_names_are_masked() {
    for (text, shown) in [
        ("TOKEN = 's3cret'", "TOKEN = '***'"),
        (
            "token: str = \"s3cret\"\nx = 'y'",
            "token: str = \"***\"\nx = 'y'",
        ),
        (
            "{\"password\": 's3cret', 'user': 'ann'}",
            "{\"password\": '***', 'user': 'ann'}",
        ),
        (
            "headers['Authorization'] = f'Bearer {x}'",
            "headers['Authorization'] = f'***'",
        ),
        (
            "env.get(\"API_KEY\", 's3cret')",
            "env.get(\"API_KEY\", '***')",
        ),
        (
            "connect(user='ann', password=b's3cret', n=1)",
            "connect(user='ann', password=b'***', n=1)",
        ),
        (
            "SECRETS = [\n  'one',\n  'two',\n]\nopen = 'x'",
            "SECRETS = [\n  '***',\n  '***',\n]\nopen = 'x'",
        ),
        ("KEY = '''a\nb'''", "KEY = '''***'''"),
        (
            "if password == 's3cret': pass\nx = 'y'",
            "if password == '***': pass\nx = 'y'",
        ),
        (
            "ws.open('wss://ann:s3cret@h/?token=s3cret&a=b')",
            "ws.open('wss://***@h/?token=***&a=b')",
        ),
        ("say('Bearer s3cret now')", "say('Bearer *** now')"),
        (
            "h = {'token':\n    's3cret',\n    'x': 'y'}",
            "h = {'token':\n    '***',\n    'x': 'y'}",
        ),
        (
            "set_password(\n    's3cret',\n    's3cret')\nx = 'y'",
            "set_password(\n    '***',\n    '***')\nx = 'y'",
        ),
        (
            "x = 1  # password: s3cret, really",
            "x = 1  # password: *** really",
        ),
        ("# api_key=s3cret", "# api_key=***"),
        ("TOKEN = \\\n    's3cret'", "TOKEN = \\\n    '***'"),
        (
            "CREDENTIALS = {'key': 'a1', 'bob': 's3cret'}\nx = 'y'",
            "CREDENTIALS = {'***': '***', '***': '***'}\nx = 'y'",
        ),
        (
            "t = get('TOKEN', '') or 's3cret'",
            "t = get('TOKEN', '') or '***'",
        ),
        (
            "user, password = 'ann', 's3cret'\nx = 'y'",
            "user, password = '***', '***'\nx = 'y'",
        ),
        (
            "(password, user) = ('s3cret', 'ann')",
            "(password, user) = ('***', '***')",
        ),
        ("password = user = 's3cret'", "password = user = '***'"),
        (
            "if password != 's3cret': pass",
            "if password != '***': pass",
        ),
        (
            "if password in ('a1', 's3cret'): pass",
            "if password in ('***', '***'): pass",
        ),
        (
            "password = password or 's3cret'",
            "password = password or '***'",
        ),
        ("token += 's3cret'", "token += '***'"),
        ("token: str | None = 's3cret'", "token: str | None = '***'"),
        ("if (token := 's3cret'): pass", "if (token := '***'): pass"),
        (
            "set_password('s3cret')\nx = 'y'",
            "set_password('***')\nx = 'y'",
        ),
        (
            "login('ann', (1, 's3cret')).x('y')",
            "login('***', (1, '***')).x('y')",
        ),
    ] {
        assert_eq!(without_secrets_of(text), shown, "{text}");
    }
}

#[test]
fn numbers_of_pins_and_credentials_behind_their_schemes_are_masked() {
    for (text, shown) in [
        ("PIN = 471142\nn = 471142", "PIN = ***\nn = 471142"),
        ("login(pin=471142, n=471142)", "login(pin=***, n=***)"),
        (
            "h = {'Authorization': 'Token s3cret'}",
            "h = {'Authorization': '***'}",
        ),
        (
            "h = 'Authorization: Token s3cret'",
            "h = 'Authorization: Token ***'",
        ),
        ("h = f'Token s3cret'", "h = f'Token ***'"),
    ] {
        assert_eq!(without_secrets_of(text), shown, "{text}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        "from k6ws import ws\n\n\ndef default():\n    with ws.open(URL) as session:\n        session.request('hi', 'say')\n",
        "options = {\"vus\": 3, 'thresholds': {'ws_req_duration{name:say}': ['p(95)<500']}}",
        "x = 'it\\'s' + \"a # no comment\"\n# a comment: with words\n",
        "check(reply, {'is even': lambda n: n % 2 == 0})",
        "url = 'ws://127.0.0.1:8080/room?x=1'",
        "text = '''open",
        "'",
        "text = 'x'.encode('utf-8')\nwith ws.open(URL) as session:\n    session.send('hi')\n",
        "if closed.code == 1000:\n    sessions = 10_000\n",
    ] {
        assert_eq!(without_secrets_of(text), text);
    }
}

proptest! {
    #[test]
    fn nothing_but_literals_and_comments_changes(text in "[a-z'\"#\\\\ (){}\\[\\]:=,\n\u{e4}]{0,80}") {
        let shown = without_secrets_of(&text);
        prop_assert_eq!(shown.matches('\n').count() <= text.matches('\n').count(), true);
    }
}
