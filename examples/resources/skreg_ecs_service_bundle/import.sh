# The import ID consists of the cluster and the bundle name. The provider finds the services by their tags or, if the tags
# are missing, by their names.
tofu import skreg_ecs_service_bundle.this 'shop/shop'

# If service names differ from <name>-<key>, specify them in the import ID.
tofu import skreg_ecs_service_bundle.this 'shop/shop?api=web,worker=jobs'
