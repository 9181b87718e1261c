#!/usr/bin/env bash
# Doubles of tofu, kubectl, skopeo, and aws. CLUSTER is a folder with the facts: a file for each object that exists, and
# files that make a command fail. Each call is a line in `calls`.
set -euo pipefail
cd_to="$CLUSTER"
program="${0##*/}"
folder=""
words=()
kubeconfig=""
for word in "$@"; do
  case "$word" in
    -chdir=*) folder="${word#-chdir=}" ;;
    --kubeconfig=*) kubeconfig="${word#--kubeconfig=}" ;;
    *) words+=("$word") ;;
  esac
done
echo "$program ${folder##*/} ${words[*]//$'\n'/ }" >> "$cd_to/calls"
for name in KUBECONFIG KUBE_CONFIG_PATH GITHUB_TOKEN ENVIRONMENT_KEY; do
  if [ -n "${!name:-}" ]; then
    echo "$program received $name" >> "$cd_to/leaks"
  fi
done

# Counts the calls that must fail, down to zero.
fails() {
  local left
  left="$(cat "$cd_to/$1" 2>/dev/null || echo 0)"
  if [ "$left" -le 0 ]; then
    return 1
  fi
  echo $((left - 1)) > "$cd_to/$1"
}

exists() {
  [ -e "$cd_to/$1" ]
}

case "$program ${words[0]}" in
  "tofu init")
    if [ "${folder##*/}" = base ]; then
      grep -q terraform_remote_state "$folder/main.tf"
    else
      grep -q 'backend "s3"' "$folder/backend_override.tf"
      printf '%s\n' "${words[@]}" | grep backend-config > "$cd_to/backend"
    fi ;;
  "tofu plan")
    if [ "${folder##*/}" = base ]; then
      echo "${TF_VAR_base_state:?}" > "$cd_to/base_state"
      touch "${words[2]#-out=}"
      exit
    fi
    if fails plan_failures; then
      echo "Error: the provider is not available" >&2
      exit 1
    fi
    env | grep '^TF_VAR_' | sort > "$cd_to/variables"
    echo "${TF_VAR_web_image:?}" > "$cd_to/planned" ;;
  "tofu show")
    if [ "${folder##*/}" = base ]; then
      printf '{"planned_values":{"outputs":{"base":{"value":{"kubeconfig":"secret-kubeconfig","gateway_name":"shared",'
      printf '"gateway_namespace":"gateway","tls_secret_name":"%s",' "$(cat "$cd_to/tls_secret_name" 2>/dev/null || echo wildcard)"
      printf '"postgresql_host":"db.default.svc.cluster.local","postgresql_port":5432,"postgresql_sslmode":"require",'
      printf '"postgresql_namespace":"default","postgresql_admin_secret":"admin","postgresql_image":"postgres:17"}}}}}'
    elif [ "${words[1]}" = -json ]; then
      address="$(cat "$cd_to/drift" 2>/dev/null || echo kubernetes_namespace.this)"
      printf '{"resource_changes":[{"address":"%s","change":{"actions":["create"],"before":null,"after":{"image":"%s","password":"p"},"after_sensitive":{"password":true}}}]}' \
        "$address" "$(cat "$cd_to/planned")"
    else
      # shellcheck disable=SC2016 # The backticks are text.
      printf '# kubernetes_namespace.this will be created\n```\n</details> password = (sensitive value)\n'
    fi ;;
  "tofu apply")
    touch "$cd_to/state"
    if fails apply_failures; then
      echo "Error: connection refused" >&2
      exit 1
    fi
    touch "$cd_to/namespace" "$cd_to/database"
    echo "$TF_VAR_web_image" > "$cd_to/deployed" ;;
  "tofu output")
    printf '{"web_url":{"value":"%s"},"api_url":{"value":"%s"},"database_name":{"value":"shop_pr_12"},"namespace":{"value":"preview-pr-12"}}' \
      "$(cat "$cd_to/web_url")" "$(cat "$cd_to/api_url")" ;;
  "tofu destroy")
    if exists lock; then
      # The message of OpenTofu, with its colors.
      printf '\033[31m╷\n│ \033[1mError: \033[0mError acquiring the state lock\n│ \n│ Error message: operation error S3: PutObject, StatusCode: 412\n' >&2
      printf '│ Lock Info:\n│   ID:        0f2e1d3c-1111-2222-3333-444455556666\n│   Path:      states/preview/pr-12.tfstate\n' >&2
      printf '│   Operation: OperationTypeApply\n│   Who:       runner@fv-az1234-567\n│   Version:   1.12.6\n' >&2
      printf '│   Created:   2026-01-02 03:04:05.678901234 +0000 UTC\n│   Info:      \n│ \n│ \n│ ' >&2
      printf 'OpenTofu acquires a state lock to protect the state from being written\n│ by multiple users at the same time. ' >&2
      printf 'Please resolve the issue above and try\n│ again. For most commands, you can disable locking with the "-lock=false"\n│ ' >&2
      printf 'flag, but this is not recommended.\n╵\n' >&2
      exit 1
    fi
    if fails destroy_failures; then
      echo "Error: connection refused" >&2
      exit 1
    fi
    if exists stuck; then
      echo "Error: access denied" >&2
      exit 1
    fi
    rm -f "$cd_to/state"
    if ! exists lingers; then
      rm -f "$cd_to/namespace" "$cd_to/database"
    fi ;;
  "tofu force-unlock") rm -f "$cd_to/lock" ;;
  "tofu state")
    if exists state; then
      echo kubernetes_namespace.this
    fi ;;
  "kubectl "*)
    [ "$(cat "$kubeconfig")" = secret-kubeconfig ]
    case "${words[0]} ${words[1]}" in
      "get namespace")
        if exists namespace; then
          if [ "${words[*]: -1}" = --output=json ]; then
            echo '{"spec":{"finalizers":["kubernetes"]}}'
          else
            echo namespace/preview-pr-12
          fi
        fi ;;
      "get deployments") printf 'deployment.apps/web\ndeployment.apps/api\n' ;;
      "rollout status")
        if exists pods_fail; then
          echo "error: timed out waiting for the condition" >&2
          exit 1
        fi ;;
      "delete namespace")
        if exists finalizers; then
          echo "error: timed out waiting for the condition" >&2
          exit 1
        fi
        rm -f "$cd_to/namespace" ;;
      "replace --raw")
        grep -q '"finalizers": \[\]'
        rm -f "$cd_to/namespace" ;;
      "run "*)
        grep -q '"secretKeyRef": {"name": "admin", "key": "password"}' <<< "${words[*]}"
        statements="$(cat)"
        case "$statements" in
          *"DROP DATABASE IF EXISTS \"shop_pr_12\" WITH (FORCE)"*)
            if ! exists stuck; then
              rm -f "$cd_to/database"
            fi ;;
          *"pg_database WHERE datname = 'shop_pr_12'"*)
            if exists database; then
              echo shop_pr_12
            fi ;;
        esac
        echo "done" ;;
      *) exit 64 ;;
    esac ;;
  "skopeo login") [ -n "$(cat)" ] ;;
  "skopeo copy")
    for word in "${words[@]}"; do
      case "$word" in
        --digestfile=*)
          printf 'sha256:%s' "$(cat "$cd_to/digest" 2>/dev/null || printf 'a%.0s' {1..64})" > "${word#--digestfile=}" ;;
      esac
    done ;;
  "aws s3api")
    if [ "${words[1]}" = head-object ]; then
      echo "An error occurred (404) when calling the HeadObject operation: Not Found" >&2
      exit 254
    fi ;;
  *) exit 64 ;;
esac
