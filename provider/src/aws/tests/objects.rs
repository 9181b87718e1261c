//! In-memory S3 with the documented semantics of conditional writes, versions, and bucket owners.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tfplugin::Diagnostics;

use super::script::{Script, View};
use crate::aws::objects::{
    Condition, ListedObject, NewObject, Object, ObjectLocation, ObjectProperties, ObjectStore,
    ObjectStores, Written,
};
use crate::aws::{AwsError, Identity};

/// Region and account of the connection.
const LOCATION: (&str, &str) = ("eu-central-1", "123456789012");

/// An object in a bucket, with the tags of its last write.
#[derive(Clone)]
struct Stored {
    object: Object,
    tags: BTreeMap<String, String>,
}

#[derive(Default)]
struct Bucket {
    owner: String,
    region: String,
    versioning: bool,
    denied: bool,
    objects: BTreeMap<String, Stored>,
    /// Objects before the last write.
    previous: BTreeMap<String, Stored>,
}

#[derive(Default)]
struct Contents {
    buckets: BTreeMap<String, Bucket>,
    writes: u64,
    unknown: bool,
    pauses: Vec<Duration>,
}

/// The buckets of an account. All clones share the same content.
#[derive(Clone, Default)]
pub(crate) struct InMemoryObjects {
    contents: Arc<Mutex<Contents>>,
    script: Script,
}

impl InMemoryObjects {
    /// Creates a service whose calls a script records.
    pub(crate) fn with_script(script: Script) -> Self {
        Self {
            script,
            ..Self::default()
        }
    }

    /// Creates a bucket with versioning in the region and the account of the connection.
    pub(crate) fn create_bucket(&self, name: &str) {
        let (region, owner) = LOCATION;
        let bucket = Bucket {
            owner: owner.to_owned(),
            region: region.to_owned(),
            versioning: true,
            ..Bucket::default()
        };
        let mut contents = self.contents.lock().unwrap();
        contents.buckets.insert(name.to_owned(), bucket);
    }

    /// Moves a bucket to another region and account.
    pub(crate) fn move_bucket(&self, name: &str, region: &str, owner: &str) {
        let mut contents = self.contents.lock().unwrap();
        let bucket = contents.buckets.get_mut(name).expect("the bucket exists");
        region.clone_into(&mut bucket.region);
        owner.clone_into(&mut bucket.owner);
    }

    /// Denies all calls for a bucket, or allows them again.
    pub(crate) fn deny(&self, name: &str, denied: bool) {
        let mut contents = self.contents.lock().unwrap();
        let bucket = contents.buckets.get_mut(name).expect("the bucket exists");
        bucket.denied = denied;
    }

    /// Deletes a bucket with its objects.
    pub(crate) fn delete_bucket(&self, name: &str) {
        self.contents.lock().unwrap().buckets.remove(name);
    }

    /// Returns the content of an object, without a call.
    pub(crate) fn content(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        let contents = self.contents.lock().unwrap();
        let stored = contents.buckets.get(bucket)?.objects.get(key)?;
        Some(stored.object.body.clone())
    }

    /// Returns the tags of an object, without a call.
    pub(crate) fn tags(&self, bucket: &str, key: &str) -> Option<BTreeMap<String, String>> {
        let contents = self.contents.lock().unwrap();
        let stored = contents.buckets.get(bucket)?.objects.get(key)?;
        Some(stored.tags.clone())
    }

    /// Writes an object as another process, without a call.
    pub(crate) fn overwrite(&self, bucket: &str, key: &str, body: &[u8]) {
        let location = ObjectLocation {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            expected_bucket_owner: None,
        };
        let object = NewObject {
            location: &location,
            body,
            content_type: "application/octet-stream",
            cache_control: None,
            tags: &BTreeMap::new(),
            condition: Condition::None,
        };
        let written = self.contents.lock().unwrap().write(&object);
        written.expect("the bucket can be written");
    }

    /// Sets whether the provider configuration is unknown.
    pub(crate) fn set_unknown(&self, unknown: bool) {
        self.contents.lock().unwrap().unknown = unknown;
    }

    /// Returns all pauses between attempts.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.contents.lock().unwrap().pauses.clone()
    }

    /// Returns the script that records the calls.
    pub(crate) fn script(&self) -> Script {
        self.script.clone()
    }

    async fn read<T>(
        &self,
        action: &'static str,
        location: &ObjectLocation,
        effect: impl FnOnce(&BTreeMap<String, Stored>) -> T + Send,
    ) -> Result<T, AwsError> {
        let run = |view| {
            let mut contents = self.contents.lock().unwrap();
            let bucket = contents.bucket(action, location)?;
            Ok(effect(match view {
                View::Current => &bucket.objects,
                View::Previous => &bucket.previous,
            }))
        };
        self.script.call(action, run).await
    }
}

