"""Tokens by the function: the same by both roads, of all agencies, and never mixed with other ones."""

import warnings

import pytest

from gateway.bootstrap import Gateway, open_gateway
from gateway.client.numbers import asking
from gateway.pipeline.link import link
from gateway.pipeline.numbers import NumbersMixed
from linkage.oprf import group
from linkage.tokens import LinkageKey, tokenise
from linkage.tokens.oblivious import ObliviousNumbers
from linkage.tokens.with_numbers import WithNumbers
from tests.unit.oblivious.sent import (
    client_of,
    identifiers_of,
    officer,
    quiet,
    send,
    stored_tokens,
    told_keys,
)

with warnings.catch_warnings():
    # Starlette asks for a client that nobody else here needs.
    warnings.simplefilter("ignore")


title = "One number has one token, by whichever road, and two kinds are not mixed"

pytestmark = pytest.mark.skipif(not group.is_installed(), reason="the extra oprf is not installed")

NUMBERS = {("health", "ecds"): "nhs_number", ("council", "social_care"): "nhs_number"}


def test_both_roads_give_the_same_tokens(gateway, web, extracts):
    file = extracts["health", "ecds"]
    identifiers = identifiers_of(gateway, file)
    today = gateway.wiring.clock().date().isoformat()
    client = client_of(gateway, web, "health")

    numbers = ObliviousNumbers(
        told_keys(client), asking(client, "health", "ecds", today), at_once=64
    )
    at_home = tokenise(
        identifiers, WithNumbers(LinkageKey(b"\1" * 32), numbers), namespace="health"
    )
    at_the_gateway = stored_tokens(gateway, send(gateway, file))

    left, right = at_home["nhs_number_exact"], at_the_gateway["nhs_number_exact"]
    assert left.n_unique() > 50
    assert left.sort().to_list() == right.sort().to_list()


def test_two_agencies_have_one_token_for_one_number(gateway, extracts):
    there = {
        key: stored_tokens(gateway, send(gateway, extracts[key]))["nhs_number_exact"].drop_nulls()
        for key in NUMBERS
    }
    both = [identifiers_of(gateway, extracts[key])["nhs_number"].drop_nulls() for key in NUMBERS]

    shared = set(both[0]) & set(both[1])
    assert len(shared) > 5
    assert len(set.intersection(*(set(each) for each in there.values()))) == len(shared)


def test_the_tokens_are_not_those_of_the_linkage_key(gateway, extracts):
    file = extracts["health", "ecds"]
    wiring = gateway.wiring
    key = LinkageKey(wiring.keys.linkage_key(wiring.linkage.domain, wiring.linkage.epoch))
    keyed = tokenise(identifiers_of(gateway, file), key, namespace="health")
    stored = stored_tokens(gateway, send(gateway, file))

    assert not set(keyed["nhs_number_exact"].drop_nulls()) & set(stored["nhs_number_exact"])
    assert set(keyed["surname_exact"]) == set(stored["surname_exact"])


def test_a_run_over_two_kinds_of_tokens_is_refused_and_says_which_to_send_again(settings, extracts):
    keyed = open_gateway(settings.model_copy(update={"national_numbers": "keyed"}))
    old = send(keyed, extracts["council", "social_care"])
    send(keyed, extracts["police", "contacts"])  # has no national number: stays as it is
    keyed.close()
    oblivious = open_gateway(settings)
    new = send(oblivious, extracts["health", "ecds"])

    refusal = run_refused(oblivious)
    oblivious.close()

    assert old in refusal
    assert new not in refusal


def test_new_keys_of_the_function_make_old_tokens_another_kind(settings, extracts):
    first = open_gateway(settings)
    old = send(first, extracts["health", "ecds"])
    first.close()
    second = open_gateway(settings.model_copy(update={"oprf_epoch": 2}))

    refusal = run_refused(second)
    second.close()

    assert old in refusal


def run_refused(gateway: Gateway) -> str:
    asked = gateway.wiring.operation(officer("gateway", "linkage_officer"), "link")
    with gateway.door.open(asked) as access, pytest.raises(NumbersMixed) as refused:
        link(access, gateway.wiring, quiet)
    return str(refused.value)


def test_the_keys_change_with_domain_and_epoch(gateway):
    keys = gateway.wiring.keys
    seeds = {keys.oprf_seed("a", 1), keys.oprf_seed("a", 2), keys.oprf_seed("b", 1)}

    assert len(seeds) == 3
    assert keys.linkage_key("a", 1) not in seeds
