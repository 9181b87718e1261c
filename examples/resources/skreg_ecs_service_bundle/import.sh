# The import id is the cluster and the name of the bundle; its services are found by their tags.
tofu import skreg_ecs_service_bundle.this 'shop/shop'
