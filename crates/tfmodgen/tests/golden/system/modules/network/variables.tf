# Golden of a test. `UPDATE=1 cargo test -p tfmodgen --test network` writes it.

variable "name" {
  description = "Name prefix of everything that has a name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}$", var.name))
    error_message = "The name has 2 to 23 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "cidr_block" {
  description = "Address range of the VPC."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr_block))
    error_message = "The range is an IPv4 CIDR block such as 10.0.0.0/16."
  }
}

variable "availability_zones" {
  description = "Zones to have a public and a private subnet in."
  type        = list(string)
  nullable    = false

  validation {
    condition = (
      length(var.availability_zones) >= 2 &&
      length(distinct(var.availability_zones)) == length(var.availability_zones)
    )
    error_message = "At least two zones are needed, each once."
  }
}

variable "nat_gateway" {
  description = "How private subnets reach the internet."
  type        = string
  default     = "single"
  nullable    = false

  validation {
    condition     = contains(["none", "single"], var.nat_gateway)
    error_message = "The choices are none and single."
  }
}

variable "interface_endpoints" {
  description = "Interface endpoints, by a name of your choice."
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
    error_message = "A service has lower-case letters, digits, full stops and hyphens, such as ecr.api."
  }
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
