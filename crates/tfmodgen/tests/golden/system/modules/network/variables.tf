# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

variable "name" {
  description = "Prefix of all resource names."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}$", var.name))
    error_message = "The name must have 2 to 23 lowercase letters, digits, and hyphens, and start with a letter."
  }
}

variable "cidr_block" {
  description = "Address range of the VPC."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr_block))
    error_message = "The range must be an IPv4 CIDR block, such as 10.0.0.0/16."
  }
}

variable "availability_zones" {
  description = "Availability Zones of the subnets."
  type        = list(string)
  nullable    = false

  validation {
    condition = (
      length(var.availability_zones) >= 2 &&
      length(distinct(var.availability_zones)) == length(var.availability_zones)
    )
    error_message = "Specify at least two distinct zones."
  }
}

variable "nat_gateway" {
  description = "Internet access for private subnets."
  type        = string
  default     = "single"
  nullable    = false

  validation {
    condition     = contains(["none", "single"], var.nat_gateway)
    error_message = "The value must be none or single."
  }
}

variable "interface_endpoints" {
  description = "Interface endpoints, keyed by an arbitrary name."
  type = map(object({
    service     = string
    private_dns = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for endpoint in var.interface_endpoints : can(regex("^[a-z0-9.-]+$", endpoint.service))
    ])
    error_message = "A service name must contain only lowercase letters, digits, periods, and hyphens, such as ecr.api."
  }
}

variable "tags" {
  description = "Tags for all resources that support tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
