//! Maps ECS API fields to the attributes that configure them.

/// Returns the attribute that configures the ECS API field at this path. If no attribute configures the field, returns a
/// description. Most attributes have the field name in snake case.
#[must_use]
pub(super) fn attribute_of(path: &str) -> String {
    let name = match path {
        "capacityProviderStrategy" => "capacity",
        "deploymentConfiguration.deploymentCircuitBreaker" => "circuit_breaker",
        "ephemeralStorage.sizeInGiB" => "ephemeral_storage_gib",
        "loadBalancers" => "load_balancer",
        "logConfiguration" => "log",
        "name" => "the container name",
        "networkConfiguration" => "network",
        "portMappings" | "portMappings.containerPort" => "port",
        "portMappings.appProtocol" => "the port protocol",
        "portMappings.name" => "the port name",
        "serviceConnectConfiguration" => "service_connect",
        _ => return snake_case(path.rsplit('.').next().unwrap_or(path)),
    };
    name.to_owned()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
