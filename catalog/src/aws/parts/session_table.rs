//! A DynamoDB table for sessions: on-demand capacity, expiry of old sessions, point-in-time recovery, and encryption.

use aws_blocks as aws;
use tfmodgen::prelude::*;

use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::inputs::{deletion_protection, kms_key_arn, prefix, tags};

/// Partition key of the table.
const KEY: &str = "session_id";
/// Attribute with the time in epoch seconds after which DynamoDB deletes a session.
const EXPIRY: &str = "expires_at";

/// Returns the part.
pub(crate) fn session_table(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "session-table",
        "A DynamoDB table for sessions, which expire after the time in an attribute.",
    );
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);

    let table = m.resource(
        aws::DynamodbTable::new("this", own.with("-sessions"))
            .billing_mode("PAY_PER_REQUEST")
            .hash_key(KEY)
            .deletion_protection_enabled(&inputs.deletion_protection)
            .tags(own.tagged("-sessions"))
            .attribute(aws::DynamodbTableAttribute::new(KEY, "S"))
            .ttl(
                aws::DynamodbTableTtl::new()
                    .attribute_name(EXPIRY)
                    .enabled(true),
            )
            .point_in_time_recovery(aws::DynamodbTablePointInTimeRecovery::new(true))
            .server_side_encryption(
                aws::DynamodbTableServerSideEncryption::new(true).kms_key_arn(&inputs.kms_key_arn),
            ),
    );
    m.scenario("table_belongs_to_the_prefix", |plan| {
        plan.expect(
            table.name().equals(to.named("-sessions")),
            "The name must contain the prefix.",
        )
    });
    let outputs = Outputs {
        table_name: output(table.name()),
        table_arn: output(table.arn()),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the table.
    pub(crate) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        required kms_key_arn: Str = kms_key_arn(input, to),
        optional deletion_protection: Bool = deletion_protection(input, to),
    }
}

tfmodgen::outputs! {
    /// Outputs of the table.
    pub(crate) struct Outputs {
        /// Name of the table. The partition key is `session_id`, and sessions expire at `expires_at` (epoch seconds).
        table_name: Str,
        /// ARN of the table.
        table_arn: Str,
    }
}
