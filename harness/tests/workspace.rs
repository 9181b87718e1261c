//! A real command line with the real AWS provider in a workspace against the local AWS.

use std::error::Error;

use serde_json::json;
use tfharness::{Cli, LocalAws, Workspace};

type Tested = Result<(), Box<dyn Error>>;

const CLUSTER: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "name" { type = string }

resource "aws_ecs_cluster" "this" { name = var.name }

resource "aws_cloudwatch_log_group" "this" { name = "/ecs/${var.name}" }

output "cluster_arn" { value = aws_ecs_cluster.this.arn }
"#;

#[test]
fn a_stack_applies_settles_and_leaves_nothing_under_every_command_line() -> Tested {
    for cli in Cli::all()? {
        let aws = LocalAws::account()?;
        let stack = Workspace::inline(CLUSTER)
            .var("name", "web")
            .cli(&cli)
            .aws(&aws)
            .apply()?;

        let arn: String = stack.output("cluster_arn")?;
        assert_eq!(
            arn,
            format!("arn:aws:ecs:us-east-1:{}:cluster/web", aws.id()),
            "{cli}"
        );
        let clusters = aws.call("ecs", "DescribeClusters", json!({ "clusters": ["web"] }))?;
        assert_eq!(clusters["clusters"][0]["status"], "ACTIVE");
        assert_eq!(aws.count("ecs", "CreateCluster"), 1);
        let left = aws.expect_empty().unwrap_err().to_string();
        assert!(
            left.contains("cluster/web") && left.contains("log group /ecs/web"),
            "{left}"
        );

        let directory = stack.directory().to_owned();
        stack.destroy()?;
        aws.expect_empty()?;
        drop(stack);
        assert!(!directory.exists(), "{directory} is left");
    }
    Ok(())
}
