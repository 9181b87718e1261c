//! Test cases, each with a provider block, environment variables, files, and the expected access key and region of the
//! call.

use serde_json::{Value, json};

use super::region_only;

/// A test case.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) block: Value,
    pub(crate) environment: &'static [(&'static str, &'static str)],
    /// Files in the home directory.
    pub(crate) files: &'static [(&'static str, &'static str)],
    pub(crate) expected: Expected,
}

/// Expected result of a test case.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    /// The call is signed with this access key for this region.
    Signed {
        key: &'static str,
        region: &'static str,
    },
    /// The connection or the call fails with an error that contains all of these strings.
    Error(&'static [&'static str]),
}

const fn signed(key: &'static str) -> Expected {
    in_region(key, "eu-central-1")
}

const fn in_region(key: &'static str, region: &'static str) -> Expected {
    Expected::Signed { key, region }
}

type Pairs = &'static [(&'static str, &'static str)];

const KEYS: Pairs = &[
    ("AWS_ACCESS_KEY_ID", "AKIAENV"),
    ("AWS_SECRET_ACCESS_KEY", "s"),
];
const KEYS_AND_PROFILE: Pairs = &[
    ("AWS_ACCESS_KEY_ID", "AKIAENV"),
    ("AWS_SECRET_ACCESS_KEY", "s"),
    ("AWS_PROFILE", "named"),
];
const CONTAINER: (&str, &str) = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{server}/container");
const INSTANCE: (&str, &str) = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{server}");
const NO_INSTANCE: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

