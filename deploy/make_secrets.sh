#!/usr/bin/env bash
# Makes the secrets that compose.yaml mounts, once: what is there stays.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
random() { head -c 48 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
keep() { [ -e "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"; }

keep secret_key "$(random)"
keep metrics_token "$(random)"
keep grafana_password "$(random)"
keep database_password "$(random)"
keep broker_password "$(random)"
keep database_url "postgres://careerai:$(cat secrets/database_password)@postgres:5432/careerai"
keep broker_url "amqp://careerai:$(cat secrets/broker_password)@rabbitmq:5672//"
keep rabbitmq.conf "default_user = careerai
default_pass = $(cat secrets/broker_password)
"
# The containers, into which each file is mounted by itself, read them as users of their own; nobody else gets past the folder.
chmod 644 secrets/*
chmod 700 secrets
echo "Secrets are in $PWD/secrets. Keep secret_key with your backups."
