//! Attributes that configure fields of the ECS API.

/// Returns the attribute that configures the field at this path in the ECS API, or a description of the field if no
/// attribute configures it. Most attributes have the name of the field in snake case.
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
