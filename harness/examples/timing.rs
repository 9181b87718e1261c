fn main() -> Result<(), Box<dyn std::error::Error>> {
    let t = std::time::Instant::now();
    let aws = tfharness::LocalAws::account()?;
    println!("aws {:?}", t.elapsed());
    for cli in tfharness::Cli::all()? {
        let s = tfharness::Workspace::inline(
            r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
resource "aws_ecs_cluster" "this" { name = "x" }
resource "aws_cloudwatch_log_group" "this" { name = "x" }
"#,
        )
        .cli(&cli)
        .aws(&aws)
        .open()?;
        println!("open {:?}", t.elapsed());
        s.init()?;
        println!("init {:?}", t.elapsed());
        let f = s.apply_once()?;
        println!("apply {:?}", t.elapsed());
        println!(
            "{}",
            f.stdout
                .lines()
                .filter(|l| l.contains("complete"))
                .collect::<Vec<_>>()
                .join("\n")
        );
        s.expect_settled()?;
        println!("plan {:?}", t.elapsed());
        s.destroy()?;
        println!("destroy {:?}", t.elapsed());
    }
    for c in aws.journal() {
        println!(
            "{} {} {:?} {:?} {:?}",
            c.service, c.action, c.status, c.duration, c.agent
        );
    }
    Ok(())
}