const CREDENTIALS_FILE: &str = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n\n\
    [named]\naws_access_key_id = AKIANAMED\naws_secret_access_key = s\n\n\
    [other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = s\n";
const CONFIG_FILE: &str = "[default]\nregion = sa-east-1\naws_access_key_id = AKIACONFIG\naws_secret_access_key = s\n\n\
    [profile named]\nregion = eu-west-3\n\n\
    [profile bare]\nregion = eu-west-3\n\n\
    [profile role]\nrole_arn = arn:aws:iam::123456789012:role/of-profile\nsource_profile = named\n";
const BOTH: Pairs = &[
    (".aws/credentials", CREDENTIALS_FILE),
    (".aws/config", CONFIG_FILE),
];
const CONFIG_ONLY: Pairs = &[(".aws/config", CONFIG_FILE)];
const ELSEWHERE: Pairs = &[
    (".aws/credentials", CREDENTIALS_FILE),
    (
        "elsewhere/credentials",
        "[default]\naws_access_key_id = AKIAELSEWHERE\naws_secret_access_key = s\n",
    ),
    (
        "elsewhere/config",
        "[default]\naws_access_key_id = AKIAELSEWHERECONFIG\naws_secret_access_key = s\n",
    ),
];

/// Returns all test cases.
pub(crate) fn all() -> Vec<Row> {
    let mut all = provider_block();
    all.extend(environment());
    all.extend(shared_files());
    all.extend(machine());
    all.extend(roles());
    all.extend(regions());
    all.extend(endpoints());
    all.extend(retries());
    all
}

fn row(
    name: &'static str,
    block: Value,
    environment: Pairs,
    files: Pairs,
    expected: Expected,
) -> Row {
    Row {
        name,
        block,
        environment,
        files,
        expected,
    }
}

fn profile(name: &str) -> Value {
    json!({ "region": "eu-central-1", "profile": name })
}

fn provider_block() -> Vec<Row> {
    let keys = json!({ "region": "eu-central-1", "access_key": "AKIABLOCK" });
    vec![
        row(
            "keys in the block take precedence over all other sources",
            keys,
            KEYS_AND_PROFILE,
            BOTH,
            signed("AKIABLOCK"),
        ),
        row(
            "profile in the block takes precedence over keys in the environment",
            profile("named"),
            KEYS,
            BOTH,
            signed("AKIANAMED"),
        ),
        row(
            "profile in the block takes precedence over AWS_PROFILE",
            profile("other"),
            KEYS_AND_PROFILE,
            BOTH,
            signed("AKIAOTHER"),
        ),
        row(
            "role in the profile from the block takes precedence over keys in the environment",
            profile("role"),
            KEYS,
            BOTH,
            signed("AKIANAMEDROLE"),
        ),
        row(
            "profile in the block without keys uses the credentials from the container",
            profile("bare"),
            &[CONTAINER, NO_INSTANCE],
            CONFIG_ONLY,
            signed("ASIACONTAINER"),
        ),
        row(
            "profile in the block without keys uses the credentials from the instance",
            profile("bare"),
            &[INSTANCE],
            CONFIG_ONLY,
            signed("ASIAINSTANCE"),
        ),
        row(
            "missing profile in the block is an error",
            profile("missing"),
            KEYS,
            BOTH,
            Expected::Error(&[
                "do not contain the profile \"missing\"",
                "aws configure list-profiles",
            ]),
        ),
        row(
            "files in the block take precedence over files from environment variables",
            json!({ "region": "eu-central-1", "shared_credentials_file": "{home}/elsewhere/credentials" }),
            &[("AWS_SHARED_CREDENTIALS_FILE", "{home}/.aws/credentials")],
            ELSEWHERE,
            signed("AKIAELSEWHERE"),
        ),
        row(
            "keys in the environment take precedence over files in the block",
            json!({ "region": "eu-central-1", "shared_credentials_file": "{home}/elsewhere/credentials" }),
            KEYS,
            ELSEWHERE,
            signed("AKIAENV"),
        ),
        row(
            "missing files in the block are an error",
            json!({ "region": "eu-central-1", "shared_config_file": "{home}/nowhere" }),
            KEYS,
            &[],
            Expected::Error(&["shared_config_files"]),
        ),
    ]
}

fn environment() -> Vec<Row> {
    vec![
        row(
            "keys in the environment take precedence over AWS_PROFILE",
            region_only(),
            KEYS_AND_PROFILE,
            BOTH,
            signed("AKIAENV"),
        ),
        row(
            "keys in the environment take precedence over the default profile",
            region_only(),
            KEYS,
            BOTH,
            signed("AKIAENV"),
        ),
        row(
            "AWS_PROFILE takes precedence over AWS_DEFAULT_PROFILE",
            region_only(),
            &[("AWS_PROFILE", "named"), ("AWS_DEFAULT_PROFILE", "other")],
            BOTH,
            signed("AKIANAMED"),
        ),
        row(
            "AWS_DEFAULT_PROFILE takes precedence over the default profile",
            region_only(),
            &[("AWS_DEFAULT_PROFILE", "other")],
            BOTH,
            signed("AKIAOTHER"),
        ),
    ]
}

fn shared_files() -> Vec<Row> {
    vec![
        row(
            "credentials file takes precedence over the configuration file",
            region_only(),
            &[],
            BOTH,
            signed("AKIADEFAULT"),
        ),
        row(
            "configuration file is used without a credentials file",
            region_only(),
            &[],
            CONFIG_ONLY,
            signed("AKIACONFIG"),
        ),
        row(
            "AWS_SHARED_CREDENTIALS_FILE specifies another file",
            region_only(),
            &[(
                "AWS_SHARED_CREDENTIALS_FILE",
                "{home}/elsewhere/credentials",
            )],
            ELSEWHERE,
            signed("AKIAELSEWHERE"),
        ),
        row(
            "AWS_CONFIG_FILE specifies another file",
            region_only(),
            &[
                ("AWS_CONFIG_FILE", "{home}/elsewhere/config"),
                ("AWS_SHARED_CREDENTIALS_FILE", "{home}/nowhere"),
            ],
            ELSEWHERE,
            signed("AKIAELSEWHERECONFIG"),
        ),
        row(
            "shared files take precedence over the container",
            region_only(),
            &[CONTAINER],
            BOTH,
            signed("AKIADEFAULT"),
        ),
    ]
}

fn machine() -> Vec<Row> {
    vec![
        row(
            "web identity in the environment takes precedence over the container",
            region_only(),
            &[
                ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
                CONTAINER,
            ],
            &[("token", "jwt")],
            signed("ASIAWEB"),
        ),
        row(
            "the container takes precedence over the instance",
            region_only(),
            &[CONTAINER, INSTANCE],
            &[],
            signed("ASIACONTAINER"),
        ),
        row(
            "the instance is used if no other source exists",
            region_only(),
            &[INSTANCE],
            &[],
            signed("ASIAINSTANCE"),
        ),
        row(
            "missing credentials are an error",
            region_only(),
            &[NO_INSTANCE],
            &[],
            Expected::Error(&["ecs:ListClusters"]),
        ),
    ]
}

fn roles() -> Vec<Row> {
    let role = "arn:aws:iam::123456789012:role/deploy";
    vec![
        row(
            "a role is assumed with keys in the environment",
            json!({ "region": "eu-central-1", "assume_role": role }),
            KEYS,
            BOTH,
            signed("AKIAENVROLE"),
        ),
        row(
            "a role is assumed with the profile in the block",
            json!({ "region": "eu-central-1", "assume_role": role, "profile": "named" }),
            KEYS,
            BOTH,
            signed("AKIANAMEDROLE"),
        ),
        row(
            "web identity in the block takes precedence over keys in the environment",
            json!({ "region": "eu-central-1", "web_identity_role": role }),
            KEYS,
            BOTH,
            signed("ASIAWEB"),
        ),
        row(
            "a role is assumed with the web identity in the block",
            json!({ "region": "eu-central-1", "web_identity_role": role, "assume_role": role }),
            KEYS,
            BOTH,
            signed("ASIAWEBROLE"),
        ),
    ]
}

fn regions() -> Vec<Row> {
    const REGIONS: Pairs = &[
        ("AWS_ACCESS_KEY_ID", "AKIAENV"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_REGION", "us-west-2"),
        ("AWS_DEFAULT_REGION", "us-east-2"),
    ];
    const DEFAULT_REGION: Pairs = &[
        ("AWS_ACCESS_KEY_ID", "AKIAENV"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_DEFAULT_REGION", "us-east-2"),
    ];
    let named = || json!({ "profile": "named" });
    vec![
        row(
            "region in the block takes precedence over all other sources",
            region_only(),
            REGIONS,
            BOTH,
            signed("AKIAENV"),
        ),
        row(
            "AWS_REGION takes precedence over AWS_DEFAULT_REGION",
            json!({}),
            REGIONS,
            BOTH,
            in_region("AKIAENV", "us-west-2"),
        ),
        row(
            "AWS_DEFAULT_REGION takes precedence over the profile",
            json!({}),
            DEFAULT_REGION,
            BOTH,
            in_region("AKIAENV", "us-east-2"),
        ),
        row(
            "AWS_REGION takes precedence over the profile in the block",
            named(),
            REGIONS,
            BOTH,
            in_region("AKIANAMED", "us-west-2"),
        ),
        row(
            "region in the profile from the block is used",
            named(),
            KEYS,
            BOTH,
            in_region("AKIANAMED", "eu-west-3"),
        ),
        row(
            "region in the AWS_PROFILE profile is used",
            json!({}),
            &[("AWS_PROFILE", "named")],
            BOTH,
            in_region("AKIANAMED", "eu-west-3"),
        ),
        row(
            "region in the default profile is used",
            json!({}),
            KEYS,
            BOTH,
            in_region("AKIAENV", "sa-east-1"),
        ),
        row(
            "region from the instance is used if no other source exists",
            json!({}),
            &[INSTANCE],
            &[],
            in_region("ASIAINSTANCE", "ap-southeast-2"),
        ),
        row(
            "a missing region is an error",
            json!({}),
            &[
                ("AWS_ACCESS_KEY_ID", "AKIAENV"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
                NO_INSTANCE,
            ],
            &[],
            Expected::Error(&["no AWS region"]),
        ),
    ]
}

/// Private keys are sent unencrypted only to loopback addresses, regardless of the endpoint source.
fn endpoints() -> Vec<Row> {
    const PLAINTEXT: Expected = Expected::Error(&[
        "http://secrets.invalid",
        "neither encrypted nor a loopback address",
    ]);
    let secret = || json!({ "region": "eu-central-1", "access_key": "AKIABLOCK", "secret": true });
    let profile = || json!({ "region": "eu-central-1", "profile": "plain", "secret": true });
    const PLAIN_PROFILE: Pairs = &[(
        ".aws/config",
        "[profile plain]\nendpoint_url = http://secrets.invalid\n\
             aws_access_key_id = AKIAPLAIN\naws_secret_access_key = s\n",
    )];
    vec![
        row(
            "AWS_ENDPOINT_URL on loopback is used for Secrets Manager",
            secret(),
            &[("AWS_ENDPOINT_URL", "{server}")],
            &[],
            signed("AKIABLOCK"),
        ),
        row(
            "unencrypted AWS_ENDPOINT_URL is rejected for Secrets Manager",
            secret(),
            &[("AWS_ENDPOINT_URL", "http://secrets.invalid")],
            &[],
            PLAINTEXT,
        ),
        row(
            "unencrypted AWS_ENDPOINT_URL_SECRETS_MANAGER is rejected",
            secret(),
            &[
                ("AWS_ENDPOINT_URL", "{server}"),
                ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://secrets.invalid"),
            ],
            &[],
            PLAINTEXT,
        ),
        row(
            "unencrypted endpoint_url in the profile is rejected",
            profile(),
            &[],
            PLAIN_PROFILE,
            PLAINTEXT,
        ),
        row(
            "unencrypted AWS_ENDPOINT_URL is allowed for ECS",
            json!({ "region": "eu-central-1", "access_key": "AKIABLOCK" }),
            &[("AWS_ENDPOINT_URL", "http://secrets.invalid")],
            &[],
            signed("AKIABLOCK"),
        ),
    ]
}

fn retries() -> Vec<Row> {
    let by_environment = || json!({ "region": "eu-central-1", "retries": "environment" });
    const WILD_PROFILE: Pairs = &[(".aws/config", "[default]\nretry_mode = wild\n")];
    vec![
        row(
            "invalid AWS_MAX_ATTEMPTS is an error",
            by_environment(),
            &[("AWS_MAX_ATTEMPTS", "0")],
            &[],
            Expected::Error(&[
                "AWS_MAX_ATTEMPTS has the invalid value \"0\"",
                "greater than or equal to 1",
            ]),
        ),
        row(
            "invalid AWS_RETRY_MODE is an error",
            by_environment(),
            &[("AWS_RETRY_MODE", "wild")],
            &[],
            Expected::Error(&[
                "AWS_RETRY_MODE has the invalid value \"wild\"",
                "standard or adaptive",
            ]),
        ),
        row(
            "invalid retry_mode in the profile is an error",
            by_environment(),
            &[],
            WILD_PROFILE,
            Expected::Error(&["retry_mode in the profile", "standard or adaptive"]),
        ),
    ]
}
