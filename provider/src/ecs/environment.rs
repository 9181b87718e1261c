//! The rule that no secret stands in plain text in a task definition, where everyone who may describe it reads it,
//! for ever: inactive revisions stay.

/// Words that give a secret away, in the order in which they are looked for; matched without regard to case.
const SECRET_WORDS: [&str; 7] = [
    "secret",
    "token",
    "password",
    "passwd",
    "private_key",
    "api_key",
    "credential",
];

/// The word in the name of an environment variable that says its value is a secret; nothing if it looks harmless.
///
/// Names that only point to a secret (`…_ARN`, `…_FILE`, `…_PATH`, `…_NAME`, `…_URL` of an issuer and the like) are
/// harmless.
#[must_use]
pub fn secret_word(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let pointers = [
        "_arn",
        "_file",
        "_path",
        "_name",
        "_id",
        "_ttl",
        "_url",
        "_endpoint",
    ];
    if pointers.iter().any(|suffix| name.ends_with(suffix)) {
        return None;
    }
    SECRET_WORDS.into_iter().find(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_recognised_and_names_of_pointers_are_not() {
        for name in [
            "DB_PASSWORD",
            "GithubToken",
            "API_KEY",
            "TLS_PRIVATE_KEY",
            "CLIENT_SECRET_V2",
        ] {
            assert!(secret_word(name).is_some(), "{name}");
        }
        for name in [
            "BIND_ADDR",
            "SECRET_ARN",
            "TOKEN_FILE",
            "PASSWORD_SECRET_NAME",
            "TOKEN_URL",
            "KEYBOARD",
        ] {
            assert_eq!(secret_word(name), None, "{name}");
        }
    }
}
