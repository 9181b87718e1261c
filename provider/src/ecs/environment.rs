//! Detects plain-text secrets in a task definition. Every principal that can describe the task definition can read
//! them, and inactive revisions stay readable permanently.

/// Name fragments that indicate a secret, in search order. Matching is case-insensitive.
const SECRET_WORDS: [&str; 7] = [
    "secret",
    "token",
    "password",
    "passwd",
    "private_key",
    "api_key",
    "credential",
];

/// Returns the fragment in the name of an environment variable that indicates a secret value, or `None`.
///
/// Names that indicate a reference to a secret are accepted, such as `…_ARN`, `…_FILE`, `…_PATH`, `…_NAME`, and
/// `…_URL`.
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
    fn names_of_secrets_are_detected_and_names_of_references_are_not() {
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
