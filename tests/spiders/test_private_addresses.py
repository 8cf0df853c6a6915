"""No page leads a visit to an address of this machine or its network, whatever the name it goes by."""

from __future__ import annotations

import pytest

from spiders.agent.addresses import Gate


def test_a_name_that_means_a_private_address_is_refused_in_every_form() -> None:
    forms = "127.1 0x7f.0.0.1 0177.0.0.1 2130706433 localhost LOCALHOST. [::1] [::ffff:7f00:1] [::ffff:127.0.0.1]"
    more = (
        "[64:ff9b::7f00:1] [64:ff9b:1::a00:1] [::7f00:1] [2002:7f00:1::] [fec0::1] [fd00::1] [fe80::1%25eth0] 0 0.0.0.0"
    )
    gate = Gate("http://192.168.1.5:8000/shop")
    let_in = [form for form in (*forms.split(), *more.split()) if gate.refusal(f"http://{form}/x") is None]
    assert let_in == []
    assert gate.refusal("http://[64:ff9b::808:808]/x") is None
    assert gate.refusal("http://192.168.1.5:8000/other") is None


def test_a_name_that_changes_its_mind_after_the_gate_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the gate sees a public address, the connection would get a private one."""
    from twisted.internet.error import DNSLookupError

    from spiders.agent.addresses import _only_public

    monkeypatch.setattr("spiders.agent.addresses.resolve", lambda host: ["93.184.216.34"])
    assert Gate(None).refusal("http://rebinding.example/") is None
    with pytest.raises(DNSLookupError, match="private address"):
        _only_public("127.0.0.1", "rebinding.example")
