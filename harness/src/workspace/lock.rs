//! The dependency lock file that `init` writes (Terraform documentation, "Dependency Lock File"). Must not change which
//! versions are locked.

use std::fs;
use std::io::ErrorKind;

use camino::Utf8Path;

use super::Error;

/// The file, in the root module.
const NAME: &str = ".terraform.lock.hcl";

/// Takes the checksums out of the file in this root module. Without them a command line uses what is installed as it is.
pub(super) fn forget_checksums(root: &Utf8Path) -> Result<(), Error> {
    let path = root.join(NAME);
    match fs::read_to_string(&path) {
        Ok(text) => fs::write(&path, without_checksums(&text)).map_err(Error::io("write", &path)),
        // Nothing is locked where no provider is needed.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("read", &path)(error)),
    }
}

/// The file is always written in one layout: the list begins at its name, and its last line is the bracket.
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
    fn versions_are_kept() {
        let locked = r#"# Maintained by the command line.

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
        let expected = r#"# Maintained by the command line.

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
