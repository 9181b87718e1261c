//! A client of the Kubernetes API: server-side apply, reads, and deletion. Must not depend on a kind of object.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use camino::{Utf8Path, Utf8PathBuf};
use http_body_util::{BodyExt as _, Full};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::poll::poll;

/// Media type of a server-side apply. JSON is valid YAML.
const APPLY: &str = "application/apply-patch+yaml";
/// Media type of a merge patch (RFC 7386).
const MERGE: &str = "application/merge-patch+json";
/// Timeout for one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Timeout until the API server serves a new custom resource, and until controllers have reacted to a change.
const REACTION_TIMEOUT: Duration = Duration::from_secs(120);
/// Owner of the fields that the client sets.
const FIELD_MANAGER: &str = "tfharness";

/// Error of a request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The API server refused the request.
    #[error("{method} {path} failed with {code} {reason}: {message}")]
    Refused {
        /// HTTP method.
        method: String,
        /// Path of the request.
        path: String,
        /// Status code.
        code: u16,
        /// Reason, such as `Invalid` or `Forbidden`.
        reason: String,
        /// Message from the API server.
        message: String,
    },
    /// The API server did not respond.
    #[error("{method} {path} did not return a response")]
    Unanswered {
        /// HTTP method.
        method: String,
        /// Path of the request.
        path: String,
        /// Cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The API server does not serve a kind.
    #[error("the API server does not serve {kind} in {api_version}")]
    UnknownKind {
        /// API group and version.
        api_version: String,
        /// Kind.
        kind: String,
    },
    /// An object has no API version, kind, or name.
    #[error("an object requires apiVersion, kind, and metadata.name: {0}")]
    NoIdentity(String),
    /// The client cannot be created.
    #[error("the client cannot be created")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A file cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: Utf8PathBuf,
        /// Operating system error.
        #[source]
        source: io::Error,
    },
    /// A condition was not met in time.
    #[error("{0} in {seconds} s", seconds = REACTION_TIMEOUT.as_secs())]
    Timeout(String),
}

impl ApiError {
    /// Returns the reason if the API server refused the request.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

/// Identity of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// API group and version, such as `apps/v1`.
    pub api_version: String,
    /// Kind, such as `Deployment`.
    pub kind: String,
    /// Namespace of an object in a namespace.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl Reference {
    /// Returns the identity of an object.
    ///
    /// # Errors
    /// Returns an error if the object has no API version, kind, or name.
    pub fn of(object: &Value) -> Result<Self, ApiError> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let metadata = &object["metadata"];
        let parts = (
            text(&object["apiVersion"]),
            text(&object["kind"]),
            text(&metadata["name"]),
        );
        let (Some(api_version), Some(kind), Some(name)) = parts else {
            return Err(ApiError::NoIdentity(object.to_string()));
        };
        let namespace = text(&metadata["namespace"]);
        Ok(Self {
            api_version,
            kind,
            namespace,
            name,
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let namespace = self.namespace.as_deref().unwrap_or_default();
        write!(f, "{} {namespace}/{}", self.kind, self.name)
    }
}

/// A resource in the discovery document of an API version.
#[derive(Clone, Debug)]
struct Served {
    plural: String,
    kind: String,
    namespaced: bool,
    listable: bool,
}

/// A client of one API server. It accepts only the certificate of this server.
pub struct Client {
    address: SocketAddr,
    token: String,
    runtime: Runtime,
    http: hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    served: Mutex<BTreeMap<String, Vec<Served>>>,
}

impl Client {
    pub(super) fn new(
        address: SocketAddr,
        certificate: &CertificateDer<'static>,
        token: &str,
    ) -> Result<Self, ApiError> {
        let mut roots = rustls::RootCertStore::empty();
        let added = roots.add(certificate.clone());
        added.map_err(|error| ApiError::Client(error.into()))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ApiError::Client(error.into()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_only()
            .enable_http1()
            .build();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| ApiError::Client(error.into()))?;
        Ok(Self {
            address,
            token: token.to_owned(),
            runtime,
            http: hyper_util::client::legacy::Client::builder(TokioExecutor::new())
                .build(connector),
            served: Mutex::default(),
        })
    }

