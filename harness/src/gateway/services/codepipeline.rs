//! CodePipeline: pipelines and their tags. No execution starts.
//!
//! Follows the CodePipeline API Reference, pages CreatePipeline, GetPipeline, UpdatePipeline, DeletePipeline,
//! ListPipelines, TagResource, and UntagResource.

mod structure;

use serde_json::{Value, json};

use super::super::request::Request;
use super::codeconnections::retagged;
use super::stored::Stored;
use super::{Backend, Failure, Outcome, chosen, entries, now, refuse, text, trust, undefined};

/// Objects of the service.
#[derive(Default)]
pub(super) struct CodePipeline {
    /// Pipelines by name.
    pipelines: Stored,
}

impl CodePipeline {
    pub(super) async fn respond(&self, request: &Request, backend: &Backend<'_>) -> Outcome {
        let body = request.json();
        match request.action.as_str() {
            "CreatePipeline" => self.create(request, &body, backend).await,
            "UpdatePipeline" => self.update(request, &body, backend).await,
            "GetPipeline" => {
                let found = self.find(request, text(&body, "name"))?;
                Ok(json!({ "pipeline": found["pipeline"], "metadata": found["metadata"] }))
            }
            "ListPipelines" => {
                let all = self.pipelines.all(request);
                let all = all.iter().map(|one| {
                    let mut summary = chosen(
                        &one["pipeline"],
                        &["name", "version", "pipelineType", "executionMode"],
                    );
                    summary.extend(chosen(&one["metadata"], &["created", "updated"]));
                    Value::Object(summary)
                });
                Ok(json!({ "pipelines": all.collect::<Vec<_>>() }))
            }
            "DeletePipeline" => {
                // The call succeeds if the pipeline does not exist.
                self.pipelines.remove(request, text(&body, "name"));
                Ok(json!({}))
            }
            "ListTagsForResource" => {
                let found = self.tagged(request, &body)?;
                Ok(json!({ "tags": found["tags"] }))
            }
            "TagResource" | "UntagResource" => {
                let mut found = self.tagged(request, &body)?;
                found["tags"] = retagged(&found["tags"], &body, ["tagKeys", "tags", "key"]);
                let name = text(&found["pipeline"], "name").to_owned();
                self.pipelines.insert(request, &name, found);
                Ok(json!({}))
            }
            _ => undefined(request),
        }
    }

    /// Returns the pipeline with an ARN.
    pub(super) fn of_arn(&self, request: &Request, arn: &str) -> Option<Value> {
        let name = arn.rsplit(':').next()?;
        let found = self.pipelines.get(request, name)?;
        (found["metadata"]["pipelineArn"] == arn).then_some(found)
    }

    async fn create(&self, request: &Request, body: &Value, backend: &Backend<'_>) -> Outcome {
        let name = text(&body["pipeline"], "name");
        if self.pipelines.get(request, name).is_some() {
            let message = format!("A pipeline with the name '{name}' already exists in account");
            return refuse("PipelineNameInUseException", message);
        }
        let pipeline = checked(request, &body["pipeline"], 1, backend).await?;
        let (region, account) = (request.region(), &request.account);
        let tags: Vec<_> = entries(body, "tags").cloned().collect();
        let stored = json!({
            "pipeline": pipeline,
            "metadata": {
                "pipelineArn": format!("arn:aws:codepipeline:{region}:{account}:{name}"),
                "created": now(),
                "updated": now(),
            },
            "tags": tags,
        });
        self.pipelines.insert(request, name, stored);
        Ok(json!({ "pipeline": pipeline, "tags": tags }))
    }

    async fn update(&self, request: &Request, body: &Value, backend: &Backend<'_>) -> Outcome {
        let name = text(&body["pipeline"], "name");
        let mut stored = self.find(request, name)?;
        let version = stored["pipeline"]["version"].as_i64().unwrap_or(1) + 1;
        let pipeline = checked(request, &body["pipeline"], version, backend).await?;
        stored["pipeline"] = pipeline.clone();
        stored["metadata"]["updated"] = now();
        self.pipelines.insert(request, name, stored);
        Ok(json!({ "pipeline": pipeline }))
    }

    fn find(&self, request: &Request, name: &str) -> Result<Value, Failure> {
        match self.pipelines.get(request, name) {
            Some(found) => Ok(found),
            None => {
                let account = &request.account;
                let message =
                    format!("Account '{account}' does not have a pipeline with name '{name}'");
                refuse("PipelineNotFoundException", message)
            }
        }
    }

    fn tagged(&self, request: &Request, body: &Value) -> Result<Value, Failure> {
        let arn = text(body, "resourceArn");
        match self.of_arn(request, arn) {
            Some(found) => Ok(found),
            None => refuse("ResourceNotFoundException", format!("{arn} not found")),
        }
    }
}

/// Returns the pipeline as GetPipeline returns it, after checking its structure and its role.
async fn checked(
    request: &Request,
    pipeline: &Value,
    version: i64,
    backend: &Backend<'_>,
) -> Result<Value, Failure> {
    structure::check(pipeline)?;
    let role = text(pipeline, "roleArn");
    if !trust::is_assumable(request, role, "codepipeline.amazonaws.com", backend).await? {
        let message =
            format!("CodePipeline is not authorized to perform AssumeRole on role {role}");
        return refuse("InvalidStructureException", message);
    }
    Ok(structure::completed(pipeline, version))
}
