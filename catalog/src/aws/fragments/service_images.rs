//! Images that services run, and the placeholder that runs until an image is configured.

use tfmodgen::Local;
use tfmodgen::prelude::*;

use crate::aws::inputs::services::IMAGE;

/// Placeholder image that runs until an image is configured.
const PLACEHOLDER: &str = "public.ecr.aws/amazonlinux/amazonlinux:2023";

/// Declares the image repository, tag, and digest for each service as the local value `images`. An empty URI selects the
/// placeholder.
pub(crate) fn images_of(m: &mut Module, uris: Expr<Map<Str>>) -> Local<Map<Object>> {
    let uris = m.local("image_uris", uris);
    m.local(
        "images",
        uris.iterate("service", "uri").into_map(|service, uri| {
            let runs = conditional(uri.equals(""), PLACEHOLDER, uri);
            (service, regex(IMAGE, runs).typed::<Object>())
        }),
    )
    .comment("Repository, tag, and digest of each image.")
}
