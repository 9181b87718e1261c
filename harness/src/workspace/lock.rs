//! The dependency lock file that `init` writes (Terraform documentation, "Dependency Lock File"). Must not change the
//! locked versions.

use std::fs;
use std::io::ErrorKind;

use camino::Utf8Path;

use super::Error;

/// Name of the lock file in the root module.
const NAME: &str = ".terraform.lock.hcl";

/// Removes the checksums from the lock file in a root module. The CLI then does not verify installed providers.
pub(super) fn remove_checksums(root: &Utf8Path) -> Result<(), Error> {
    let path = root.join(NAME);
    match fs::read_to_string(&path) {
        Ok(text) => fs::write(&path, without_checksums(&text)).map_err(Error::io("write", &path)),
        // If no provider is required, the file does not exist.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("read", &path)(error)),
    }
}

/// The file has a fixed layout: the list starts at its name, and the last line contains only the bracket.
fn without_checksums(text: &str) -> String {
    let mut inside = false;
    let kept = text.lines().filter(|line| {
        inside |= line.trim_start().starts_with("hashes ");
        let keep = !inside;
        inside &= line.trim() != "]";
        keep
    });
    kept.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_versions_are_preserved() {
        let locked = r#"# Maintained by the CLI.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = ">= 5.100.0"
  hashes = [
    "h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",
  ]
}

provider "registry.terraform.io/skreg/skreg" {
  version = "0.1.0"
  hashes = [
    "h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",
  ]
}
"#;
        let expected = r#"# Maintained by the CLI.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = ">= 5.100.0"
}

provider "registry.terraform.io/skreg/skreg" {
  version = "0.1.0"
}
"#;
        assert_eq!(without_checksums(locked), expected);
    }
}