impl Contents {
    fn bucket(
        &mut self,
        action: &'static str,
        location: &ObjectLocation,
    ) -> Result<&mut Bucket, AwsError> {
        let refuse = |code: &str, message: &str| Err(AwsError::service(action, code, message));
        let Some(bucket) = self.buckets.get_mut(&location.bucket) else {
            return refuse("NoSuchBucket", "The specified bucket does not exist");
        };
        if bucket.region != LOCATION.0 {
            let message = format!("the bucket is in region {}", bucket.region);
            return refuse("PermanentRedirect", &message);
        }
        let expected = location.expected_bucket_owner.as_ref();
        if bucket.denied || expected.is_some_and(|owner| *owner != bucket.owner) {
            return refuse("AccessDenied", "Access Denied");
        }
        Ok(bucket)
    }

    /// Writes an object if its condition is met (`PutObject`, `If-Match` and `If-None-Match`).
    fn write(&mut self, object: &NewObject<'_>) -> Result<Written, AwsError> {
        const ACTION: &str = "s3:PutObject";
        self.writes += 1;
        let number = self.writes;
        let bucket = self.bucket(ACTION, object.location)?;
        let key = &object.location.key;
        let existing = bucket.objects.get(key);
        let refusal = match (object.condition, existing) {
            (Condition::Absent, Some(_)) => Some("PreconditionFailed"),
            (Condition::Matches(_), None) => Some("NoSuchKey"),
            (Condition::Matches(etag), Some(stored)) if stored.object.properties.etag != etag => {
                Some("PreconditionFailed")
            }
            _ => None,
        };
        if let Some(code) = refusal {
            let message = "At least one of the pre-conditions you specified did not hold";
            return Err(AwsError::service(ACTION, code, message));
        }
        let written = Written {
            etag: etag(object.body),
            version_id: bucket.versioning.then(|| format!("version-{number}")),
        };
        let properties = ObjectProperties {
            etag: written.etag.clone(),
            version_id: written.version_id.clone(),
            content_type: Some(object.content_type.to_owned()),
            cache_control: object.cache_control.map(str::to_owned),
            size: object.body.len() as u64,
        };
        let stored = Stored {
            object: Object {
                body: object.body.to_vec(),
                properties,
            },
            tags: object.tags.clone(),
        };
        bucket.previous = bucket.objects.clone();
        bucket.objects.insert(key.clone(), stored);
        Ok(written)
    }
}

/// Returns an `ETag` that depends only on the content, like the MD5 digest that S3 returns for most objects.
fn etag(body: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
    let hexadecimal: String = digest.as_ref()[..16]
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    format!("\"{hexadecimal}\"")
}

impl ObjectStores for InMemoryObjects {
    type Objects = Self;

    async fn open_objects_if_known(&self) -> Result<Option<Self>, Diagnostics> {
        let unknown = self.contents.lock().unwrap().unknown;
        Ok((!unknown).then(|| self.clone()))
    }

    async fn open_objects(&self) -> Result<Self, Diagnostics> {
        Ok(self.clone())
    }
}

impl ObjectStore for InMemoryObjects {
    async fn get(&self, location: &ObjectLocation) -> Result<Option<Object>, AwsError> {
        self.read("s3:GetObject", location, |objects| {
            objects
                .get(&location.key)
                .map(|stored| stored.object.clone())
        })
        .await
    }

    async fn head(&self, location: &ObjectLocation) -> Result<Option<ObjectProperties>, AwsError> {
        let found = self.read("s3:HeadObject", location, |objects| {
            let stored = objects.get(&location.key);
            stored.map(|stored| stored.object.properties.clone())
        });
        match found.await {
            // The response to a HEAD request has no body that would contain the code.
            Err(error) if error.is("NoSuchBucket") => Ok(None),
            found => found,
        }
    }

    async fn put(&self, object: NewObject<'_>) -> Result<Written, AwsError> {
        let write = |_| self.contents.lock().unwrap().write(&object);
        self.script.call("s3:PutObject", write).await
    }

    async fn list(&self, prefix: &ObjectLocation) -> Result<Vec<ListedObject>, AwsError> {
        self.read("s3:ListObjectsV2", prefix, |objects| {
            let matching = objects
                .iter()
                .filter(|(key, _)| key.starts_with(&prefix.key));
            let listed = matching.map(|(key, stored)| ListedObject {
                key: key.clone(),
                etag: stored.object.properties.etag.clone(),
                size: stored.object.properties.size,
                last_modified: None,
            });
            listed.collect()
        })
        .await
    }

    async fn delete(&self, location: &ObjectLocation) -> Result<(), AwsError> {
        const ACTION: &str = "s3:DeleteObject";
        let delete = |_| {
            let mut contents = self.contents.lock().unwrap();
            let bucket = contents.bucket(ACTION, location)?;
            bucket.previous = bucket.objects.clone();
            bucket.objects.remove(&location.key);
            Ok(())
        };
        self.script.call(ACTION, delete).await
    }

    fn identity(&self) -> Arc<Identity> {
        let (region, account) = LOCATION;
        Arc::new(Identity::known(region, Some(account)))
    }

    async fn pause(&self, duration: Duration) {
        self.contents.lock().unwrap().pauses.push(duration);
    }
}
