# The import id is the cluster and the name of the bundle; its services are found by their tags, or else by their names.
tofu import skreg_ecs_service_bundle.this 'shop/shop'

# Services that are not named <name>-<key> are named by the id.
tofu import skreg_ecs_service_bundle.this 'shop/shop?api=web,worker=jobs'
