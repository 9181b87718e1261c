//! Objects that the double has created: one JSON file per object, `TYPE/KEY.json`.
//!
//! Files are created and replaced atomically, because several processes of a run use the directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

/// Length limit for the name of a file. File systems allow 255 bytes.
const NAME_LIMIT: usize = 200;

/// Reason that prevents an object from being read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ObjectError {
    /// The file cannot be read, written, or deleted.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        #[source]
        source: io::Error,
    },
    /// The file does not contain JSON.
    #[error("{} does not contain a JSON object: {source}. Correct or delete the file", path.display())]
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        #[source]
        source: serde_json::Error,
    },
}

/// Directory of objects.
pub(crate) struct Objects(PathBuf);

impl Objects {
    /// Returns the objects in a directory, which is created with the first object.
    pub(crate) fn at(directory: PathBuf) -> Self {
        Self(directory)
    }

    /// Returns the path of the file of an object.
    pub(crate) fn path(&self, type_name: &str, key: &str) -> PathBuf {
        self.0
            .join(type_name)
            .join(format!("{}.json", file_name(key)))
    }

    /// Reads an object. Returns `None` if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or if it is damaged.
    pub(crate) fn get(&self, type_name: &str, key: &str) -> Result<Option<Json>, ObjectError> {
        let path = self.path(type_name, key);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ObjectError::File { path, source }),
            Ok(text) => text,
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|source| ObjectError::Damaged { path, source })
    }

    /// Creates an object. Returns whether it was created: an object with the key might exist.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(crate) fn create(
        &self,
        type_name: &str,
        key: &str,
        object: &Json,
    ) -> Result<bool, ObjectError> {
        let path = self.path(type_name, key);
        let written = self.write(&path, object)?;
        // A hard link fails if its path exists, unlike a rename.
        let linked = fs::hard_link(&written, &path);
        let removed = fs::remove_file(&written);
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            linked => {
                linked
                    .and(removed)
                    .map_err(|source| ObjectError::File { path, source })?;
                Ok(true)
            }
        }
    }

    /// Replaces an object.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(crate) fn replace(
        &self,
        type_name: &str,
        key: &str,
        object: &Json,
    ) -> Result<(), ObjectError> {
        let path = self.path(type_name, key);
        let written = self.write(&path, object)?;
        fs::rename(&written, &path).map_err(|source| ObjectError::File { path, source })
    }

    /// Deletes an object. Succeeds if the object does not exist.
    ///
    /// # Errors
    /// Returns an error if the file cannot be deleted.
    pub(crate) fn delete(&self, type_name: &str, key: &str) -> Result<(), ObjectError> {
        let path = self.path(type_name, key);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ObjectError::File {
                path,
                source: error,
            }),
            _ => Ok(()),
        }
    }

    /// Writes an object to a new file in the directory of a path, and returns the new path.
    fn write(&self, path: &Path, object: &Json) -> Result<PathBuf, ObjectError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = path.parent().unwrap_or(&self.0);
        let new = directory.join(format!("new-{}-{number}", std::process::id()));
        let failed = |source| ObjectError::File {
            path: new.clone(),
            source,
        };
        fs::create_dir_all(directory).map_err(failed)?;
        fs::write(&new, format!("{object:#}\n")).map_err(failed)?;
        Ok(new)
    }
}

/// Returns a file name for a key. Bytes that a file name cannot contain are percent-encoded (RFC 3986, section 2.1).
fn file_name(key: &str) -> String {
    let encoded: String = key
        .bytes()
        .enumerate()
        .map(|(index, byte)| match byte {
            b'.' if index == 0 => "%2E".to_owned(),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    if encoded.len() <= NAME_LIMIT {
        return encoded;
    }
    let digest = Sha256::digest(key.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{digest}", &encoded[..NAME_LIMIT - 70])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_created_once_and_deleted_once() {
        let directory = tempfile::tempdir().unwrap();
        let objects = Objects::at(directory.path().join("aws"));
        assert!(objects.create("aws_vpc", "a/b", &json!({"n": 1})).unwrap());
        assert!(!objects.create("aws_vpc", "a/b", &json!({"n": 2})).unwrap());
        assert_eq!(
            objects.get("aws_vpc", "a/b").unwrap(),
            Some(json!({"n": 1}))
        );
        objects.replace("aws_vpc", "a/b", &json!({"n": 3})).unwrap();
        assert_eq!(
            objects.get("aws_vpc", "a/b").unwrap(),
            Some(json!({"n": 3}))
        );
        let files = fs::read_dir(directory.path().join("aws/aws_vpc")).unwrap();
        assert_eq!(files.count(), 1, "temporary files must not remain");
        objects.delete("aws_vpc", "a/b").unwrap();
        objects.delete("aws_vpc", "a/b").unwrap();
        assert_eq!(objects.get("aws_vpc", "a/b").unwrap(), None);
    }

    #[test]
    fn a_key_cannot_leave_the_directory() {
        for key in ["../x", "/etc/passwd", "..", ".", ""] {
            let name = file_name(key);
            assert!(!name.contains('/') && !name.starts_with('.'), "{name}");
        }
        let long = "a/".repeat(500);
        assert!(file_name(&long).len() < 255);
        assert_ne!(file_name(&long), file_name(&format!("{long}b")));
    }

    #[test]
    fn a_damaged_object_is_reported_with_its_path() {
        let directory = tempfile::tempdir().unwrap();
        let objects = Objects::at(directory.path().to_owned());
        let path = objects.path("t", "k");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "{").unwrap();
        let error = objects.get("t", "k").unwrap_err().to_string();
        assert!(
            error.contains("k.json") && error.contains("delete the file"),
            "{error}"
        );
    }
}