    /// Returns the URL of the API server.
    #[must_use]
    pub fn server(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Returns whether the API server reports that it is ready.
    pub(super) fn is_ready(&self) -> bool {
        self.text(&Method::GET, "/readyz", None)
            .is_ok_and(|(status, text)| status.is_success() && text == "ok")
    }

    /// Returns the document at a path, or `None` if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the API server does not respond, or refuses the request.
    pub fn get(&self, path: &str) -> Result<Option<Value>, ApiError> {
        match self.send(&Method::GET, path, None) {
            Ok(found) => Ok(Some(found)),
            Err(ApiError::Refused { code: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns an object, or `None` if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the API server does not serve the kind.
    pub fn read(&self, object: &Reference) -> Result<Option<Value>, ApiError> {
        self.get(&self.path(object)?)
    }

    /// Returns the objects of a kind in a namespace.
    ///
    /// # Errors
    /// Returns an error if the API server does not serve the kind.
    pub fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
    ) -> Result<Vec<Value>, ApiError> {
        let served = self.served(api_version, kind)?;
        let path = format!(
            "{}/namespaces/{namespace}/{}",
            root(api_version),
            served.plural
        );
        Ok(items(self.send(&Method::GET, &path, None)?))
    }

    /// Applies an object on the server, and returns the result. Fails if another client owns a field with another value.
    ///
    /// # Errors
    /// Returns an error if the API server refuses the object.
    pub fn apply(&self, object: &Value) -> Result<Value, ApiError> {
        self.apply_with(object, "")
    }

    /// Applies an object like [`Client::apply`], but does not store the result.
    ///
    /// # Errors
    /// Returns an error if the API server refuses the object.
    pub fn dry_run(&self, object: &Value) -> Result<Value, ApiError> {
        self.apply_with(object, "&dryRun=All")
    }

    fn apply_with(&self, object: &Value, options: &str) -> Result<Value, ApiError> {
        let path = self.path(&Reference::of(object)?)?;
        self.apply_text(&path, options, object.to_string())
    }

    fn apply_text(&self, path: &str, options: &str, text: String) -> Result<Value, ApiError> {
        let path = format!("{path}?fieldManager={FIELD_MANAGER}&fieldValidation=Strict{options}");
        self.send(&Method::PATCH, &path, Some((APPLY, text)))
    }

    /// Merges a status into an object, as its controller does, and returns the result.
    ///
    /// # Errors
    /// Returns an error if the API server refuses the status.
    pub fn set_status(&self, object: &Reference, status: &Value) -> Result<Value, ApiError> {
        let path = format!("{}/status", self.path(object)?);
        let body = serde_json::json!({ "status": status }).to_string();
        self.send(&Method::PATCH, &path, Some((MERGE, body)))
    }

    /// Requests the deletion of an object and its dependents.
    ///
    /// # Errors
    /// Returns an error if the object does not exist.
    pub fn delete(&self, object: &Reference) -> Result<(), ApiError> {
        let path = format!("{}?propagationPolicy=Background", self.path(object)?);
        self.send(&Method::DELETE, &path, None).map(drop)
    }

    /// Returns every object in a namespace, of every kind that the API server serves and lists.
    ///
    /// # Errors
    /// Returns an error if the API server refuses a request.
    pub fn objects_in(&self, namespace: &str) -> Result<Vec<Reference>, ApiError> {
        let groups = self.send(&Method::GET, "/apis", None)?;
        let groups = groups["groups"].as_array().cloned().unwrap_or_default();
        let versions = groups
            .iter()
            .filter_map(|group| group["versions"].as_array());
        let versions = versions
            .flatten()
            .filter_map(|version| version["groupVersion"].as_str());
        let mut found = Vec::new();
        for api_version in std::iter::once("v1").chain(versions) {
            for served in self.discover(api_version)? {
                if !served.namespaced || !served.listable {
                    continue;
                }
                for mut object in self.list(api_version, &served.kind, namespace)? {
                    object["apiVersion"] = api_version.into();
                    object["kind"] = served.kind.clone().into();
                    found.push(Reference::of(&object)?);
                }
            }
        }
        Ok(found)
    }

    /// Waits until `found` returns a value.
    ///
    /// # Errors
    /// Returns an error if `found` returns an error, or does not return a value in time. `what` describes the missing
    /// condition, such as `the quota has no status`.
    pub fn wait<T>(
        &self,
        what: &str,
        mut found: impl FnMut(&Self) -> Result<Option<T>, ApiError>,
    ) -> Result<T, ApiError> {
        let mut result = None;
        poll(Instant::now() + REACTION_TIMEOUT, || {
            result = found(self).transpose();
            result.is_some().then_some(true)
        });
        result.unwrap_or_else(|| Err(ApiError::Timeout(what.to_owned())))
    }

    /// Applies the custom resource definitions in a folder, and waits until the API server serves them.
    pub(super) fn install(&self, definitions: &Utf8Path) -> Result<(), ApiError> {
        let failed = |path: &Utf8Path| {
            let path = path.to_owned();
            move |source| ApiError::File { path, source }
        };
        let mut paths = Vec::new();
        for file in definitions.read_dir_utf8().map_err(failed(definitions))? {
            let file = file.map_err(failed(definitions))?;
            let stem = file.path().file_stem().unwrap_or_default();
            let (group, plural) = stem.split_once('_').unwrap_or_default();
            let path =
                format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.{group}");
            let text = std::fs::read_to_string(file.path()).map_err(failed(file.path()))?;
            self.apply_text(&path, "", text)?;
            paths.push(path);
        }
        paths
            .iter()
            .try_for_each(|path| self.wait_until_served(path))
    }

    /// Waits until the API server serves every version of a custom resource.
    fn wait_until_served(&self, path: &str) -> Result<(), ApiError> {
        let what = format!("{path} is not served");
        let lists = self.wait(&what, |client| {
            let definition = client.get(path)?.unwrap_or_default();
            let conditions = definition["status"]["conditions"].as_array();
            let established = conditions.into_iter().flatten().any(|condition| {
                condition["type"] == "Established" && condition["status"] == "True"
            });
            Ok(established.then(|| lists(&definition["spec"])))
        })?;
        lists.iter().try_for_each(|list| {
            // Until the storage of a new resource is initialized, the status is 429.
            self.wait(&what, |client| match client.get(list) {
                Err(ApiError::Refused { code: 429, .. }) => Ok(None),
                answer => answer,
            })
            .map(drop)
        })
    }

    /// Returns the path of an object.
    fn path(&self, object: &Reference) -> Result<String, ApiError> {
        let served = self.served(&object.api_version, &object.kind)?;
        let namespace = match &object.namespace {
            Some(namespace) if served.namespaced => format!("/namespaces/{namespace}"),
            None if served.namespaced => "/namespaces/default".to_owned(),
            _ => String::new(),
        };
        let (root, plural, name) = (root(&object.api_version), &served.plural, &object.name);
        Ok(format!("{root}{namespace}/{plural}/{name}"))
    }

    fn served(&self, api_version: &str, kind: &str) -> Result<Served, ApiError> {
        let served = self.discover(api_version)?;
        let found = served.into_iter().find(|one| one.kind == kind);
        found.ok_or_else(|| ApiError::UnknownKind {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
        })
    }

    /// Returns the resources of an API version. The set of resources does not change after the start.
    fn discover(&self, api_version: &str) -> Result<Vec<Served>, ApiError> {
        let known = |served: &Mutex<BTreeMap<String, Vec<Served>>>| {
            let served = served.lock().unwrap_or_else(PoisonError::into_inner);
            served.get(api_version).cloned()
        };
        if let Some(served) = known(&self.served) {
            return Ok(served);
        }
        let document = self.get(&root(api_version))?.unwrap_or_default();
        let resources = document["resources"].as_array().into_iter().flatten();
        let served: Vec<_> = resources.filter_map(served_resource).collect();
        let mut all = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(api_version.to_owned(), served.clone());
        Ok(served)
    }

    fn send(
        &self,
        method: &Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Result<Value, ApiError> {
        let (status, text) = self.text(method, path, body)?;
        let document: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status.is_success() {
            return Ok(document);
        }
        let field = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        Err(ApiError::Refused {
            method: method.to_string(),
            path: path.to_owned(),
            code: status.as_u16(),
            reason: field("reason"),
            message: match document.as_str() {
                Some(text) => text.to_owned(),
                None => field("message"),
            },
        })
    }

    fn text(
        &self,
        method: &Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Result<(StatusCode, String), ApiError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| ApiError::Unanswered {
            method: method.to_string(),
            path: path.to_owned(),
            source,
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server()))
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, format!("Bearer {}", self.token));
        let (media_type, text) = body.unzip();
        if let Some(media_type) = media_type {
            request = request.header(CONTENT_TYPE, media_type);
        }
        let request = request.body(Full::from(text.unwrap_or_default()));
        let request = request.map_err(|error| failed(error.into()))?;
        let response = async {
            let (parts, body) = self.http.request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok((parts.status, String::from_utf8(body.to_vec())?))
        };
        let limited = async { tokio::time::timeout(REQUEST_TIMEOUT, response).await };
        match self.runtime.block_on(limited) {
            Ok(answer) => answer.map_err(failed),
            Err(elapsed) => Err(failed(elapsed.into())),
        }
    }
}

/// Returns the path of an API version.
fn root(api_version: &str) -> String {
    match api_version.contains('/') {
        true => format!("/apis/{api_version}"),
        false => format!("/api/{api_version}"),
    }
}

/// Reads a resource in a discovery document. Returns `None` for a subresource.
fn served_resource(resource: &Value) -> Option<Served> {
    let plural = resource["name"].as_str()?;
    let verbs = resource["verbs"].as_array()?;
    (!plural.contains('/')).then(|| Served {
        plural: plural.to_owned(),
        kind: resource["kind"].as_str().unwrap_or_default().to_owned(),
        namespaced: resource["namespaced"] == true,
        listable: verbs.iter().any(|verb| verb == "list"),
    })
}

/// Returns the paths of the lists of a custom resource, one for each version.
fn lists(definition: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (group, plural) = (
        text(&definition["group"]),
        text(&definition["names"]["plural"]),
    );
    let versions = definition["versions"].as_array().into_iter().flatten();
    let served = versions.filter(|version| version["served"] == true);
    served
        .map(|version| format!("/apis/{group}/{}/{plural}", text(&version["name"])))
        .collect()
}

fn items(mut list: Value) -> Vec<Value> {
    match list["items"].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}
