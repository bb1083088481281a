"""Print the secrets with which the processes reach a cluster's broker, and the broker's definitions of their users.

    python -m deploy.k8s.broker_secrets rabbitmq | kubectl apply --filename -

`BAIJIA_AMQP_PASSWORD` is the password of the broker's administrator, from which the others follow; without it a new one
is made, and then the definitions must be imported again.
"""

import os
import secrets

import click
import yaml

from deploy.docker.compose import AMQP_PASSWORD
from deploy.k8s import pods
from deploy.topology import broker_accounts
from deploy.topology.broker_rights import RIGHTS

DEFINITIONS = "baijia-broker-definitions"


def documents(address: str, secret: str) -> list[dict[str, object]]:
    """Return a Kubernetes secret for each user of the broker at `address`, and one with the definitions of all users.

    `secret` is the administrator's password.
    """
    found = [
        _secret(pods.broker_secret(name), "BAIJIA_AMQP_URI", broker_accounts.uri(secret, name, address))
        for name in RIGHTS
    ]
    return [*found, _secret(DEFINITIONS, "definitions.json", broker_accounts.definitions(secret))]


def _secret(name: str, key: str, value: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": pods.meta(name), "stringData": {key: value}}


@click.command(help=__doc__)
@click.argument("address")
def main(address: str) -> None:
    secret = os.environ.get(AMQP_PASSWORD) or secrets.token_hex(16)
    click.echo(yaml.safe_dump_all(documents(address, secret), sort_keys=False), nl=False)


if __name__ == "__main__":
    main()
